/* SPDX-License-Identifier: GPL-2.0-only */
/* Command/response buffer interface (CRB) of a TPM. */
#include "tpm_io.h"

/* Of a locality. */
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

#define CANCEL_TIME     MILLISECS(200)

/* Locality and a TPM that is ready for a command, or all given back. */
static void __init crb_end(void)
{
    writel(REQ_IDLE, tpm_io.control.va + CTRL_REQ);
    tpm_await(&tpm_io.control, CTRL_REQ, false, REQ_IDLE, 0);
    if ( tpm_io.locality )
        writel(LOC_RELINQUISH, tpm_io.regs.va + CRB_LOC_CTRL);
}

static bool __init crb_begin(void)
{
    if ( tpm_io.locality )
    {
        writel(LOC_REQUEST, tpm_io.regs.va + CRB_LOC_CTRL);
        if ( !tpm_await(&tpm_io.regs, CRB_LOC_STS, false, LOC_GRANTED,
                        LOC_GRANTED) )
            goto fail;
    }

    writel(REQ_READY, tpm_io.control.va + CTRL_REQ);
    if ( tpm_await(&tpm_io.control, CTRL_REQ, false, REQ_READY, 0) )
        return true;

 fail:
    crb_end();

    return false;
}

/* The buffers are memory, and may be one: no secret stays behind. */
void __init tpm_crb_wipe(void)
{
    size_t i;

    for ( i = 0; i < tpm_io.cmd.len; i++ )
        writeb(0, tpm_io.cmd.va + i);
    for ( i = 0; i < tpm_io.rsp.len; i++ )
        writeb(0, tpm_io.rsp.va + i);
    wmb();
}

/* A command that goes on could answer when the buffers were wiped. */
static void __init crb_cancel(void)
{
    writel(1, tpm_io.control.va + CTRL_CANCEL);
    tpm_io.limit = NOW() + CANCEL_TIME;
    tpm_io.dead = !tpm_await(&tpm_io.control, CTRL_START, false, 1, 0);
    writel(0, tpm_io.control.va + CTRL_CANCEL);
}

int __init tpm_crb_xfer(const uint8_t *cmd, size_t len, uint8_t *rsp,
                        size_t max, size_t *rsp_len)
{
    uint8_t __iomem *control = tpm_io.control.va;
    size_t i, n;
    int rc = -1;

    if ( len > tpm_io.cmd.len || !crb_begin() )
        return -1;

    for ( i = 0; i < len; i++ )
        writeb(cmd[i], tpm_io.cmd.va + i);
    wmb();
    writel(1, control + CTRL_START);
    if ( !tpm_await(&tpm_io.control, CTRL_START, false, 1, 0) )
    {
        crb_cancel();
        goto out;
    }
    if ( readl(control + CTRL_STS) & STS_FATAL )
        goto out;
    rmb();

    for ( i = 0; i < TPM_HEADER_LEN; i++ )
        rsp[i] = readb(tpm_io.rsp.va + i);
    n = fbc_get_be32(rsp + 2);
    if ( n < TPM_HEADER_LEN || n > max || n > tpm_io.rsp.len )
        goto out;
    for ( ; i < n; i++ )
        rsp[i] = readb(tpm_io.rsp.va + i);

    *rsp_len = n;
    rc = 0;

 out:
    tpm_crb_wipe();
    crb_end();

    return rc;
}

const char *__init tpm_crb_find(paddr_t control)
{
    paddr_t cmd, rsp;
    size_t cmd_len, rsp_len;

    if ( !control )
        control = TPM_BASE + CRB_CONTROL;

    /* Without a page of registers there are no localities to ask for. */
    tpm_io.locality = control == TPM_BASE + CRB_CONTROL;
    if ( !tpm_map(&tpm_io.control, control, TPM_CONTROL_LEN) )
        return "control area cannot be mapped";

    /* Some keep the addresses only for who is to use them. */
    tpm_io.limit = NOW() + TPM_COMMAND_TIME;
    if ( !crb_begin() )
        return "not ready for a command";
    cmd = readl(tpm_io.control.va + CTRL_CMD_ADDR) |
          (paddr_t)readl(tpm_io.control.va + CTRL_CMD_ADDR + 4) << 32;
    cmd_len = readl(tpm_io.control.va + CTRL_CMD_SIZE);
    rsp = readl(tpm_io.control.va + CTRL_RSP_ADDR) |
          (paddr_t)readl(tpm_io.control.va + CTRL_RSP_ADDR + 4) << 32;
    rsp_len = readl(tpm_io.control.va + CTRL_RSP_SIZE);
    crb_end();

    if ( !tpm_map(&tpm_io.cmd, cmd, min_t(size_t, FBC_TPM_BUF, cmd_len)) )
        return "command buffer cannot be mapped";
    if ( !tpm_map(&tpm_io.rsp, rsp, min_t(size_t, FBC_TPM_BUF, rsp_len)) )
        return "response buffer cannot be mapped";

    return NULL;
}
