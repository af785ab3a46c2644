/* SPDX-License-Identifier: GPL-2.0-only */
/* The TPM's NV memory: which indices there are, and what is in them. */
#ifndef FBC_LIB_NVDATA_H
#define FBC_LIB_NVDATA_H

#include "lib/attest/esys.h"

/* Looks an index up.  0: there is none; 1: *nv and *public are filled; -1. */
int FBC_MUST_CHECK fbc_nvdata_find(struct fbc_esys *t, uint32_t index,
                                   ESYS_TR *nv, TPMS_NV_PUBLIC *public,
                                   struct fbc_error *e);

/*
 * Reads the whole of an index by its own, empty authorization value.  *len:
 * in room, out length.  1, or 0 and -1 as above.
 */
int FBC_MUST_CHECK fbc_nvdata_read(struct fbc_esys *t, uint32_t index,
                                   uint8_t *data, size_t *len,
                                   struct fbc_error *e);

/* The lowest index in [*index, end).  1, 0: none, -1. */
int FBC_MUST_CHECK fbc_nvdata_next(struct fbc_esys *t, uint32_t *index,
                                   uint32_t end, struct fbc_error *e);

/* A property (TPM2_PT_*) with one value; an error where the TPM has it not. */
int FBC_MUST_CHECK fbc_nvdata_property(struct fbc_esys *t, uint32_t property,
                                       uint32_t *value, struct fbc_error *e);

#endif /* FBC_LIB_NVDATA_H */
