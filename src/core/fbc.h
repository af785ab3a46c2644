/* SPDX-License-Identifier: GPL-2.0-only */
/* Types, error codes and little-endian access shared by all of core. */
#ifndef FBC_CORE_FBC_H
#define FBC_CORE_FBC_H

#ifdef __XEN__
#include <xen/types.h>
#include <xen/string.h>
#define FBC_MUST_CHECK __must_check
#define UINT64_C(v) v ## ULL
#else
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#define FBC_MUST_CHECK __attribute__((__warn_unused_result__))
#endif

#define FBC_UUID_LEN   16
#define FBC_KEY_LEN    32   /* X25519 keys, session keys, AEAD keys */
#define FBC_HASH_LEN   32   /* SHA-256 */
#define FBC_TAG_LEN    16
#define FBC_NONCE_LEN  12
#define FBC_KEYID_LEN  8

/*
 * Every refusal has a number of its own: the hypervisor returns it to the
 * tools, which print fbc_strerror().  Values are ABI: append, never reorder.
 */
enum fbc_err {
    FBC_OK = 0,
    FBC_ERR_LENGTH = 1,         /* too short, too long, trailing bytes */
    FBC_ERR_MAGIC = 2,
    FBC_ERR_VERSION = 3,
    FBC_ERR_ALGORITHM = 4,      /* unknown KEM, KDF or AEAD */
    FBC_ERR_RESERVED = 5,       /* a reserved bit or byte is not zero */
    FBC_ERR_CHECKSUM = 6,
    FBC_ERR_WRONG_VM = 7,       /* made for another VM UUID */
    FBC_ERR_WRONG_OWNER = 8,    /* UUID is not the fingerprint of the sender */
    FBC_ERR_WRONG_VMM = 9,      /* sealed to another hypervisor key */
    FBC_ERR_REPLAY = 10,        /* sequence number not above the last one */
    FBC_ERR_AUTH = 11,          /* tag does not verify */
    FBC_ERR_RANGE = 12,         /* a number is outside its limits */
    FBC_ERR_PENDING = 13,       /* tile or manifest not written yet */
    FBC_ERR_STALE = 14,         /* counter not newer than the one held */
    FBC_ERR_CRYPTO = 15,        /* a primitive failed or is not available */
    FBC_ERR_UNKEYED = 16,       /* no session key is set */
    FBC_ERR_EXPIRED = 17,       /* counter or key lifetime used up */
    FBC_ERR_FORMAT = 18,        /* text that does not parse */
    FBC_ERR_DEPTH = 19,         /* framebuffer is not 32 bits a pixel */
    FBC_ERR_SIZE = 20,          /* screen size outside what can be served */
    FBC_ERR_STRIDE = 21,        /* line length does not fit the width */
    FBC_ERR_MEMORY = 22,        /* pixels lie outside the framebuffer */
    FBC_ERR_FRAME = 23,         /* page does not belong to the guest */
    FBC_ERR_PORT = 24,          /* event channel is not one to dom0 */
    FBC_ERR_NOMEM = 25,
    FBC_ERR_NO_ENTROPY = 26,    /* CPU has no RDSEED/RDRAND */
    FBC_ERR_IN_USE = 27,        /* another live domain holds this UUID */
    FBC_ERR_SHARED = 28,        /* dom0 may have this page mapped already */
    FBC_ERR_NO_TPM = 29,
    FBC_ERR_TPM_IO = 30,        /* no answer from the TPM in time */
    FBC_ERR_TPM_RESPONSE = 31,  /* the TPM's answer is malformed */
    FBC_ERR_TPM_RC = 32,        /* the TPM refused a command */
    FBC_ERR_PCR_USED = 33,      /* PCR 12 was not zero at boot */
    FBC_ERR_PCR_VALUE = 34,     /* PCR 12 holds something else */
    FBC_ERR_NV_ABSENT = 35,     /* the NV index is not defined */
    FBC_ERR_NV_KIND = 36,       /* its attributes, size or hash are wrong */
    FBC_ERR_NV_POLICY = 37,     /* its policy is not that of this boot */
    FBC_ERR_NV_CONTENT = 38,    /* it does not hold what was written */
    FBC_ERR_OUTLIVES = 39,      /* memory outlives a reset: no key is kept */
    FBC_ERR_LAUNCH = 40,        /* the guest is not the one that was meant */
};

/* One lower-case phrase, no full stop; never NULL. */
const char *fbc_strerror(enum fbc_err err);

static inline uint16_t fbc_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | (p[1] << 8));
}

static inline uint32_t fbc_get32(const uint8_t *p)
{
    return fbc_get16(p) | ((uint32_t)fbc_get16(p + 2) << 16);
}

static inline uint64_t fbc_get64(const uint8_t *p)
{
    return fbc_get32(p) | ((uint64_t)fbc_get32(p + 4) << 32);
}

static inline void fbc_put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void fbc_put32(uint8_t *p, uint32_t v)
{
    fbc_put16(p, (uint16_t)v);
    fbc_put16(p + 2, (uint16_t)(v >> 16));
}

static inline void fbc_put64(uint8_t *p, uint64_t v)
{
    fbc_put32(p, (uint32_t)v);
    fbc_put32(p + 4, (uint32_t)(v >> 32));
}

/* Clears secrets in a way that the compiler may not drop. */
static inline void fbc_wipe(void *p, size_t len)
{
    memset(p, 0, len);
    __asm__ __volatile__ ( "" : : "r" (p) : "memory" );
}

/* Constant-time comparison of len bytes. */
static inline bool fbc_equal(const void *a, const void *b, size_t len)
{
    const uint8_t *x = a, *y = b;
    uint8_t diff = 0;
    size_t i;

    for ( i = 0; i < len; i++ )
        diff |= x[i] ^ y[i];

    return !diff;
}

/* No byte is set; takes as long for any contents. */
static inline bool fbc_is_zero(const void *data, size_t len)
{
    const uint8_t *p = data;
    uint8_t any = 0;

    while ( len-- )
        any |= *p++;

    return !any;
}

#endif /* FBC_CORE_FBC_H */
