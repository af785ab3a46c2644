/* SPDX-License-Identifier: GPL-2.0-only */
/* A server's certificate and key, before a TLS library sees them. */
#ifndef FBC_LIB_TLSFILES_H
#define FBC_LIB_TLSFILES_H

#include "lib/base/fail.h"

/*
 * cert and key: texts of the files of these names.  FBC_EXIT_INPUT: what
 * cannot be parsed, a key with a passphrase, one of another certificate, a
 * certificate that has expired or is not valid yet.
 */
int FBC_MUST_CHECK fbc_tls_files_check(const char *cert_path,
                                       const char *cert, size_t cert_len,
                                       const char *key_path, const char *key,
                                       size_t key_len, struct fbc_error *e);

#endif /* FBC_LIB_TLSFILES_H */
