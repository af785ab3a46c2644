/* SPDX-License-Identifier: GPL-2.0-only */
/* Updates under other ciphers. */
#include "update.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pack.h"
#include "core/tile.h"
#include "rc5.h"

static const uint32_t sizes[][2] = {
    { 800, 600 }, { 1920, 1080 }, { 2560, 1600 },
};

static const uint8_t key[64] =
    "sixty-four bytes: two different halves, as XTS wants them to be";

static void update_noise(uint8_t *fb, size_t len)
{
    uint32_t v = 1;

    while ( len-- )
        *fb++ = (uint8_t)((v = v * 1664525 + 1013904223) >> 24);
}

/* Text of two colours in cells of 8 x 16 pixels. */
static void update_draw_text(struct update *u)
{
    const uint32_t ink = 0xaaaaaa, ground = 0;
    uint32_t x, y;

    for ( y = 0; y < u->g.height; y++ )
        for ( x = 0; x < u->g.width; x++ )
        {
            uint32_t cell = x / 8 * 2654435761u ^ y * 40503u;
            bool dot = y % 16 > 1 && y % 16 < 13 && cell >> x % 8 & 0x100;

            memcpy(u->fb + ((size_t)y * u->g.width + x) * 4,
                   dot ? &ink : &ground, 4);
        }
}

static void update_init(struct update *u, uint32_t width, uint32_t height,
                        const EVP_CIPHER *cipher)
{
    size_t px = (size_t)width * height;

    memset(u, 0, sizeof(*u));
    bench_must(fbc_geom_init(&u->g, width, height), "geometry");
    u->bytes = px * 3;
    u->fb = bench_get(px * 4);
    u->replica = bench_get(px * 4);
    u->screen = bench_get(px * 4);
    u->frame = bench_get(px * 3);
    u->copy = bench_get(px * 3);
    update_noise(u->fb, px * 4);
    fbc_pack(u->frame, u->fb, px);
    if ( !cipher )
        return;

    u->seal = EVP_CIPHER_CTX_new();
    u->open = EVP_CIPHER_CTX_new();
    bench_must(EVP_EncryptInit_ex(u->seal, cipher, NULL, key, NULL) != 1 ||
               EVP_DecryptInit_ex(u->open, cipher, NULL, key, NULL) != 1,
               "cipher");
}

static void update_free(struct update *u)
{
    EVP_CIPHER_CTX_free(u->seal);
    EVP_CIPHER_CTX_free(u->open);
    free(u->fb);
    free(u->replica);
    free(u->screen);
    free(u->frame);
    free(u->copy);
}

static void update_memcpy(void *arg)
{
    struct update *u = arg;

    memcpy(u->copy, u->frame, u->bytes);
    __asm__ __volatile__ ( "" : : "r" (u->copy) : "memory" );
}

/* Each tile: gathered, passed through the cipher, scattered. */
static void through(const struct update *u, EVP_CIPHER_CTX *ctx,
                    const uint8_t *from, uint8_t *to)
{
    const bool ssse3 = fbc_pack_ssse3();
    const size_t stride = u->g.width * 4u;
    uint8_t buf[FBC_TILE_BYTES], iv[16] = { 0 };
    uint32_t t;
    int len;

    for ( t = 0; t < u->g.tiles; t++ )
    {
        struct fbc_rect r = fbc_geom_tile(&u->g, t);
        size_t at = r.y * stride + r.x * 4u;

        fbc_pack_rect(buf, from + at, stride, r.w, r.h, ssse3);
        /* ChaCha20's first word counts blocks; XTS takes the number. */
        fbc_put64(iv + 4, t);
        bench_must(EVP_CipherInit_ex(ctx, NULL, NULL, NULL, iv, -1) != 1 ||
                   EVP_CipherUpdate(ctx, buf, &len, buf,
                                    r.w * r.h * 3) != 1, "cipher");
        fbc_unpack_rect(to + at, stride, buf, r.w, r.h, ssse3);
    }
}

static void update_seal(void *arg)
{
    const struct update *u = arg;

    through(u, u->seal, u->fb, u->replica);
}

static void update_open(void *arg)
{
    const struct update *u = arg;

    through(u, u->open, u->replica, u->screen);
}

static void update_seal_rc5(void *arg)
{
    const struct update *u = arg;

    memcpy(u->replica, u->fb, (size_t)u->g.width * u->g.height * 4);
    rc5_frame_paper(key, u->replica, u->g.width, u->g.height);
}

static void update_open_rc5(void *arg)
{
    const struct update *u = arg;
    uint8_t *p = u->screen;
    struct rc5_schedule s;
    uint32_t x, y;

    memcpy(u->screen, u->replica, (size_t)u->g.width * u->g.height * 4);
    for ( y = 0; y < u->g.height; y++ )
        for ( x = 0; x < u->g.width; x += 2, p += 8 )
        {
            rc5_schedule(&s, key, x, y);
            rc5_decrypt(&s, x, y, p);
        }
}

/* Our cipher alone, on a tile in the cache: what no way to do it can beat. */
struct alone {
    const struct update *u;
    struct fbc_aead aead;
    uint8_t tile[FBC_TILE_BYTES], tag[FBC_TAG_LEN];
};

static const uint8_t alone_nonce[FBC_NONCE_LEN], alone_aad[FBC_AAD_LEN];

static void alone_begin(struct alone *a, const struct update *u)
{
    memset(a, 0, sizeof(*a));
    a->u = u;
    bench_must(fbc_aead_init(&a->aead, FBC_AEAD_AES256_GCM, key) ||
               fbc_aead_seal(&a->aead, alone_nonce, alone_aad,
                             sizeof(alone_aad), a->tile, sizeof(a->tile),
                             a->tag), "cipher");
}

static void alone_seal(void *arg)
{
    struct alone *a = arg;
    uint8_t buf[FBC_TILE_BYTES], tag[FBC_TAG_LEN];
    size_t left;

    memset(buf, 0, sizeof(buf));
    for ( left = a->u->bytes; left >= sizeof(buf); left -= sizeof(buf) )
        bench_must(fbc_aead_seal(&a->aead, alone_nonce, alone_aad,
                                 sizeof(alone_aad), buf, sizeof(buf), tag),
                   "seal");
}

static void alone_open(void *arg)
{
    struct alone *a = arg;
    uint8_t buf[FBC_TILE_BYTES];
    size_t left;

    for ( left = a->u->bytes; left >= sizeof(buf); left -= sizeof(buf) )
    {
        memcpy(buf, a->tile, sizeof(buf));
        bench_must(fbc_aead_open(&a->aead, alone_nonce, alone_aad,
                                 sizeof(alone_aad), buf, sizeof(buf), a->tag),
                   "open");
    }
}

/* Ends the program unless open gives back what seal was given, and hid. */
static void update_check(struct update *u, void (*seal)(void *arg),
                         void (*open)(void *arg))
{
    size_t px = (size_t)u->g.width * u->g.height;

    seal(u);
    fbc_pack(u->copy, u->replica, px);
    bench_must(!memcmp(u->copy, u->frame, u->bytes / 16), "hiding");
    open(u);
    fbc_pack(u->copy, u->screen, px);
    bench_must(memcmp(u->copy, u->frame, u->bytes), "opening");
}

static void write_rounds(FILE *csv, const struct bench *b, const char *way,
                         const char *size)
{
    uint32_t round;

    for ( round = 0; csv && round < b->rounds; round++ )
        fprintf(csv, "%s,%s,%s,%zu,%llu\n", b->name, way, size, b->bytes,
                (unsigned long long)b->ns[round]);
}

enum { MEMCPY, GCM, ALONE, POLY, TEXT, CODED, XTS, CHACHA, RC5, MEASUREMENTS };

static void measure(const struct update_way *way, uint32_t width,
                    uint32_t height, FILE *csv)
{
    void (*peer)(void *arg) = way->opens ? update_open : update_seal;
    void (*paper)(void *arg) = way->opens ? update_open_rc5 : update_seal_rc5;
    struct update plain, text, xts, chacha;
    void *gcm, *poly, *raw, *coded;
    struct alone alone;
    char size[16];
    size_t i;

    update_init(&plain, width, height, NULL);
    update_init(&text, width, height, NULL);
    update_draw_text(&text);
    update_init(&xts, width, height, EVP_aes_256_xts());
    update_init(&chacha, width, height, EVP_chacha20());
    update_check(&plain, update_seal_rc5, update_open_rc5);
    update_check(&xts, update_seal, update_open);
    update_check(&chacha, update_seal, update_open);
    alone_begin(&alone, &plain);
    gcm = way->begin(&plain, FBC_AEAD_AES256_GCM, false);
    poly = way->begin(&plain, FBC_AEAD_CHACHA20_POLY1305, false);
    raw = way->begin(&text, FBC_AEAD_AES256_GCM, false);
    coded = way->begin(&text, FBC_AEAD_AES256_GCM, true);

    struct bench b[MEASUREMENTS] = {
        [MEMCPY] = { "memcpy", update_memcpy, &plain, plain.bytes },
        [GCM] = { "ours-aes256-gcm", way->run, gcm, plain.bytes },
        [ALONE] = { "aes256-gcm-alone", way->opens ? alone_open : alone_seal,
                    &alone, plain.bytes },
        [POLY] = { "ours-chacha20-poly1305", way->run, poly, plain.bytes },
        [TEXT] = { "ours-text", way->run, raw, plain.bytes },
        [CODED] = { "ours-text-console", way->run, coded, plain.bytes },
        [XTS] = { "aes256-xts", peer, &xts, plain.bytes },
        [CHACHA] = { "chacha20", peer, &chacha, plain.bytes },
        [RC5] = { "rc5-paper", paper, &plain, plain.bytes, 3 },
    };
    bench_run(b, MEASUREMENTS);
    snprintf(size, sizeof(size), "%ux%u", plain.g.width, plain.g.height);
    bench_print(b, MEASUREMENTS, size);
    for ( i = 0; i < MEASUREMENTS; i++ )
        write_rounds(csv, &b[i], way->name, size);

    way->end(gcm);
    way->end(poly);
    way->end(raw);
    way->end(coded);
    fbc_aead_clear(&alone.aead);
    update_free(&plain);
    update_free(&text);
    update_free(&xts);
    update_free(&chacha);
}

int update_compare(const struct update_way *way, int argc, char **argv)
{
    FILE *csv = argc > 1 ? fopen(argv[1], "w") : NULL;
    size_t i;

    bench_must(argc > 1 && !csv, "file");
    if ( csv )
        fprintf(csv, "what,way,size,bytes,ns\n");
    bench_print_head();
    for ( i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
        measure(way, sizes[i][0], sizes[i][1], csv);
    bench_must(csv && fclose(csv), "file");
    bench_end();

    return 0;
}
