/* SPDX-License-Identifier: GPL-2.0-only */
/* Rate limits: the generic cell rate algorithm, in sets of eight. */
#include "lib/keyserver/keyserver_rate.h"

#include <pthread.h>
#include <stdlib.h>

#include "core/crypto.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"

#define SETS    1024
#define WAYS    8
#define BURST_S 10
#define KEY_MAX 128

struct slot {
    uint64_t id;
    uint64_t full;      /* when all that was taken is given back */
};

struct fbc_rate {
    uint64_t step;      /* ns that one costs; 0: no limit */
    uint8_t seed[16];   /* so that nobody can aim at a slot */
    pthread_mutex_t lock;
    struct slot slot[SETS][WAYS];
};

int fbc_rate_new(struct fbc_rate **out, unsigned int per_second,
                 struct fbc_error *e)
{
    struct fbc_rate *r = calloc(1, sizeof(*r));

    if ( !r )
        return fbc_fail_core(e, "rate limit", FBC_ERR_NOMEM);
    if ( fbc_random(r->seed, sizeof(r->seed), e) )
    {
        free(r);
        return -1;
    }
    r->step = per_second ? FBC_NS_PER_S / per_second : 0;
    pthread_mutex_init(&r->lock, NULL);
    *out = r;

    return 0;
}

void fbc_rate_free(struct fbc_rate *r)
{
    if ( r )
        pthread_mutex_destroy(&r->lock);
    free(r);
}

/* Its slot, or that which is the least missed. */
static struct slot *find_slot(struct fbc_rate *r, uint64_t id)
{
    struct slot *set = r->slot[id % SETS], *s = set;
    unsigned int i;

    for ( i = 0; i < WAYS; i++ )
    {
        if ( set[i].id == id )
            return &set[i];
        if ( set[i].full < s->full )
            s = &set[i];
    }
    s->id = id;
    s->full = 0;

    return s;
}

unsigned int fbc_rate_take(struct fbc_rate *r, const void *key, size_t len,
                           uint64_t now_ns)
{
    uint8_t buf[sizeof(r->seed) + KEY_MAX], hash[FBC_HASH_LEN];
    unsigned int wait = 0;
    struct slot *s;
    uint64_t room;

    if ( !r->step )
        return 0;
    if ( len > KEY_MAX )
        len = KEY_MAX;
    memcpy(buf, r->seed, sizeof(r->seed));
    memcpy(buf + sizeof(r->seed), key, len);
    if ( fbc_sha256(buf, sizeof(r->seed) + len, hash) )
        return 1;

    room = BURST_S * FBC_NS_PER_S;
    pthread_mutex_lock(&r->lock);
    s = find_slot(r, fbc_get64(hash));
    if ( s->full < now_ns )
        s->full = now_ns;
    if ( s->full + r->step - now_ns > room )
        wait = (unsigned int)((s->full + r->step - now_ns - room +
                               FBC_NS_PER_S - 1) / FBC_NS_PER_S);
    else
        s->full += r->step;
    pthread_mutex_unlock(&r->lock);

    return wait;
}
