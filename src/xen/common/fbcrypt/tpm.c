/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TPM 2.0 at boot: FIFO (TIS) and CRB interface, locality 0, polled.  No
 * domain exists yet, so nobody else uses it.  What is said over it is in
 * core/tpm2.c and core/vmmkey.c.
 *
 * TCG PC Client Platform TPM Profile 1.05, chapter 6; TCG ACPI Specification.
 */
#include "private.h"

#include <xen/acpi.h>
#include <xen/delay.h>
#include <xen/init.h>
#include <xen/iocap.h>
#include <xen/softirq.h>
#include <xen/vmap.h>

#include <asm/io.h>

#include "tpm.h"

#define TPM_BASE        0xfed40000UL
#define TPM_LOCALITIES  5

/* Registers of a locality. */
#define TIS_ACCESS      0x00
#define   ACCESS_VALID      0x80
#define   ACCESS_ACTIVE     0x20
#define   ACCESS_REQUEST    0x02
#define TIS_STS         0x18            /* burst count in bits 8 to 23 */
#define   STS_VALID         0x80
#define   STS_READY         0x40
#define   STS_GO            0x20
#define   STS_DATA_AVAIL    0x10
#define   STS_EXPECT        0x08
#define TIS_FIFO        0x24
#define TPM_INTF_ID     0x30
#define   INTF_TYPE         0xf
#define   INTF_CRB          1
#define TIS_DID_VID     0xf00
#define CRB_LOC_CTRL    0x08
#define   LOC_REQUEST       1
#define   LOC_RELINQUISH    2
#define CRB_LOC_STS     0x0c
#define   LOC_GRANTED       1
#define CRB_CONTROL     0x40

/* The control area; at CRB_CONTROL of locality 0, or in memory by itself. */
#define CTRL_REQ        0x00
#define   REQ_READY         1
#define   REQ_IDLE          2
#define CTRL_STS        0x04
#define   STS_FATAL         1
#define CTRL_CANCEL     0x08
#define CTRL_START      0x0c
#define CTRL_CMD_SIZE   0x18
#define CTRL_CMD_ADDR   0x1c
#define CTRL_RSP_SIZE   0x24
#define CTRL_RSP_ADDR   0x28
#define CTRL_LEN        0x30

/* Start methods of the ACPI table. */
#define ACPI_START_TIS  6
#define ACPI_START_CRB  7

/* Tag, size, response code. */
#define HEADER_LEN      10

#define TPM_CC_PCR_EVENT 0x13c
#define TPM_CC_PCR_READ  0x17e

#define TPM_RC_RETRY    0x922
#define TPM_RC_YIELDED  0x908
#define TPM_RC_TESTING  0x90a
#define BUSY_MS         20

/* One command may take so long, and all of them together. */
#define COMMAND_TIME    SECONDS(5)
#define TOTAL_TIME      SECONDS(20)
/* What is left for the last of them, which close PCR 12. */
#define CAP_TIME        SECONDS(6)
#define CANCEL_TIME     MILLISECS(200)

struct __packed acpi_tpm2 {
    struct acpi_table_header header;
    uint32_t platform;
    uint64_t control;
    uint32_t start_method;
};

struct area {
    paddr_t start;
    size_t len;
    uint8_t __iomem *va;
};

static struct tpm {
    struct acpi_tpm2 *table;    /* NULL: there is none */
    bool crb, locality;
    bool dead;                  /* a command could not be cancelled */
    struct area regs, control, cmd, rsp;
    s_time_t deadline, limit;   /* of all commands, of this one */
} tpm __initdata;

/* dom0 does not get these, when it must not reach the TPM. */
static struct denied {
    paddr_t start;
    size_t len;
} denied[4] __initdata;
static unsigned int __initdata nr_denied;

static bool __init map(struct area *a, paddr_t start, size_t len)
{
    paddr_t p;

    /* Below 1 MiB ioremap() gives what iounmap() cannot take. */
    if ( start < MB(1) || !len || start + len < start ||
         (start + len) >> paddr_bits )
        return false;
    for ( p = start; p < start + len; p = (p | ~PAGE_MASK) + 1 )
        if ( page_is_ram_type(paddr_to_pfn(p), RAM_TYPE_CONVENTIONAL) )
            return false;

    a->start = start;
    a->len = len;
    a->va = ioremap(start, len);

    return a->va;
}

static void __init unmap(struct area *a)
{
    if ( a->va )
        iounmap(a->va);
    a->va = NULL;
}

/* Timekeeping goes on meanwhile. */
static void __init pause(void)
{
    process_pending_softirqs();
    cpu_relax();
}

static bool __init await(const struct area *a, unsigned int reg, bool byte,
                         uint32_t mask, uint32_t want)
{
    do {
        uint32_t v = byte ? readb(a->va + reg) : readl(a->va + reg);

        if ( (v & mask) == want )
            return true;
        pause();
    } while ( NOW() < tpm.limit );

    return false;
}

static uint32_t __init get_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* Bytes that may be moved now without looking again; 0: timed out. */
static unsigned int __init tis_burst(void)
{
    do {
        unsigned int n = (readl(tpm.regs.va + TIS_STS) >> 8) & 0xffff;

        if ( n )
            return n;
        pause();
    } while ( NOW() < tpm.limit );

    return 0;
}

static int __init tis_read(uint8_t *buf, size_t len)
{
    size_t i = 0;

    while ( i < len )
    {
        unsigned int burst = tis_burst();

        if ( !burst )
            return -1;
        while ( burst-- && i < len )
            buf[i++] = readb(tpm.regs.va + TIS_FIFO);
    }

    return 0;
}

static int __init tis_xfer(const uint8_t *cmd, size_t len, uint8_t *rsp,
                           size_t max, size_t *rsp_len)
{
    uint8_t __iomem *regs = tpm.regs.va;
    size_t i = 0, n;
    int rc = -1;

    writeb(ACCESS_REQUEST, regs + TIS_ACCESS);
    if ( !await(&tpm.regs, TIS_ACCESS, true, ACCESS_VALID | ACCESS_ACTIVE,
                ACCESS_VALID | ACCESS_ACTIVE) )
        goto relinquish;

    writeb(STS_READY, regs + TIS_STS);
    if ( !await(&tpm.regs, TIS_STS, true, STS_READY, STS_READY) )
        goto out;

    while ( i < len )
    {
        unsigned int burst = tis_burst();

        if ( !burst )
            goto out;
        while ( burst-- && i < len )
            writeb(cmd[i++], regs + TIS_FIFO);
    }

    if ( !await(&tpm.regs, TIS_STS, true, STS_VALID | STS_EXPECT, STS_VALID) )
        goto out;
    writeb(STS_GO, regs + TIS_STS);
    if ( !await(&tpm.regs, TIS_STS, true, STS_VALID | STS_DATA_AVAIL,
                STS_VALID | STS_DATA_AVAIL) )
        goto out;

    if ( tis_read(rsp, HEADER_LEN) )
        goto out;
    n = get_be32(rsp + 2);
    if ( n < HEADER_LEN || n > max ||
         tis_read(rsp + HEADER_LEN, n - HEADER_LEN) )
        goto out;
    /* The TPM has no more to say. */
    if ( !await(&tpm.regs, TIS_STS, true, STS_VALID | STS_DATA_AVAIL,
                STS_VALID) )
        goto out;

    *rsp_len = n;
    rc = 0;

 out:
    writeb(STS_READY, regs + TIS_STS);
 relinquish:
    writeb(ACCESS_ACTIVE, regs + TIS_ACCESS);

    return rc;
}

/* Locality and a TPM that is ready for a command, or all given back. */
static void __init crb_end(void)
{
    writel(REQ_IDLE, tpm.control.va + CTRL_REQ);
    await(&tpm.control, CTRL_REQ, false, REQ_IDLE, 0);
    if ( tpm.locality )
        writel(LOC_RELINQUISH, tpm.regs.va + CRB_LOC_CTRL);
}

static bool __init crb_begin(void)
{
    if ( tpm.locality )
    {
        writel(LOC_REQUEST, tpm.regs.va + CRB_LOC_CTRL);
        if ( !await(&tpm.regs, CRB_LOC_STS, false, LOC_GRANTED, LOC_GRANTED) )
            goto fail;
    }

    writel(REQ_READY, tpm.control.va + CTRL_REQ);
    if ( await(&tpm.control, CTRL_REQ, false, REQ_READY, 0) )
        return true;

 fail:
    crb_end();

    return false;
}

/* The buffers are memory, and may be one: no secret stays behind. */
static void __init crb_wipe(void)
{
    size_t i;

    for ( i = 0; i < tpm.cmd.len; i++ )
        writeb(0, tpm.cmd.va + i);
    for ( i = 0; i < tpm.rsp.len; i++ )
        writeb(0, tpm.rsp.va + i);
    wmb();
}

/* A command that goes on could answer when the buffers were wiped. */
static void __init crb_cancel(void)
{
    writel(1, tpm.control.va + CTRL_CANCEL);
    tpm.limit = NOW() + CANCEL_TIME;
    tpm.dead = !await(&tpm.control, CTRL_START, false, 1, 0);
    writel(0, tpm.control.va + CTRL_CANCEL);
}

static int __init crb_xfer(const uint8_t *cmd, size_t len, uint8_t *rsp,
                           size_t max, size_t *rsp_len)
{
    uint8_t __iomem *control = tpm.control.va;
    size_t i, n;
    int rc = -1;

    if ( len > tpm.cmd.len || !crb_begin() )
        return -1;

    for ( i = 0; i < len; i++ )
        writeb(cmd[i], tpm.cmd.va + i);
    wmb();
    writel(1, control + CTRL_START);
    if ( !await(&tpm.control, CTRL_START, false, 1, 0) )
    {
        crb_cancel();
        goto out;
    }
    if ( readl(control + CTRL_STS) & STS_FATAL )
        goto out;
    rmb();

    for ( i = 0; i < HEADER_LEN; i++ )
        rsp[i] = readb(tpm.rsp.va + i);
    n = get_be32(rsp + 2);
    if ( n < HEADER_LEN || n > max || n > tpm.rsp.len )
        goto out;
    for ( ; i < n; i++ )
        rsp[i] = readb(tpm.rsp.va + i);

    *rsp_len = n;
    rc = 0;

 out:
    crb_wipe();
    crb_end();

    return rc;
}

static int __init cf_check tpm_xfer(void *ctx, const uint8_t *cmd, size_t len,
                                    uint8_t *rsp, size_t max, size_t *rsp_len)
{
    s_time_t now = NOW(), deadline = tpm.deadline;
    int rc;

    if ( get_be32(cmd + 6) == TPM_CC_PCR_EVENT ||
         get_be32(cmd + 6) == TPM_CC_PCR_READ )
        deadline += CAP_TIME;
    if ( now >= deadline || tpm.dead )
        return -1;
    tpm.limit = min(now + COMMAND_TIME, deadline);

    rc = tpm.crb ? crb_xfer(cmd, len, rsp, max, rsp_len)
                 : tis_xfer(cmd, len, rsp, max, rsp_len);

    /* The command will be sent again. */
    if ( !rc )
        switch ( get_be32(rsp + 6) )
        {
        case TPM_RC_RETRY:
        case TPM_RC_YIELDED:
        case TPM_RC_TESTING:
            mdelay(BUSY_MS);
            break;
        }

    return rc;
}

static const char *__init crb_find(void)
{
    paddr_t control = TPM_BASE + CRB_CONTROL, cmd, rsp;
    size_t cmd_len, rsp_len;

    if ( tpm.table )
        control = tpm.table->control;

    /* Without a page of registers there are no localities to ask for. */
    tpm.locality = control == TPM_BASE + CRB_CONTROL;
    if ( !map(&tpm.control, control, CTRL_LEN) )
        return "control area cannot be mapped";

    /* Some keep the addresses only for who is to use them. */
    tpm.limit = NOW() + COMMAND_TIME;
    if ( !crb_begin() )
        return "not ready for a command";
    cmd = readl(tpm.control.va + CTRL_CMD_ADDR) |
          (paddr_t)readl(tpm.control.va + CTRL_CMD_ADDR + 4) << 32;
    cmd_len = readl(tpm.control.va + CTRL_CMD_SIZE);
    rsp = readl(tpm.control.va + CTRL_RSP_ADDR) |
          (paddr_t)readl(tpm.control.va + CTRL_RSP_ADDR + 4) << 32;
    rsp_len = readl(tpm.control.va + CTRL_RSP_SIZE);
    crb_end();

    if ( !map(&tpm.cmd, cmd, min_t(size_t, FBC_TPM_BUF, cmd_len)) )
        return "command buffer cannot be mapped";
    if ( !map(&tpm.rsp, rsp, min_t(size_t, FBC_TPM_BUF, rsp_len)) )
        return "response buffer cannot be mapped";

    return NULL;
}

/* Where nothing is, all bits read as one, or as zero. */
static bool __init tis_absent(void)
{
    uint16_t vendor = readl(tpm.regs.va + TIS_DID_VID);

    return !vendor || vendor == 0xffff;
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
         h->length >= sizeof(*tpm.table) )
        tpm.table = container_of(h, struct acpi_tpm2, header);

    if ( !map(&tpm.regs, TPM_BASE, PAGE_SIZE) )
        return false;

    intf = readl(tpm.regs.va + TPM_INTF_ID);
    if ( tpm.table )
        switch ( tpm.table->start_method )
        {
        case ACPI_START_TIS:
            break;
        case ACPI_START_CRB:
            tpm.crb = true;
            break;
        default:
            why = "needs ACPI methods";
        }
    else
        tpm.crb = (intf & INTF_TYPE) == INTF_CRB && ~intf;

    if ( !why && tpm.crb )
        why = crb_find();
    else if ( !why && tis_absent() )
    {
        if ( !tpm.table )
            return false;
        why = "no device answers";
    }

    if ( tpm.table )
        deny(tpm.table->control, CTRL_LEN);
    deny(tpm.cmd.start, tpm.cmd.len);
    deny(tpm.rsp.start, tpm.rsp.len);

    if ( why )
    {
        printk(XENLOG_WARNING "fbcrypt: TPM: %s\n", why);
        return false;
    }

    tpm.deadline = NOW() + TOTAL_TIME;
    memset(t, 0, sizeof(*t));
    t->xfer = tpm_xfer;

    return true;
}

const char *__init fbc_tpm_kind(void)
{
    return tpm.crb ? "CRB" : "TIS";
}

void __init fbc_tpm_close(bool exposed)
{
    if ( tpm.crb && tpm.cmd.va && tpm.rsp.va )
        crb_wipe();
    unmap(&tpm.regs);
    unmap(&tpm.control);
    unmap(&tpm.cmd);
    unmap(&tpm.rsp);

    /* In no other boot could dom0 make PCR 12 anything of worth. */
    if ( !exposed || !fbcrypt_measured )
        nr_denied = 0;
    else if ( tpm.table )
        /* "TPM2" to dom0's drivers no more; the checksum stays right. */
        memcpy(tpm.table->header.signature, "2MPT", 4);
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
