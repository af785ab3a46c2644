/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Keys out of a CPU's generators.  Each draw stirs fresh words into a state:
 *   PRK    = HKDF-Extract(state, input)
 *   output = HKDF-Expand(PRK, "fbcrypt pool output", 32)
 *   state  = HKDF-Expand(PRK, "fbcrypt pool state", 32)
 * so that the state held tells no past output, and no output tells a state.
 */
#ifndef FBC_CORE_POOL_H
#define FBC_CORE_POOL_H

#include "core/crypto.h"
#include "core/fbc.h"

#define FBC_POOL_WORDS 8        /* of 64 bits, for one draw */
#define FBC_POOL_TRIES 64       /* for one word of one generator */

/* One word of a generator; false: it has none at present. */
typedef bool fbc_pool_word(uint64_t *v);

struct fbc_pool_source {
    fbc_pool_word *seed;        /* RDSEED: other guests can drain it */
    fbc_pool_word *rand;        /* RDRAND; NULL, like seed: the CPU lacks it */
};

/*
 * Fills words from seed, and from the first word on that seed does not yield,
 * from rand: then *starved is true.  FBC_ERR_NO_ENTROPY: neither yields, or a
 * word looks like one of a stuck generator (no bit set, all set, the same as
 * the one before); words are then wiped.
 */
enum fbc_err FBC_MUST_CHECK
fbc_pool_gather(const struct fbc_pool_source *src,
                uint64_t words[static FBC_POOL_WORDS], bool *starved);

struct fbc_pool {               /* begins as zeros */
    uint8_t state[FBC_HASH_LEN];
};

/* input is the caller's to wipe.  FBC_ERR_CRYPTO: p and out are untouched. */
enum fbc_err FBC_MUST_CHECK fbc_pool_draw(struct fbc_pool *p,
                                          const void *input, size_t len,
                                          uint8_t out[static FBC_KEY_LEN]);

#endif /* FBC_CORE_POOL_H */
