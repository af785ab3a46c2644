/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TPM 2.0 at boot: locality 0, polled.  No domain exists yet, so nobody
 * else uses it.  What is said over it is in core/tpm2.c and core/vmmkey.c.
 *
 * TCG PC Client Platform TPM Profile 1.05, chapter 6; TCG ACPI Specification.
 */
#include "private.h"

#include <xen/acpi.h>
#include <xen/delay.h>
#include <xen/iocap.h>
#include <xen/vmap.h>

#include "core/tpmspec.h"
#include "tpm_io.h"

#define TPM_LOCALITIES  5

#define TPM_INTF_ID     0x30
#define   INTF_TYPE         0xf
#define   INTF_CRB          1

/* Start methods of the ACPI table. */
#define ACPI_START_TIS  6
#define ACPI_START_CRB  7

#define BUSY_MS         20

/* What is left for the last commands, which close PCR 12. */
#define CAP_TIME        SECONDS(6)

struct __packed acpi_tpm2 {
    struct acpi_table_header header;
    uint32_t platform;
    uint64_t control;
    uint32_t start_method;
};

static struct acpi_tpm2 *__initdata table;          /* NULL: there is none */
static bool __initdata is_crb;
static s_time_t __initdata deadline;                /* of all commands */

/* dom0 does not get these, when it must not reach the TPM. */
static struct denied {
    paddr_t start;
    size_t len;
} denied[4] __initdata;
static unsigned int __initdata nr_denied;

static void __init unmap(struct tpm_area *a)
{
    if ( a->va )
        iounmap(a->va);
    a->va = NULL;
}

static int __init cf_check tpm_xfer(void *ctx, const uint8_t *cmd, size_t len,
                                    uint8_t *rsp, size_t max, size_t *rsp_len)
{
    s_time_t now = NOW(), end = deadline;
    int rc;

    if ( fbc_get_be32(cmd + 6) == FBC_TPM_CC_PCR_EVENT ||
         fbc_get_be32(cmd + 6) == FBC_TPM_CC_PCR_READ )
        end += CAP_TIME;
    if ( now >= end || tpm_io.dead )
        return -1;
    tpm_io.limit = min(now + TPM_COMMAND_TIME, end);

    rc = is_crb ? tpm_crb_xfer(cmd, len, rsp, max, rsp_len)
                 : tpm_tis_xfer(cmd, len, rsp, max, rsp_len);

    /* The command will be sent again. */
    if ( !rc )
        switch ( fbc_get_be32(rsp + 6) )
        {
        case FBC_TPM_RC_RETRY:
        case FBC_TPM_RC_YIELDED:
        case FBC_TPM_RC_TESTING:
            mdelay(BUSY_MS);
            break;
        }

    return rc;
}

static void __init deny(paddr_t start, size_t len)
{
    if ( !start || !len || start + len < start )
        return;
    ASSERT(nr_denied < ARRAY_SIZE(denied));
    denied[nr_denied].start = start;
    denied[nr_denied++].len = len;
}

bool __init fbc_tpm_open(struct fbc_tpm *t)
{
    struct acpi_table_header *h;
    const char *why = NULL;
    uint32_t intf;

    /* Until it has turned out that dom0 may have it. */
    deny(TPM_BASE, TPM_LOCALITIES * PAGE_SIZE);

    if ( !acpi_disabled && ACPI_SUCCESS(acpi_get_table("TPM2", 0, &h)) &&
         h->length >= sizeof(*table) )
        table = container_of(h, struct acpi_tpm2, header);

    if ( !tpm_map(&tpm_io.regs, TPM_BASE, PAGE_SIZE) )
        return false;

    intf = readl(tpm_io.regs.va + TPM_INTF_ID);
    if ( table )
        switch ( table->start_method )
        {
        case ACPI_START_TIS:
            break;
        case ACPI_START_CRB:
            is_crb = true;
            break;
        default:
            why = "needs ACPI methods";
        }
    else
        is_crb = (intf & INTF_TYPE) == INTF_CRB && ~intf;

    if ( !why && is_crb )
        why = tpm_crb_find(table ? table->control : 0);
    else if ( !why && tpm_tis_absent() )
    {
        if ( !table )
            return false;
        why = "no device answers";
    }

    if ( table )
        deny(table->control, TPM_CONTROL_LEN);
    deny(tpm_io.cmd.start, tpm_io.cmd.len);
    deny(tpm_io.rsp.start, tpm_io.rsp.len);

    if ( why )
    {
        printk(XENLOG_WARNING "fbcrypt: TPM: %s\n", why);
        return false;
    }

    deadline = NOW() + TPM_TOTAL_TIME;
    memset(t, 0, sizeof(*t));
    t->xfer = tpm_xfer;

    return true;
}

const char *__init fbc_tpm_kind(void)
{
    return is_crb ? "CRB" : "TIS";
}

void __init fbc_tpm_close(bool exposed)
{
    if ( is_crb && tpm_io.cmd.va && tpm_io.rsp.va )
        tpm_crb_wipe();
    unmap(&tpm_io.regs);
    unmap(&tpm_io.control);
    unmap(&tpm_io.cmd);
    unmap(&tpm_io.rsp);

    /* In no other boot could dom0 make PCR 12 anything of worth. */
    if ( !exposed || !fbcrypt_measured )
        nr_denied = 0;
    else if ( table )
        /* "TPM2" to dom0's drivers no more; the checksum stays right. */
        memcpy(table->header.signature, "2MPT", 4);
}

int __init fbc_tpm_permissions(struct domain *d)
{
    unsigned int i;
    int rc = 0;

    for ( i = 0; i < nr_denied; i++ )
        rc |= iomem_deny_access(d, paddr_to_pfn(denied[i].start),
                                paddr_to_pfn(denied[i].start +
                                             denied[i].len - 1));

    return rc;
}
