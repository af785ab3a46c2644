/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where MSI-X tables may be (patch 12).  Xen writes to them, makes their pages
 * read-only for dom0, and writable again when they are out of use.  And which
 * devices Xen forgets when dom0 says so (patch 15).
 */
#include "private.h"

#include <xen/init.h>
#include <xen/iocap.h>
#include <xen/pci.h>
#include <xen/rangeset.h>

#include <asm/hvm/io.h>
#include <asm/msi.h>

/* What was read-only before dom0 ran: for other reasons than MSI-X. */
static struct rangeset *__ro_after_init fixed;

static int __init cf_check add_fixed(unsigned long first, unsigned long last,
                                     void *unused)
{
    return rangeset_add_range(fixed, first, last);
}

void __init fbc_msix_init(void)
{
    fixed = rangeset_new(NULL, "read-only for good", 0);
    if ( !fixed ||
         rangeset_report_ranges(mmio_ro_ranges, 0, ~0UL, add_fixed, NULL) )
        panic("fbcrypt: no memory for a range\n");
}

bool fbcrypt_host_mmio(mfn_t first, mfn_t last)
{
    unsigned long mfn;

    if ( !fixed )
        return true;

    if ( mfn_x(last) < mfn_x(first) ||
         !iomem_access_permitted(hardware_domain, mfn_x(first),
                                 mfn_x(last)) ||
         rangeset_overlaps_range(fixed, mfn_x(first), mfn_x(last)) )
        return false;

    for ( mfn = mfn_x(first); mfn <= mfn_x(last); mfn++ )
    {
        if ( page_get_ram_type(_mfn(mfn)) &
             (RAM_TYPE_CONVENTIONAL | RAM_TYPE_UNUSABLE | RAM_TYPE_ACPI) )
            return false;
        if ( mfn_valid(_mfn(mfn)) &&
             page_get_owner(mfn_to_page(_mfn(mfn))) != dom_io )
            return false;
    }

    return true;
}

static bool has_table(const struct domain *d, unsigned long mfn)
{
    const struct pci_dev *pdev;

    for_each_pdev ( d, pdev )
    {
        const struct arch_msix *m = pdev->msix;

        if ( m && m->used_entries &&
             ((mfn >= m->table.first && mfn <= m->table.last) ||
              (mfn >= m->pba.first && mfn <= m->pba.last)) )
            return true;
    }

    return false;
}

/* Small tables of two devices may share a page. */
static bool in_use(unsigned long mfn)
{
    const struct domain *d;
    bool used = !pcidevs_locked() || has_table(dom_io, mfn);

    if ( used )
        return true;

    rcu_read_lock(&domlist_read_lock);
    for_each_domain ( d )
        used = used || has_table(d, mfn);
    rcu_read_unlock(&domlist_read_lock);

    return used;
}

int fbcrypt_msix_unused(unsigned long first, unsigned long last)
{
    unsigned long mfn;
    int rc = 0;

    if ( !fixed )
        return rangeset_remove_range(mmio_ro_ranges, first, last);

    for ( mfn = first; mfn <= last; mfn++ )
        if ( !rangeset_contains_singleton(fixed, mfn) && !in_use(mfn) )
            rc = rc ?: rangeset_remove_singleton(mmio_ro_ranges, mfn);

    return rc;
}

/*
 * An interrupt has a timer, an intercepted table names the device: neither goes
 * with it.
 */
int fbcrypt_pci_removable(const struct pci_dev *pdev)
{
    const struct domain *d;
    bool used = pdev->domain == dom_xen || !list_empty(&pdev->msi_list) ||
                (pdev->type != DEV_TYPE_PCI &&
                 pdev->type != DEV_TYPE_PCIe_ENDPOINT &&
                 pdev->type != DEV_TYPE_PCI_UNKNOWN);   /* a bridge */

    if ( !fbcrypt_enabled() )
        return 0;

    rcu_read_lock(&domlist_read_lock);
    for_each_domain ( d )
        used = used || msixtbl_has(d, pdev);
    rcu_read_unlock(&domlist_read_lock);

    return used ? -EBUSY : 0;
}
