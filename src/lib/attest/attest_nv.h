/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The NV index that holds the hypervisor's sealed key: defined here for one
 * boot image, written and read by that image's hypervisor only.
 */
#ifndef FBC_LIB_ATTEST_NV_H
#define FBC_LIB_ATTEST_NV_H

#include "lib/attest/esys.h"
#include "parse/attest/golden.h"

enum fbc_nv_state {
    FBC_NV_ABSENT,
    FBC_NV_FOREIGN,             /* other attributes, policy or size */
    FBC_NV_UNWRITTEN,           /* right, and no key yet */
    FBC_NV_SEALED,              /* right, and written */
};

struct fbc_nv_report {
    enum fbc_nv_state state;
    bool owner_auth, lockout_auth;      /* are set */
};

/* "absent" ... */
const char *fbc_nv_state_name(enum fbc_nv_state state);

int FBC_MUST_CHECK fbc_nv_look(struct fbc_esys *t, uint32_t index,
                               const uint8_t policy[static FBC_HASH_LEN],
                               struct fbc_nv_report *r, struct fbc_error *e);

/* By the owner's authorization value: fbc_auth_set(). */
int FBC_MUST_CHECK fbc_nv_define(struct fbc_esys *t, uint32_t index,
                                 const uint8_t policy[static FBC_HASH_LEN],
                                 struct fbc_error *e);
/* One that is not there is deleted already. */
int FBC_MUST_CHECK fbc_nv_undefine(struct fbc_esys *t, uint32_t index,
                                   struct fbc_error *e);

#endif /* FBC_LIB_ATTEST_NV_H */
