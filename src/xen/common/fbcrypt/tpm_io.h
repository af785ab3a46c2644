/* SPDX-License-Identifier: GPL-2.0-only */
/* Below tpm.c, tpm_tis.c and tpm_crb.c: the registers and the time. */
#ifndef __FBCRYPT_TPM_IO_H__
#define __FBCRYPT_TPM_IO_H__

#include <xen/init.h>
#include <xen/time.h>
#include <xen/types.h>

#include <asm/io.h>
#include <asm/system.h>

#include "core/be.h"
#include "tpm.h"

#define TPM_BASE        0xfed40000UL
/* The control area of a CRB. */
#define TPM_CONTROL_LEN 0x30

/* Tag, size, response code. */
#define TPM_HEADER_LEN  10

/* One command may take so long, and all of them together. */
#define TPM_COMMAND_TIME SECONDS(5)
#define TPM_TOTAL_TIME   SECONDS(20)

struct tpm_area {
    paddr_t start;
    size_t len;
    uint8_t __iomem *va;
};

struct tpm_io {
    struct tpm_area regs;       /* of locality 0 */
    s_time_t limit;             /* of this command */
    /* CRB only. */
    struct tpm_area control, cmd, rsp;
    bool locality;              /* there are localities */
    bool dead;                  /* a command could not be cancelled */
};
extern struct tpm_io tpm_io;

/* Maps it; false if somebody owns this memory, or mapping fails. */
bool tpm_map(struct tpm_area *a, paddr_t start, size_t len);

/* Until the bits are as wanted; false: the command's time is over. */
bool tpm_await(const struct tpm_area *a, unsigned int reg, bool byte,
               uint32_t mask, uint32_t want);
/* Between two looks. */
void tpm_pause(void);

/* As struct fbc_tpm's xfer. */
int tpm_tis_xfer(const uint8_t *cmd, size_t len, uint8_t *rsp, size_t max,
                 size_t *rsp_len);
int tpm_crb_xfer(const uint8_t *cmd, size_t len, uint8_t *rsp, size_t max,
                 size_t *rsp_len);

bool tpm_tis_absent(void);

/* control: where ACPI says that the control area is, or 0.  NULL: usable. */
const char *tpm_crb_find(paddr_t control);
void tpm_crb_wipe(void);

#endif /* __FBCRYPT_TPM_IO_H__ */
