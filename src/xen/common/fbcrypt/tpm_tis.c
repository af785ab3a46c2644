/* SPDX-License-Identifier: GPL-2.0-only */
/* FIFO interface (TIS) of a TPM. */
#include "tpm_io.h"

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
#define TIS_DID_VID     0xf00

/* Bytes that may be moved now without looking again; 0: timed out. */
static unsigned int __init tis_burst(void)
{
    do {
        unsigned int n = (readl(tpm_io.regs.va + TIS_STS) >> 8) & 0xffff;

        if ( n )
            return n;
        tpm_pause();
    } while ( NOW() < tpm_io.limit );

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
            buf[i++] = readb(tpm_io.regs.va + TIS_FIFO);
    }

    return 0;
}

int __init tpm_tis_xfer(const uint8_t *cmd, size_t len, uint8_t *rsp,
                        size_t max, size_t *rsp_len)
{
    uint8_t __iomem *regs = tpm_io.regs.va;
    size_t i = 0, n;
    int rc = -1;

    writeb(ACCESS_REQUEST, regs + TIS_ACCESS);
    if ( !tpm_await(&tpm_io.regs, TIS_ACCESS, true,
                    ACCESS_VALID | ACCESS_ACTIVE,
                    ACCESS_VALID | ACCESS_ACTIVE) )
        goto relinquish;

    writeb(STS_READY, regs + TIS_STS);
    if ( !tpm_await(&tpm_io.regs, TIS_STS, true, STS_READY, STS_READY) )
        goto out;

    while ( i < len )
    {
        unsigned int burst = tis_burst();

        if ( !burst )
            goto out;
        while ( burst-- && i < len )
            writeb(cmd[i++], regs + TIS_FIFO);
    }

    if ( !tpm_await(&tpm_io.regs, TIS_STS, true, STS_VALID | STS_EXPECT,
                    STS_VALID) )
        goto out;
    writeb(STS_GO, regs + TIS_STS);
    if ( !tpm_await(&tpm_io.regs, TIS_STS, true, STS_VALID | STS_DATA_AVAIL,
                    STS_VALID | STS_DATA_AVAIL) )
        goto out;

    if ( tis_read(rsp, TPM_HEADER_LEN) )
        goto out;
    n = fbc_get_be32(rsp + 2);
    if ( n < TPM_HEADER_LEN || n > max ||
         tis_read(rsp + TPM_HEADER_LEN, n - TPM_HEADER_LEN) )
        goto out;
    /* The TPM has no more to say. */
    if ( !tpm_await(&tpm_io.regs, TIS_STS, true, STS_VALID | STS_DATA_AVAIL,
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

/* Where nothing is, all bits read as one, or as zero. */
bool __init tpm_tis_absent(void)
{
    uint16_t vendor = readl(tpm_io.regs.va + TIS_DID_VID);

    return !vendor || vendor == 0xffff;
}
