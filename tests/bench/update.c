/* SPDX-License-Identifier: GPL-2.0-only */
/* Updates under other ciphers. */
#include "update.h"

#include <stdlib.h>
#include <string.h>

#include "core/pack.h"
#include "core/tile.h"
#include "rc5.h"

const uint32_t update_sizes[][2] = {
    { 800, 600 }, { 1920, 1080 }, { 2560, 1600 }, { 0, 0 },
};

static const uint8_t key[64] =
    "sixty-four bytes: two different halves, as XTS wants them to be";

static void *get(size_t len)
{
    void *p = aligned_alloc(4096, (len + 4095) & ~(size_t)4095);

    bench_must(!p, "malloc");
    memset(p, 0, len);

    return p;
}

void update_noise(uint8_t *fb, size_t len)
{
    uint32_t v = 1;

    while ( len-- )
        *fb++ = (uint8_t)((v = v * 1664525 + 1013904223) >> 24);
}

void update_init(struct update *u, uint32_t width, uint32_t height,
                 const EVP_CIPHER *cipher)
{
    size_t px = (size_t)width * height;

    memset(u, 0, sizeof(*u));
    bench_must(fbc_geom_init(&u->g, width, height), "geometry");
    u->bytes = px * 3;
    u->fb = get(px * 4);
    u->replica = get(px * 4);
    u->screen = get(px * 4);
    u->frame = get(px * 3);
    u->copy = get(px * 3);
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

void update_free(struct update *u)
{
    EVP_CIPHER_CTX_free(u->seal);
    EVP_CIPHER_CTX_free(u->open);
    free(u->fb);
    free(u->replica);
    free(u->screen);
    free(u->frame);
    free(u->copy);
}

void update_memcpy(void *arg)
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

void update_seal(void *arg)
{
    const struct update *u = arg;

    through(u, u->seal, u->fb, u->replica);
}

void update_open(void *arg)
{
    const struct update *u = arg;

    through(u, u->open, u->replica, u->screen);
}

void update_seal_rc5(void *arg)
{
    const struct update *u = arg;

    memcpy(u->replica, u->fb, (size_t)u->g.width * u->g.height * 4);
    rc5_frame_paper(key, u->replica, u->g.width, u->g.height);
}

void update_open_rc5(void *arg)
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

void update_check(struct update *u, void (*seal)(void *arg),
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

void update_run(struct bench *b, size_t n, const char *way,
                const struct fbc_geom *g, FILE *csv)
{
    char size[16];
    uint32_t round;
    size_t i;

    bench_run(b, n);
    snprintf(size, sizeof(size), "%ux%u", g->width, g->height);
    bench_print(b, n, size);
    for ( i = 0; csv && i < n; i++ )
        for ( round = 0; round < b[i].rounds; round++ )
            fprintf(csv, "%s,%s,%s,%zu,%llu\n", b[i].name, way, size,
                    b[i].bytes, (unsigned long long)b[i].ns[round]);
}

FILE *update_csv(int argc, char **argv)
{
    FILE *csv = argc > 1 ? fopen(argv[1], "w") : NULL;

    bench_must(argc > 1 && !csv, "file");
    if ( csv )
        fprintf(csv, "what,way,size,bytes,ns\n");
    bench_print_head();

    return csv;
}
