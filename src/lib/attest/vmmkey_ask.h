/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's public key, by fbc-status(8): it knows how to ask Xen. */
#ifndef FBC_LIB_VMMKEY_ASK_H
#define FBC_LIB_VMMKEY_ASK_H

#include "lib/base/fail.h"

/* Once *stop is set it is ended. */
int FBC_MUST_CHECK fbc_vmmkey_ask(const volatile int *stop,
                                  uint8_t key[static FBC_KEY_LEN],
                                  struct fbc_error *e);

#endif /* FBC_LIB_VMMKEY_ASK_H */
