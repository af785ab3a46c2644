/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Hosts without TPMs, for tests of verifiers and of the key server: a maker's
 * root, one EK with its certificate for all, an AK in software for each, and
 * quotes of any contents.  Failures end the process.
 */
#ifndef FBC_TEST_FAKEHOST_H
#define FBC_TEST_FAKEHOST_H

#include <openssl/evp.h>

#include "parse/attest/enrol.h"
#include "parse/attest/golden.h"

struct fake_world {
    EVP_PKEY *root_key, *ek_key;
    FBC_VALUE(FBC_CERT_MAX) root, ek_cert;      /* DER */
    FBC_VALUE(FBC_TPM_EK_LEN) ek;
    struct fbc_golden golden;
};

struct fake_host {
    char name[FBC_HOST_NAME_MAX + 1];
    EVP_PKEY *ak;
    FBC_VALUE(FBC_TPM_AK_MAX) public;
    uint8_t vmm_key[FBC_KEY_LEN];
};

/* Made, or read from the files that were saved in a directory. */
void fake_world_make(struct fake_world *w);
void fake_world_save(const struct fake_world *w, const char *dir);
void fake_world_load(struct fake_world *w, const char *dir);

void fake_host_make(struct fake_host *h, const char *name);
void fake_host_save(const struct fake_host *h, const char *dir);
void fake_host_load(struct fake_host *h, const char *dir, const char *name);

void fake_host_record(const struct fake_world *w, const struct fake_host *h,
                      struct fbc_host *out);

/* Evidence; its text, malloc()ed. */
struct fake_quote {
    uint8_t nonce[FBC_TPM_NONCE_LEN];
    uint64_t clock;
    uint32_t resets;
    bool other_pcr4;        /* another image */
};
char *fake_evidence(const struct fake_world *w, const struct fake_host *h,
                    const struct fake_quote *q, size_t *len);

#endif /* FBC_TEST_FAKEHOST_H */
