/* SPDX-License-Identifier: GPL-2.0-only */
/* Certificates of endorsement keys (TCG EK Credential Profile). */
#ifndef FBC_LIB_ATTEST_CERT_H
#define FBC_LIB_ATTEST_CERT_H

#include "lib/base/fail.h"
#include "parse/attest/evidence.h"
#include "parse/attest/registration.h"

struct fbc_roots;

/*
 * Trust anchors: a file of one or more PEM certificates, each trusted as it
 * is, whether self-signed or not.  Revocation is not looked up.
 */
int FBC_MUST_CHECK fbc_roots_load(const char *path, struct fbc_roots **out,
                                  struct fbc_error *e);
void fbc_roots_free(struct fbc_roots *r);
/* Certificates that have expired are as good as others from now on. */
void fbc_roots_allow_expired(struct fbc_roots *r);

/* No anchors; adds one: false unless it is exactly one certificate, DER. */
struct fbc_roots *fbc_roots_new(void);
bool FBC_MUST_CHECK fbc_roots_add(struct fbc_roots *r, const uint8_t *der,
                                  size_t len);
/* Those of a registration; NULL: one is not a certificate, or no memory. */
struct fbc_roots *fbc_roots_registered(const struct fbc_registration *r);

/*
 * The EK certificate is well-formed, leads to an anchor over the chain that
 * the host gave, is valid now, and is one for an EK.  OK or
 * EK_CERT_{FORMAT,OAEP,CHAIN,TIME,WEAK,USAGE}; detail: the issuer, or what is
 * wrong.
 */
enum fbc_reason FBC_MUST_CHECK
fbc_ek_cert_check(struct fbc_roots *r, const struct fbc_identity *id,
                  char *detail, size_t room);

/* The certified key is this one.  OK, EK_CERT_{FORMAT,OAEP,KEY}. */
enum fbc_reason FBC_MUST_CHECK
fbc_ek_cert_key(const struct fbc_identity *id,
                const uint8_t modulus[static FBC_TPM_MODULUS_LEN]);

/*
 * Fills id->cert from a file with one certificate, DER or PEM; id->chain from
 * a PEM file.  What follows the DER certificate is dropped, as TPMs pad theirs.
 */
int FBC_MUST_CHECK fbc_ek_cert_read(const char *path,
                                    struct fbc_identity *id,
                                    struct fbc_error *e);
/* The same of bytes that were read from path, which is for messages only. */
int FBC_MUST_CHECK fbc_ek_cert_take(const char *path, const uint8_t *data,
                                    size_t len, struct fbc_identity *id,
                                    struct fbc_error *e);
int FBC_MUST_CHECK fbc_ek_chain_read(const char *path,
                                     struct fbc_identity *id,
                                     struct fbc_error *e);

/*
 * Fills id->chain from certificates in DER form, one after the other, as a TPM
 * holds them: padded with 00 or ff.
 */
int FBC_MUST_CHECK fbc_ek_chain_take(const uint8_t *der, size_t len,
                                     struct fbc_identity *id,
                                     struct fbc_error *e);

#endif /* FBC_LIB_ATTEST_CERT_H */
