/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a connection has loaded into the TPM: learned from its commands and
 * the TPM's answers (TPM 2.0 part 3), for whoever must clear up after a
 * process that was killed.
 */
#ifndef FBC_LIB_TPMHANDLES_H
#define FBC_LIB_TPMHANDLES_H

#include <stddef.h>
#include <stdint.h>

/* A TPM has room for fewer. */
#define FBC_TPMHANDLES_MAX 16
#define FBC_TPMHANDLES_FLUSH 14u        /* bytes of a TPM2_FlushContext */

struct fbc_tpmhandles {
    uint32_t handle[FBC_TPMHANDLES_MAX];
    size_t n;
};

/* A command and its answer: all bytes as they were, of any length. */
void fbc_tpmhandles_note(struct fbc_tpmhandles *h, const uint8_t *command,
                         size_t len, const uint8_t *answer, size_t answer_len);

/* Takes the last one that is left off, as a command; 0: there is none. */
size_t fbc_tpmhandles_flush(struct fbc_tpmhandles *h,
                            uint8_t command[FBC_TPMHANDLES_FLUSH]);

#endif /* FBC_LIB_TPMHANDLES_H */
