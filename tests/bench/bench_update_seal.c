/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's side of figure 7 of the FBCrypt-V paper: the whole screen is
 * synchronised and sealed, by ours with the hypervisor's primitives, and by
 * others.
 *
 * usage: bench_update_seal [FILE.csv]      each round's time goes to the file
 */
#include <stdlib.h>
#include <string.h>

#include "core/shadow.h"
#include "update.h"

#define STEP_BYTES (64u * 1024)         /* as in Xen, between two preemptions */

static const uint8_t session[FBC_KEY_LEN] = "thirty-two bytes of session key";

static void *get(size_t len)
{
    void *p = calloc(1, len);

    bench_must(!p, "malloc");

    return p;
}

static struct fbc_shadow *engine_new(const struct update *u,
                                     enum fbc_aead_id aead)
{
    static const uint8_t id[FBC_HASH_LEN], salt[FBC_SALT_LEN];
    struct fbc_shadow *s = aligned_alloc(64, (sizeof(*s) + 63) & ~(size_t)63);

    bench_must(!s, "malloc");
    memset(s, 0, sizeof(*s));
    fbc_shadow_init(s, &u->g, u->fb, u->g.width * 4u,
                    get(fbc_shadow_bytes(&u->g)),
                    get(fbc_shadow_vec_len(&u->g)),
                    get(fbc_shadow_dirty_len(&u->g)), id, id);
    bench_must(fbc_shadow_key(s, aead, 1, salt, session,
                              FBC_LAUNCHED_UNMEASURED, NULL), "key");

    return s;
}

static void engine_free(struct fbc_shadow *s)
{
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

enum { MEMCPY, GCM, POLY, XTS, CHACHA, RC5, MEASUREMENTS };

static void measure(uint32_t width, uint32_t height, FILE *csv)
{
    struct update plain, xts, chacha;
    struct fbc_shadow *gcm, *poly;

    update_init(&plain, width, height, NULL);
    update_init(&xts, width, height, EVP_aes_256_xts());
    update_init(&chacha, width, height, EVP_chacha20());
    update_check(&xts, update_seal, update_open);
    update_check(&chacha, update_seal, update_open);
    gcm = engine_new(&plain, FBC_AEAD_AES256_GCM);
    poly = engine_new(&plain, FBC_AEAD_CHACHA20_POLY1305);

    struct bench b[MEASUREMENTS] = {
        [MEMCPY] = { "memcpy", update_memcpy, &plain, plain.bytes },
        [GCM] = { "ours-aes256-gcm", run_ours, gcm, plain.bytes },
        [POLY] = { "ours-chacha20-poly1305", run_ours, poly, plain.bytes },
        [XTS] = { "aes256-xts", update_seal, &xts, plain.bytes },
        [CHACHA] = { "chacha20", update_seal, &chacha, plain.bytes },
        [RC5] = { "rc5-paper", update_seal_rc5, &plain, plain.bytes, 3 },
    };
    update_run(b, MEASUREMENTS, "seal", &plain.g, csv);

    engine_free(gcm);
    engine_free(poly);
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
