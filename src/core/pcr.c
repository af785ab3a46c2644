/* SPDX-License-Identifier: GPL-2.0-only */
/* Arithmetic of measured boot, without a TPM. */
#include "core/pcr.h"
#include "core/crypto.h"

int fbc_pcr_extend(uint8_t pcr[static FBC_HASH_LEN],
                   const uint8_t digest[static FBC_HASH_LEN])
{
    uint8_t buf[2 * FBC_HASH_LEN];

    memcpy(buf, pcr, FBC_HASH_LEN);
    memcpy(buf + FBC_HASH_LEN, digest, FBC_HASH_LEN);

    return fbc_sha256(buf, sizeof(buf), pcr);
}

int fbc_pcr_event(uint8_t pcr[static FBC_HASH_LEN], const void *data,
                  size_t len)
{
    uint8_t digest[FBC_HASH_LEN];

    return fbc_sha256(data, len, digest) || fbc_pcr_extend(pcr, digest) ? -1
           : 0;
}

int fbc_pcr4_of_image(const uint8_t image[static FBC_HASH_LEN],
                      uint8_t pcr[static FBC_HASH_LEN])
{
    static const char action[] = "Calling EFI Application from Boot Option";
    static const uint8_t separator[4];

    memset(pcr, 0, FBC_HASH_LEN);

    return fbc_pcr_event(pcr, action, sizeof(action) - 1) ||
           fbc_pcr_event(pcr, separator, sizeof(separator)) ||
           fbc_pcr_extend(pcr, image) ? -1 : 0;
}

size_t fbc_pcr12_event(const uint8_t key[static FBC_KEY_LEN], bool overwrites,
                       uint8_t event[static FBC_PCR12_EVENT_MAX])
{
    memcpy(event, key, FBC_KEY_LEN);
    if ( overwrites )
        return FBC_KEY_LEN;
    memcpy(event + FBC_KEY_LEN, FBC_PCR12_OUTLIVES,
           sizeof(FBC_PCR12_OUTLIVES) - 1);

    return FBC_PCR12_EVENT_MAX;
}

int fbc_pcr12_of_key(const uint8_t key[static FBC_KEY_LEN], bool overwrites,
                     uint8_t pcr[static FBC_HASH_LEN])
{
    uint8_t event[FBC_PCR12_EVENT_MAX];
    size_t len = fbc_pcr12_event(key, overwrites, event);

    memset(pcr, 0, FBC_HASH_LEN);

    return fbc_pcr_event(pcr, event, len);
}

int fbc_pcrs_digest(const struct fbc_pcrs *p,
                    uint8_t digest[static FBC_HASH_LEN])
{
    return fbc_sha256(p->value, sizeof(p->value), digest);
}

int fbc_pcrs_policy(const struct fbc_pcrs *p,
                    uint8_t policy[static FBC_HASH_LEN])
{
    /* policyDigest of zeros || TPM_CC_PolicyPCR || selection || digest */
    static const uint8_t head[] = {
        0x00, 0x00, 0x01, 0x7f,
        0x00, 0x00, 0x00, 0x01, 0x00, 0x0b, 0x03, 0x95, 0x10, 0x00,
    };
    uint8_t buf[FBC_HASH_LEN + sizeof(head) + FBC_HASH_LEN] = { 0 };
    struct fbc_pcrs uncapped = *p;

    memset(uncapped.value[FBC_PCR_12], 0, FBC_HASH_LEN);
    memcpy(buf + FBC_HASH_LEN, head, sizeof(head));

    return fbc_pcrs_digest(&uncapped, buf + FBC_HASH_LEN + sizeof(head)) ||
           fbc_sha256(buf, sizeof(buf), policy) ? -1 : 0;
}
