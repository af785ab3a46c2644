/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Encrypted framebuffers: the calls from the rest of Xen.
 *
 * d->fbcrypt is set once in domain_create() and freed with the struct domain,
 * so a reader that may look at d may look at d->fbcrypt.
 */
#ifndef __XEN_FBCRYPT_H__
#define __XEN_FBCRYPT_H__

#include <xen/grant_table.h>
#include <xen/mm.h>
#include <xen/sched.h>

/* For fbcrypt_grant_frame(): a frame number came without a reference. */
#define FBCRYPT_NO_REF (~0u)

#ifdef CONFIG_FBCRYPT

/*
 * domain_create(), before the domain is visible.  It is protected if this
 * handle is the fingerprint of an owner's key (UUIDv8), or all are.
 */
int fbcrypt_domain_create(struct domain *d, const xen_domain_handle_t handle);

/*
 * domain_shutdown() and domain_resume(), under d's shutdown lock.  Who crashed
 * is not run on: Xen may have stopped it amid something, or because of what
 * dom0 has of it.  Nor is a protected guest that was not suspended.
 */
void fbcrypt_shutdown(struct domain *d, unsigned int reason);
bool fbcrypt_may_resume(const struct domain *d);

/* vcpu_create(): the first one allocates the store's shadow page. */
int fbcrypt_vcpu_create(struct vcpu *v);

/* domain_teardown(): preemptible, -ERESTART. */
int fbcrypt_domain_teardown(struct domain *d);

/* _domain_destroy() */
void fbcrypt_domain_free(struct domain *d);

/*
 * XEN_DOMCTL_unpausedomain, before the pause count changes.  The first one of
 * a protected domain ends the builder's rights and latches the pages that the
 * guest will use; an error refuses the unpause.  -ERESTART: call again.
 */
int fbcrypt_unpause(struct domain *d);

/* Has d been measured, if it is protected?  Else it must not run. */
bool fbcrypt_may_start(const struct domain *d);

/*
 * populate_physmap(): pages that d has got.  While it is built they are
 * cleared, so that what is measured does not depend on who had them before.
 */
void fbcrypt_populated(const struct domain *d, struct page_info *pg,
                       unsigned int order);

/* Is one of them protected? */
static inline bool fbcrypt_wants_evtchn(const struct domain *ld,
                                        const struct domain *rd)
{
    return unlikely(ld->fbcrypt || rd->fbcrypt);
}

/*
 * evtchn_send(ld, lport) with the channel bound to rport of rd, no locks
 * held, vCPU context.  0: deliver the event; FBCRYPT_EVTCHN_SWALLOW: drop it;
 * -ERESTART: call again.
 */
#define FBCRYPT_EVTCHN_SWALLOW 1
int fbcrypt_evtchn_send(struct domain *ld, evtchn_port_t lport,
                        struct domain *rd, evtchn_port_t rport);

/* evtchn_close(): d loses this port.  d->event_lock held. */
void fbcrypt_evtchn_close(struct domain *d, evtchn_port_t port);

/*
 * Returns the frame that a foreign mapping gets in place of mfn, which d owns
 * and calls frame.  Called with a page table of the mapper locked: neither
 * blocks nor allocates.
 */
mfn_t fbcrypt_redirect(struct domain *d, unsigned long frame, mfn_t mfn);

/*
 * The same where d has a p2m, in which gfn is pg (with a reference, which
 * passes to what is returned) or nothing.
 */
struct page_info *fbcrypt_foreign_page(struct domain *d, gfn_t gfn,
                                       struct page_info *pg);

/* May a domain other than its owner map this page?  Same context. */
bool fbcrypt_map_denied(struct domain *owner, const struct page_info *pg);

/*
 * The current domain wants to use a grant of rd, of what rd calls frame.  May
 * replace *pg
 * (reference included) and *mfn.  GNTST_okay or GNTST_permission_denied.
 * Grant table lock held.
 */
int fbcrypt_grant_frame(struct domain *rd, grant_ref_t ref,
                        unsigned long frame, struct page_info **pg,
                        mfn_t *mfn);

/* Is d beyond the reach of operations on another domain's behalf? */
bool fbcrypt_locked(const struct domain *d);

/* Is d protected, running or not? */
static inline bool fbcrypt_protected(const struct domain *d)
{
    return d->fbcrypt;
}

/* 0 or -EPERM: may this domctl be carried out on d, or, NULL, on none? */
struct xen_domctl;
int fbcrypt_domctl(const struct domain *d, const struct xen_domctl *op);

/*
 * With the domctl lock held: is d dying, and this nothing for who is?
 */
bool fbcrypt_is_over(const struct domain *d, unsigned int cmd);

/*
 * Is one of these frames memory?  Then it must not enter d's physical address
 * space as a device's.
 */
bool fbcrypt_mmio_denied(const struct domain *d, mfn_t mfn,
                         unsigned int order);

/* Are guests protected at all (command line)? */
bool fbcrypt_enabled(void);

/* dom0_setup_permissions(): takes away what dom0 would abuse. */
int fbcrypt_dom0_permissions(struct domain *d);

/*
 * EFI loader, once it has found its configuration built in: only such a boot
 * can be attested.  Asks the firmware to overwrite memory at the next reset,
 * whoever causes it.
 */
void fbcrypt_efi_measured(const void *runtime_services);
/* The same, when dom0's kernel is a file: Xen parses it with suspicion. */
void fbcrypt_efi_foreign_kernel(void);
extern bool fbcrypt_measured, fbcrypt_foreign_kernel;
extern bool fbcrypt_overwrites;     /* the firmware agreed */

/*
 * d does not have this port, but may read it and, as fbcrypt_io_write() says,
 * write it, through the emulation of PV I/O.
 */
bool fbcrypt_io_filtered(const struct domain *d, unsigned int port);
/* May d write it at all?  *data loses the bits that d may not set. */
bool fbcrypt_io_write(unsigned int port, unsigned int bytes, uint32_t *data);

/* May dom0 write this byte of CMOS RAM?  Of those that the clock has. */
bool fbcrypt_cmos_write(unsigned int index);

/*
 * May Xen write at these machine addresses because dom0 says so (as in a base
 * address register)?  Yes if dom0 could map and write them, but for another
 * MSI-X table there, and they are neither RAM nor anybody's.
 */
bool fbcrypt_host_mmio(mfn_t first, mfn_t last);

/*
 * An MSI-X table, or PBA, in these frames is out of use.  Takes them out of
 * mmio_ro_ranges, but for what is there for another reason: since boot, or for
 * another device's.  Without pcidevs_lock() held, it takes out none.
 * 0 or -errno.
 */
int __must_check fbcrypt_msix_unused(unsigned long first, unsigned long last);

/*
 * May Xen forget this device?  -EBUSY while an interrupt or a table of its is
 * in use, if it is Xen's own, or a bridge: by these the devices behind them are
 * found in the IOMMU.  Under pcidevs_lock().
 */
int fbcrypt_pci_removable(const struct pci_dev *pdev);

/*
 * Takes the hypervisor's key, or logs why there is none.  dom0 is built and
 * does not run yet; IOMMUs translate.
 */
void fbcrypt_start(struct domain *dom0);

/* Before the machine resets or halts; all other CPUs stand still. */
void fbcrypt_wipe_keys(void);

/* 0 or -EPERM: is this operation on the host known to be harmless? */
struct xen_sysctl;
int fbcrypt_sysctl(const struct xen_sysctl *op);
int fbcrypt_platform_op(unsigned int cmd);
int fbcrypt_mca(unsigned int cmd);
int fbcrypt_hypfs_op(unsigned int cmd);

/*
 * grant_table.c: forgets the domain builder's grants but those of the pages
 * of console and store, whose frames are as the guest names them.  dom0 must
 * have mapped no other, and the shadow in place of the store's; else -EBUSY.
 */
int gnttab_drop_preseeded(struct domain *d, unsigned long console_frame,
                          mfn_t console, unsigned long store_frame,
                          mfn_t store_shadow);

/*
 * grant_table.c: finds the next grant of d, from *ref on, that somebody has
 * mapped; returns its frame and moves *ref past it.  INVALID_MFN: no other.
 */
mfn_t gnttab_next_mapped(struct domain *d, grant_ref_t *ref);

/*
 * grant_table.c: the first reference under which d grants what it calls frame,
 * or ~0.
 */
grant_ref_t gnttab_find_frame(struct domain *d, unsigned long frame);

/*
 * grant_table.c: reads the frame in the entry of a reserved reference, as the
 * guest would name it, before the guest runs, or ~0.  No lock needed.
 */
unsigned long gnttab_seeded_frame(const struct domain *d, grant_ref_t ref);

#else /* !CONFIG_FBCRYPT */

static inline int fbcrypt_domain_create(struct domain *d,
                                        const xen_domain_handle_t handle)
{
    return 0;
}
static inline void fbcrypt_shutdown(struct domain *d, unsigned int reason) {}
static inline bool fbcrypt_may_resume(const struct domain *d) { return true; }
static inline int fbcrypt_vcpu_create(struct vcpu *v) { return 0; }
static inline int fbcrypt_domain_teardown(struct domain *d) { return 0; }
static inline void fbcrypt_domain_free(struct domain *d) {}
static inline int fbcrypt_unpause(struct domain *d) { return 0; }
static inline bool fbcrypt_may_start(const struct domain *d) { return true; }
static inline void fbcrypt_populated(const struct domain *d,
                                     struct page_info *pg,
                                     unsigned int order)
{
}
static inline bool fbcrypt_wants_evtchn(const struct domain *ld,
                                        const struct domain *rd)
{
    return false;
}
static inline int fbcrypt_evtchn_send(struct domain *ld, evtchn_port_t lport,
                                      struct domain *rd, evtchn_port_t rport)
{
    return 0;
}
static inline void fbcrypt_evtchn_close(struct domain *d, evtchn_port_t port)
{
}
static inline mfn_t fbcrypt_redirect(struct domain *d, unsigned long frame,
                                     mfn_t mfn)
{
    return mfn;
}
static inline struct page_info *fbcrypt_foreign_page(struct domain *d,
                                                     gfn_t gfn,
                                                     struct page_info *pg)
{
    return pg;
}
static inline bool fbcrypt_map_denied(struct domain *owner,
                                      const struct page_info *pg)
{
    return false;
}
static inline int fbcrypt_grant_frame(struct domain *rd, grant_ref_t ref,
                                      unsigned long frame,
                                      struct page_info **pg, mfn_t *mfn)
{
    return 0;
}
static inline bool fbcrypt_locked(const struct domain *d) { return false; }
static inline bool fbcrypt_protected(const struct domain *d) { return false; }
static inline int fbcrypt_domctl(const struct domain *d,
                                 const struct xen_domctl *op)
{
    return 0;
}
static inline bool fbcrypt_is_over(const struct domain *d, unsigned int cmd)
{
    return false;
}
static inline bool fbcrypt_mmio_denied(const struct domain *d, mfn_t mfn,
                                       unsigned int order)
{
    return false;
}
static inline bool fbcrypt_enabled(void) { return false; }
static inline int fbcrypt_dom0_permissions(struct domain *d) { return 0; }
static inline void fbcrypt_start(struct domain *dom0) {}
static inline void fbcrypt_wipe_keys(void) {}
#define fbcrypt_foreign_kernel false
static inline void fbcrypt_efi_measured(const void *rs) {}
static inline void fbcrypt_efi_foreign_kernel(void) {}
static inline bool fbcrypt_io_filtered(const struct domain *d,
                                       unsigned int port)
{
    return false;
}
static inline bool fbcrypt_io_write(unsigned int port, unsigned int bytes,
                                    uint32_t *data)
{
    return true;
}
static inline bool fbcrypt_cmos_write(unsigned int index) { return true; }
static inline bool fbcrypt_host_mmio(mfn_t first, mfn_t last) { return true; }
#define fbcrypt_msix_unused(first, last) \
    rangeset_remove_range(mmio_ro_ranges, first, last)
static inline int fbcrypt_pci_removable(const struct pci_dev *pdev)
{
    return 0;
}
static inline int fbcrypt_sysctl(const struct xen_sysctl *op) { return 0; }
static inline int fbcrypt_platform_op(unsigned int cmd) { return 0; }
static inline int fbcrypt_mca(unsigned int cmd) { return 0; }
static inline int fbcrypt_hypfs_op(unsigned int cmd) { return 0; }

#endif /* CONFIG_FBCRYPT */

#endif /* __XEN_FBCRYPT_H__ */
