/* SPDX-License-Identifier: GPL-2.0-only */
/* Keys out of a CPU's generators. */
#include "core/pool.h"

#define OUTPUT "fbcrypt pool output"
#define STATE  "fbcrypt pool state"

static bool draw_word(fbc_pool_word *get, uint64_t *v)
{
    unsigned int i;

    for ( i = 0; get && i < FBC_POOL_TRIES; i++ )
        if ( get(v) )
            return true;

    return false;
}

enum fbc_err fbc_pool_gather(const struct fbc_pool_source *src,
                             uint64_t words[static FBC_POOL_WORDS],
                             bool *starved)
{
    bool seed = src->seed;
    unsigned int i;

    *starved = false;
    for ( i = 0; i < FBC_POOL_WORDS; i++ )
    {
        if ( seed && !draw_word(src->seed, &words[i]) )
        {
            seed = false;
            *starved = true;
        }
        if ( !seed && !draw_word(src->rand, &words[i]) )
            break;
        if ( !words[i] || !~words[i] || (i && words[i] == words[i - 1]) )
            break;
    }

    if ( i == FBC_POOL_WORDS )
        return FBC_OK;

    fbc_wipe(words, FBC_POOL_WORDS * sizeof(words[0]));

    return FBC_ERR_NO_ENTROPY;
}

enum fbc_err fbc_pool_draw(struct fbc_pool *p, const void *input, size_t len,
                           uint8_t out[static FBC_KEY_LEN])
{
    uint8_t prk[FBC_HASH_LEN], key[FBC_KEY_LEN], next[FBC_HASH_LEN];
    enum fbc_err err = FBC_ERR_CRYPTO;

    if ( fbc_hkdf_extract(p->state, sizeof(p->state), input, len, prk) ||
         fbc_hkdf_expand(prk, OUTPUT, sizeof(OUTPUT) - 1, key, sizeof(key)) ||
         fbc_hkdf_expand(prk, STATE, sizeof(STATE) - 1, next, sizeof(next)) )
        goto out;

    memcpy(p->state, next, sizeof(p->state));
    memcpy(out, key, sizeof(key));
    err = FBC_OK;

 out:
    fbc_wipe(prk, sizeof(prk));
    fbc_wipe(key, sizeof(key));
    fbc_wipe(next, sizeof(next));

    return err;
}
