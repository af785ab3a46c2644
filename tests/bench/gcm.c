/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * AES-256-GCM of several libraries at the hypervisor's work: gather, seal and
 * scatter all tiles of a frame.  First they must agree on random messages.
 *
 * usage: gcm             (make bench-gcm; wants libipsec-mb-dev)
 */
#include <stdio.h>
#include <stdlib.h>

#include <intel-ipsec-mb.h>

#include "bench.h"
#include "core/crypto.h"
#include "core/geom.h"
#include "core/pack.h"
#include "core/tile.h"

#define ROUNDS 2000

__typeof__(fbc_aead_init) openssl_aead_init;
__typeof__(fbc_aead_seal) openssl_aead_seal;

enum how { NONE, BEARSSL, OPENSSL, MB_SSE, MB_AVX2, MB_VAES, HOWS };

static const char *const names[HOWS] = {
    [NONE] = "gather-scatter",
    [BEARSSL] = "seal-frame-bearssl",
    [OPENSSL] = "seal-frame-openssl",
    [MB_SSE] = "seal-frame-ipsec-mb-sse",
    [MB_AVX2] = "seal-frame-ipsec-mb-avx2",
    [MB_VAES] = "seal-frame-ipsec-mb-vaes-avx512",
};

static struct fbc_aead bearssl, openssl;
static struct mb {
    IMB_MGR *mgr;               /* NULL: not on this CPU */
    struct gcm_key_data key __attribute__((__aligned__(64)));
    struct gcm_context_data ctx;
} mb[HOWS];

static struct fbc_geom g;
static uint8_t *fb, *out, *frame, *copy;
static uint64_t counter;
static bool ssse3;

static void seal(enum how how, const uint8_t *nonce, const uint8_t *aad,
                 size_t aad_len, uint8_t *buf, size_t len, uint8_t *tag)
{
    struct mb *m = &mb[how];

    if ( how == BEARSSL )
        bench_must(fbc_aead_seal(&bearssl, nonce, aad, aad_len, buf, len,
                                 tag), names[how]);
    else if ( how == OPENSSL )
        bench_must(openssl_aead_seal(&openssl, nonce, aad, aad_len, buf, len,
                                     tag), names[how]);
    else if ( how != NONE )
        IMB_AES256_GCM_ENC(m->mgr, &m->key, &m->ctx, buf, buf, len, nonce, aad,
                           aad_len, tag, FBC_TAG_LEN);
}

static bool there(enum how how)
{
    return how < MB_SSE || mb[how].mgr;
}

static void mb_init(enum how how, void (*init)(IMB_MGR *), uint64_t features,
                    const uint8_t *key)
{
    IMB_MGR *mgr = alloc_mb_mgr(0);

    bench_must(!mgr, names[how]);
    init(mgr);
    if ( (mgr->features & features) != features )
    {
        free_mb_mgr(mgr);
        return;
    }
    mb[how].mgr = mgr;
    IMB_AES256_GCM_PRE(mgr, key, &mb[how].key);
}

static void agree(void)
{
    static uint8_t message[FBC_TILE_BYTES], made[2][FBC_TILE_BYTES];
    uint8_t nonce[FBC_NONCE_LEN], aad[32], tag[2][FBC_TAG_LEN];
    unsigned int n, i;
    enum how how;

    srand(1);
    for ( n = 0; n < ROUNDS; n++ )
    {
        size_t len = (size_t)rand() % (sizeof(message) + 1);
        size_t aad_len = (size_t)rand() % (sizeof(aad) + 1);

        for ( i = 0; i < sizeof(message); i++ )
            message[i] = (uint8_t)rand();
        for ( i = 0; i < sizeof(aad); i++ )
            aad[i] = (uint8_t)rand();
        fbc_nonce(nonce, FBC_NONCE_TILE, n, 1);
        memcpy(made[0], message, len);
        seal(OPENSSL, nonce, aad, aad_len, made[0], len, tag[0]);
        for ( how = BEARSSL; how < HOWS; how++ )
        {
            if ( !there(how) )
                continue;
            memcpy(made[1], message, len);
            seal(how, nonce, aad, aad_len, made[1], len, tag[1]);
            bench_must(memcmp(made[0], made[1], len) ||
                       memcmp(tag[0], tag[1], FBC_TAG_LEN), names[how]);
        }
    }
}

static void run_memcpy(void *arg)
{
    (void)arg;
    memcpy(copy, frame, (size_t)g.width * g.height * 3);
    __asm__ __volatile__ ( "" : : "r" (copy) : "memory" );
}

static void run_seal(void *arg)
{
    enum how how = *(enum how *)arg;
    uint8_t buf[FBC_TILE_BYTES], nonce[FBC_NONCE_LEN], aad[10] = { 'T' };
    uint8_t tag[FBC_TAG_LEN];
    uint32_t t;

    for ( t = 0; t < g.tiles; t++ )
    {
        struct fbc_rect r = fbc_geom_tile(&g, t);

        fbc_pack_rect(buf, fb + ((size_t)r.y * g.width + r.x) * 4,
                      g.width * 4u, r.w, r.h, ssse3);
        fbc_nonce(nonce, FBC_NONCE_TILE, t, ++counter);
        seal(how, nonce, aad, sizeof(aad), buf, (size_t)r.w * r.h * 3, tag);
        __asm__ __volatile__ ( "" : : "r" (buf) : "memory" );
        fbc_unpack_rect(out + ((size_t)fbc_geom_srow(r.y) * g.swidth + r.x) *
                              4, g.swidth * 4u, buf, r.w, r.h, ssse3);
    }
}

static void measure(uint32_t width, uint32_t height)
{
    static enum how hows[HOWS];
    size_t len = (size_t)width * height * 3, n = 1;
    struct bench b[1 + HOWS] = {
        { .name = "memcpy-24bit", .run = run_memcpy, .bytes = len },
    };
    char size[16];
    enum how how;

    bench_must(fbc_geom_init(&g, width, height), "geometry");
    fb = bench_get((size_t)width * height * 4);
    out = bench_get((size_t)g.swidth * g.sheight * 4);
    frame = bench_get(len);
    copy = bench_get(len);
    for ( how = NONE; how < HOWS; how++ )
    {
        hows[how] = how;
        if ( there(how) )
            b[n++] = (struct bench){ .name = names[how], .run = run_seal,
                                     .arg = &hows[how], .bytes = len };
    }
    bench_run(b, n);
    snprintf(size, sizeof(size), "%ux%u", width, height);
    bench_print(b, n, size);
    free(fb);
    free(out);
    free(frame);
    free(copy);
}

int main(void)
{
    static const uint8_t key[FBC_KEY_LEN] = "thirty-two bytes of session key";

    bench_must(fbc_aead_init(&bearssl, FBC_AEAD_AES256_GCM, key), "BearSSL");
    bench_must(openssl_aead_init(&openssl, FBC_AEAD_AES256_GCM, key),
               "OpenSSL");
    mb_init(MB_SSE, init_mb_mgr_sse, IMB_FEATURE_AESNI | IMB_FEATURE_PCLMULQDQ,
            key);
    mb_init(MB_AVX2, init_mb_mgr_avx2, IMB_FEATURE_AVX2, key);
    mb_init(MB_VAES, init_mb_mgr_avx512,
            IMB_FEATURE_VAES | IMB_FEATURE_VPCLMULQDQ |
            IMB_FEATURE_AVX512_SKX, key);

    ssse3 = fbc_pack_ssse3();
    agree();
    bench_print_head();
    measure(800, 600);
    measure(1920, 1080);
    bench_end();

    return 0;
}
