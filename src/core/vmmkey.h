/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's key pair, as decided at boot before dom0 exists.
 *
 * Hostile is whoever had the TPM in earlier boots: he could send any command,
 * knows the owner's authorization value or has cleared it, and may have
 * defined, replaced or deleted the NV index.  The TPM, the firmware and the
 * path to the TPM are trusted, but every response is checked nevertheless.
 */
#ifndef FBC_CORE_VMMKEY_H
#define FBC_CORE_VMMKEY_H

#include "core/tpm2.h"

enum fbc_vmmkey_mode {
    FBC_VMMKEY_PER_BOOT,        /* drawn in this boot, kept nowhere */
    FBC_VMMKEY_SEALED,          /* in the NV index; then also attested */
};

struct fbc_vmmkey {
    uint8_t secret[FBC_KEY_LEN], public_key[FBC_KEY_LEN];   /* X25519 */
    enum fbc_vmmkey_mode mode;
    bool attested;              /* PCR 12 is fbc_pcr12_of_key() of this one */
    bool created;               /* the sealed key was made in this boot */
    /*
     * PCR 12 may still be zero: whoever reaches the TPM next could read the
     * sealed key, and could extend PCR 12 by a key of his own.  dom0 must be
     * kept from the TPM.  Also set when no TPM was found: there may be one.
     */
    bool exposed;
    /* Why it is not attested, or not sealed; FBC_OK if it is both. */
    enum fbc_err err;
    const char *step;           /* where; never NULL */
    uint32_t rc;                /* the TPM's response code there, or 0 */
};

/*
 * tpm is NULL if there is none; random comes from the CPU.  overwrites: a
 * reset leaves nothing in memory, so that a key that lasts may be there;
 * seal_anyway: it may be there even so.
 *
 * With the NV index, and either of them: the key in it, which is made if there
 * is none yet.  Else: a per-boot key.  In all cases PCR 12 is extended by the
 * public key, as fbc_pcr12_event() says, and then read.  If anything is not
 * exactly as it should be: a per-boot key that is not attested, and PCR 12 is
 * extended by a text that is no key.
 *
 * Returns 0 with a usable key, or -1 when a cryptographic primitive failed:
 * then there is no key, and exposed still tells about the TPM.
 */
int FBC_MUST_CHECK fbc_vmmkey_obtain(struct fbc_tpm *tpm,
                                     const uint8_t random[static FBC_KEY_LEN],
                                     bool overwrites, bool seal_anyway,
                                     struct fbc_vmmkey *k);

/*
 * Without a key: extends PCR 12 by the text that is no key, for a hypervisor
 * that will not protect guests.  Sets exposed; and err, step and rc when it is.
 */
void fbc_vmmkey_close(struct fbc_tpm *tpm, struct fbc_vmmkey *k);

#endif /* FBC_CORE_VMMKEY_H */
