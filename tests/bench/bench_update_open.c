/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tenant's side of figure 7 of the FBCrypt-V paper: the whole screen is
 * verified and opened, by ours with the tools' primitives, and opened by
 * others.
 *
 * usage: bench_update_open [FILE.csv]      each round's time goes to the file
 */
#include <stdlib.h>
#include <string.h>

#include "core/shadow.h"
#include "parse/shadow/view.h"
#include "update.h"

struct opener {
    struct fbc_geom g;
    uint8_t *shadow, *screen;
    struct fbc_view v;
};

static void *get(size_t len)
{
    void *p = calloc(1, len);

    bench_must(!p, "malloc");

    return p;
}

static void run_ours(void *arg)
{
    struct opener *o = arg;
    struct fbc_view_stats st;

    bench_must(fbc_view_update(&o->v, o->shadow, o->g.swidth, o->g.sheight,
                               o->g.swidth * 4u, UINT32_MAX, o->screen, &st),
               "view");
    bench_must(st.bad || st.pending || st.manifest, "verify");
}

static struct opener *opener_new(const struct update *u, enum fbc_aead_id aead)
{
    static const uint8_t file[FBC_SESSION_FILE_LEN] =
        "thirty-two bytes of session key";
    static const uint8_t salt[FBC_SALT_LEN];
    struct opener *o = get(sizeof(*o));
    struct fbc_shadow *s = get(sizeof(*s));

    o->g = u->g;
    o->shadow = get(fbc_shadow_bytes(&u->g));
    o->screen = get((size_t)u->g.width * u->g.height * 4);
    fbc_shadow_init(s, &u->g, u->fb, u->g.width * 4u, o->shadow,
                    get(fbc_shadow_vec_len(&u->g)),
                    get(fbc_shadow_dirty_len(&u->g)),
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

static void opener_free(struct opener *o)
{
    fbc_view_clear(&o->v);
    free(o->shadow);
    free(o->screen);
    free(o);
}

enum { MEMCPY, GCM, POLY, XTS, CHACHA, RC5, MEASUREMENTS };

static void measure(uint32_t width, uint32_t height, FILE *csv)
{
    struct update plain, xts, chacha;
    struct opener *gcm, *poly;

    update_init(&plain, width, height, NULL);
    update_init(&xts, width, height, EVP_aes_256_xts());
    update_init(&chacha, width, height, EVP_chacha20());
    update_check(&plain, update_seal_rc5, update_open_rc5);
    update_check(&xts, update_seal, update_open);
    update_check(&chacha, update_seal, update_open);
    gcm = opener_new(&plain, FBC_AEAD_AES256_GCM);
    poly = opener_new(&plain, FBC_AEAD_CHACHA20_POLY1305);

    struct bench b[MEASUREMENTS] = {
        [MEMCPY] = { "memcpy", update_memcpy, &plain, plain.bytes },
        [GCM] = { "ours-aes256-gcm", run_ours, gcm, plain.bytes },
        [POLY] = { "ours-chacha20-poly1305", run_ours, poly, plain.bytes },
        [XTS] = { "aes256-xts", update_open, &xts, plain.bytes },
        [CHACHA] = { "chacha20", update_open, &chacha, plain.bytes },
        [RC5] = { "rc5-paper", update_open_rc5, &plain, plain.bytes, 3 },
    };
    update_run(b, MEASUREMENTS, "open", &plain.g, csv);

    opener_free(gcm);
    opener_free(poly);
    update_free(&plain);
    update_free(&xts);
    update_free(&chacha);
}

int main(int argc, char **argv)
{
    FILE *csv = update_csv(argc, argv);
    size_t i;

    for ( i = 0; update_sizes[i][0]; i++ )
        measure(update_sizes[i][0], update_sizes[i][1], csv);
    bench_must(csv && fclose(csv), "file");
    bench_end();

    return 0;
}
