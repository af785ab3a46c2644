/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tenant's side of figure 7 of the FBCrypt-V paper: the whole screen is
 * verified and opened, by ours with the tools' primitives, and opened by
 * others.
 *
 * usage: bench_update_open [FILE.csv]      each round's time goes to the file
 */
#include <stdlib.h>

#include "core/shadow.h"
#include "parse/shadow/view.h"
#include "update.h"

struct opener {
    struct fbc_geom g;
    uint8_t *shadow, *screen;
    struct fbc_view v;
};

static void run_ours(void *arg)
{
    struct opener *o = arg;
    struct fbc_view_stats st;

    bench_must(fbc_view_update(&o->v, o->shadow, o->g.swidth, o->g.sheight,
                               o->g.swidth * 4u, UINT32_MAX, o->screen, &st),
               "view");
    bench_must(st.bad || st.pending || st.manifest, "verify");
}

static void *opener_new(const struct update *u, enum fbc_aead_id aead,
                        bool console)
{
    static const uint8_t file[FBC_SESSION_FILE_LEN] =
        "thirty-two bytes of session key";
    static const uint8_t salt[FBC_SALT_LEN];
    struct opener *o = bench_get(sizeof(*o));
    struct fbc_shadow *s = bench_get(sizeof(*s));

    o->g = u->g;
    s->cells = console ? bench_get(sizeof(*s->cells)) : NULL;
    o->shadow = bench_get(fbc_shadow_bytes(&u->g));
    o->screen = bench_get((size_t)u->g.width * u->g.height * 4);
    fbc_shadow_init(s, &u->g, u->fb, u->g.width * 4u, o->shadow,
                    bench_get(fbc_shadow_vec_len(&u->g)),
                    bench_get(fbc_shadow_dirty_len(&u->g)),
                    file + FBC_SESSION_UUID, file + FBC_SESSION_VMM);
    bench_must(fbc_shadow_key(s, aead, 1, salt, file, FBC_LAUNCHED_UNMEASURED,
                              NULL), "key");
    while ( fbc_shadow_busy(s) )
        bench_must(fbc_shadow_step(s, UINT32_MAX), "seal");
    bench_must(fbc_shadow_manifest(s, 1, NULL), "manifest");
    fbc_shadow_clear(s);
    free(s->vec);
    free(s->dirty);
    free(s);

    fbc_view_init(&o->v, file);
    o->v.recheck = true;
    o->v.bgrx = true;
    run_ours(o);

    return o;
}

static void opener_free(void *arg)
{
    struct opener *o = arg;

    fbc_view_clear(&o->v);
    free(o->shadow);
    free(o->screen);
    free(o);
}

int main(int argc, char **argv)
{
    static const struct update_way way = {
        .name = "open", .begin = opener_new, .run = run_ours,
        .end = opener_free, .opens = true,
    };

    return update_compare(&way, argc, argv);
}
