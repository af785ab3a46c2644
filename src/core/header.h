/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header and manifest of a shadow, both in its first row
 * (fbc-formats(5)).  Byte strings of a row are stored three bytes a pixel.
 */
#ifndef FBC_CORE_HEADER_H
#define FBC_CORE_HEADER_H

#include "fbc.h"
#include "kdf.h"

#define FBC_HEADER_LEN       96
#define FBC_HEADER_VERSION   1
#define FBC_LAYOUT_INTERLEAVED 1    /* one metadata row under each band */
#define FBC_MANIFEST_X       64     /* pixel column of the manifest */
#define FBC_MANIFEST_LEN     80     /* counter 8, ciphertext 56, tag 16 */
#define FBC_MANIFEST_BODY    56
#define FBC_INPUT_SLOTS      8
#define FBC_COUNTER_LEN      7      /* tile counters are 56 bits */
#define FBC_COUNTER_MAX      ((1ull << 56) - 1)

struct fbc_header {
    struct fbc_epoch ep;            /* aead == FBC_AEAD_NONE: not keyed yet */
    uint8_t key_id[FBC_KEYID_LEN];
    uint8_t vmm_id[16];             /* SHA-256(VMM public key), first half */
};

void fbc_header_encode(const struct fbc_header *h,
                       uint8_t out[static FBC_HEADER_LEN]);
enum fbc_err FBC_MUST_CHECK
fbc_header_parse(const uint8_t in[static FBC_HEADER_LEN],
                 struct fbc_header *h);

struct fbc_manifest {
    uint64_t counter;               /* same number space as the tiles' */
    uint64_t time_ns;               /* hypervisor time since boot */
    uint16_t ack[FBC_INPUT_SLOTS];  /* last input counter taken, per slot */
    uint64_t challenge;             /* last challenge seen, 0: none */
};

/*
 * The manifest's AAD is LE32(epoch) followed by the 7-byte counters of all
 * tiles, 0 for a tile never sealed: it verifies only against exactly the
 * current screen.  A counter vector keeps that string ready to use.
 */
#define FBC_VECTOR_HEAD 4
#define FBC_VECTOR_LEN(tiles) (FBC_VECTOR_HEAD + (tiles) * FBC_COUNTER_LEN)

void fbc_vector_init(uint8_t *vec, uint32_t epoch, uint32_t tiles);
void fbc_vector_set(uint8_t *vec, uint32_t tile, uint64_t counter);
uint64_t fbc_vector_get(const uint8_t *vec, uint32_t tile);

/* a is keyed with fbc_epoch_keys.manifest. */
enum fbc_err FBC_MUST_CHECK
fbc_manifest_seal(struct fbc_aead *a, const struct fbc_manifest *m,
                  const uint8_t *vec, uint32_t tiles,
                  uint8_t out[static FBC_MANIFEST_LEN]);
/*
 * FBC_ERR_PENDING: never written.  FBC_ERR_AUTH: torn, stale or forged.
 * FBC_ERR_RESERVED: authentic, of a later version.
 */
enum fbc_err FBC_MUST_CHECK
fbc_manifest_open(struct fbc_aead *a, const uint8_t in[static FBC_MANIFEST_LEN],
                  const uint8_t *vec, uint32_t tiles, struct fbc_manifest *m);

#endif /* FBC_CORE_HEADER_H */
