/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Certificates in PEM form (RFC 7468), all or none: what cannot be parsed is
 * an error, never the end of the file.
 */
#ifndef FBC_LIB_PEM_H
#define FBC_LIB_PEM_H

#include <openssl/x509.h>

#include "lib/base/fail.h"
#include "parse/text/record.h"

#define FBC_PEM_MAX (1u << 20)

/*
 * Calls take for each certificate of a file, of which there must be one at
 * least; x is the caller's.  Text between the certificates is passed over; any
 * other block is refused.  take returns NULL, or why it does not.  Nothing has
 * been taken in vain: the whole file is parsed first.  FBC_EXIT_INPUT.
 */
int FBC_MUST_CHECK fbc_pem_each(const char *path,
                                const char *(*take)(X509 *x, void *arg),
                                void *arg, struct fbc_error *e);
/* The same of text that was read from path, which is for messages only. */
int FBC_MUST_CHECK fbc_pem_each_of(const char *path, const char *text,
                                   size_t len,
                                   const char *(*take)(X509 *x, void *arg),
                                   void *arg, struct fbc_error *e);

/* Exactly len bytes of DER, or NULL. */
X509 *fbc_der_parse(const uint8_t *der, size_t len);
/* 0: too large; else the length. */
uint16_t fbc_der_write(X509 *x, uint8_t data[static FBC_CERT_MAX]);

#endif /* FBC_LIB_PEM_H */
