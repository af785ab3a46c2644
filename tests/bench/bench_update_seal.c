/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's side of figure 7 of the FBCrypt-V paper: the whole screen is
 * synchronised and sealed, by ours with the hypervisor's primitives, and by
 * others.
 *
 * usage: bench_update_seal [FILE.csv]      each round's time goes to the file
 */
#include <stdlib.h>

#include "core/shadow.h"
#include "update.h"

#define STEP_BYTES (64u * 1024)         /* as in Xen, between two preemptions */

static const uint8_t session[FBC_KEY_LEN] = "thirty-two bytes of session key";

static void *engine_new(const struct update *u, enum fbc_aead_id aead,
                        bool console)
{
    static const uint8_t id[FBC_HASH_LEN], salt[FBC_SALT_LEN];
    struct fbc_shadow *s = bench_get(sizeof(*s));

    s->cells = console ? bench_get(sizeof(*s->cells)) : NULL;
    fbc_shadow_init(s, &u->g, u->fb, u->g.width * 4u,
                    bench_get(fbc_shadow_bytes(&u->g)),
                    bench_get(fbc_shadow_vec_len(&u->g)),
                    bench_get(fbc_shadow_dirty_len(&u->g)), id, id);
    bench_must(fbc_shadow_key(s, aead, 1, salt, session,
                              FBC_LAUNCHED_UNMEASURED, NULL), "key");

    return s;
}

static void engine_free(void *arg)
{
    struct fbc_shadow *s = arg;

    fbc_shadow_clear(s);
    free(s->out);
    free(s->vec);
    free(s->dirty);
    free(s);
}

/* All tiles and the manifest. */
static void run_ours(void *arg)
{
    struct fbc_shadow *s = arg;

    fbc_shadow_damage(s, &(struct fbc_rect){ 0, 0, s->geom.width,
                                             s->geom.height });
    while ( fbc_shadow_busy(s) )
        bench_must(fbc_shadow_step(s, STEP_BYTES), "seal");
    bench_must(fbc_shadow_manifest(s, 1, NULL), "manifest");
}

int main(int argc, char **argv)
{
    static const struct update_way way = {
        .name = "seal", .begin = engine_new, .run = run_ours,
        .end = engine_free,
    };

    return update_compare(&way, argc, argv);
}
