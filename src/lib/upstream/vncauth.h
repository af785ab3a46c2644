/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * VNC authentication (RFC 6143 7.2.2): the challenge encrypted with DES, the
 * password as key.  Weak: who sees one exchange can guess the password.
 */
#ifndef FBC_LIB_VNCAUTH_H
#define FBC_LIB_VNCAUTH_H

#include "core/fbc.h"

#define FBC_VNCAUTH_LEN 16

/* Only the first 8 bytes of the password count.  0, or -1: OpenSSL failed. */
int FBC_MUST_CHECK fbc_vncauth(const char *password,
                               const uint8_t challenge[static FBC_VNCAUTH_LEN],
                               uint8_t response[static FBC_VNCAUTH_LEN]);

#endif /* FBC_LIB_VNCAUTH_H */
