/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A console session of 800 x 592 pixels and what dom0 sees of it: boot log,
 * coloured ls, an editor, a shell with secrets; in plain, under the paper's
 * RC5, under AES-256-XTS (16-pixel segments), sealed by our engine (also with
 * coded bands), or black.
 * The same seed gives the same session and the same keys.
 */
#ifndef FBC_TEST_LEAKGEN_H
#define FBC_TEST_LEAKGEN_H

#include <openssl/evp.h>

#include "engine.h"
#include "../bench/rc5.h"
#include "lib/leak/leakfont.h"

#define GEN_COLS   100u
#define GEN_ROWS   37u
#define GEN_WIDTH  800u
#define GEN_HEIGHT 592u
#define GEN_FRAMES 200u
#define GEN_SEGMENT 48u         /* bytes of XTS: 16 pixels */
#define GEN_SECRET "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENG"

enum gen_mode { GEN_PLAIN, GEN_RC5, GEN_XTS, GEN_AEAD, GEN_CONSOLE,
                GEN_BLACK };

struct gen {
    enum gen_mode mode;
    uint64_t seed;
    const struct fbc_leak_font *font;
    char text[GEN_ROWS][GEN_COLS];
    uint32_t ink[GEN_ROWS][GEN_COLS];   /* colour of each character */
    uint32_t line, column;              /* where text goes on */
    const char *typing;                 /* rest of the line being typed */
    uint32_t frames;
    struct engine e;                    /* its fb is the plain screen */
    uint8_t *before, *seen;             /* plain screen before; ciphertext */
    struct rc5_schedule *rc5;
    EVP_CIPHER_CTX *xts;
};

static inline uint32_t gen_below(struct gen *g, uint32_t n)
{
    return engine_random(&g->seed) % n;
}

static inline void gen_bytes(struct gen *g, uint8_t *p, size_t len)
{
    while ( len-- )
        *p++ = (uint8_t)engine_random(&g->seed);
}

static inline void gen_init(struct gen *g, enum gen_mode mode, uint64_t seed,
                            const struct fbc_leak_font *font)
{
    uint8_t key[64], salt[FBC_SALT_LEN];

    memset(g, 0, sizeof(*g));
    g->mode = mode;
    g->font = font;
    MUST(font->height == 16);
    memset(g->text, ' ', sizeof(g->text));
    engine_init(&g->e, GEN_WIDTH, GEN_HEIGHT, 0);
    g->before = calloc(1, g->e.fb_len);
    g->seen = calloc(1, g->e.fb_len);
    MUST(g->before && g->seen);

    g->seed = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    gen_bytes(g, key, sizeof(key));
    gen_bytes(g, salt, sizeof(salt));
    if ( mode == GEN_RC5 )
    {
        g->rc5 = malloc(rc5_cache_len(GEN_WIDTH, GEN_HEIGHT));
        MUST(g->rc5);
        rc5_cache_init(g->rc5, key, GEN_WIDTH, GEN_HEIGHT);
    }
    else if ( mode == GEN_XTS )
    {
        g->xts = EVP_CIPHER_CTX_new();
        MUST(EVP_EncryptInit_ex(g->xts, EVP_aes_256_xts(), NULL, key, NULL));
    }
    else if ( mode == GEN_CONSOLE )
        engine_console(&g->e);
    if ( mode == GEN_AEAD || mode == GEN_CONSOLE )
        MUST(!fbc_shadow_key(&g->e.s, FBC_AEAD_AES256_GCM, 1, salt, key,
                             FBC_LAUNCHED_UNMEASURED, NULL));
}

static inline void gen_free(struct gen *g)
{
    engine_free(&g->e);
    EVP_CIPHER_CTX_free(g->xts);
    free(g->rc5);
    free(g->before);
    free(g->seen);
}

static inline void gen_newline(struct gen *g)
{
    g->column = 0;
    if ( ++g->line < GEN_ROWS )
        return;
    g->line = GEN_ROWS - 1;
    memmove(g->text, g->text + 1, sizeof(g->text) - GEN_COLS);
    memmove(g->ink, g->ink + 1, sizeof(g->ink) - sizeof(g->ink[0]));
    memset(g->text[g->line], ' ', GEN_COLS);
}

static inline void gen_print(struct gen *g, uint32_t ink, const char *s)
{
    for ( ; *s; s++ )
    {
        if ( *s == '\n' || g->column == GEN_COLS )
            gen_newline(g);
        if ( *s == '\n' )
            continue;
        g->ink[g->line][g->column] = ink;
        g->text[g->line][g->column++] = *s;
    }
}

static const char *const gen_words[] = {
    "Loading", "system", "kernel", "initrd", "memory", "domain", "console",
    "event", "channel", "grant", "table", "version", "interrupt", "BIOS",
    "ACPI", "timer", "Freeing", "unused", "Xen", "HVM", "enabled", "VMX",
    "driver", "mapped", "pages", "xenbus", "Quick", "zone", "just", "block",
    "queue", "Jiffies", "RAM", "GPU", "Kbytes", "Window", "x86/PAT", "PCI:",
};

static inline const char *gen_word(struct gen *g)
{
    return gen_words[gen_below(g, sizeof(gen_words) / sizeof(gen_words[0]))];
}

static inline void gen_boot_line(struct gen *g)
{
    char s[GEN_COLS + 1];
    uint32_t i, n = gen_below(g, 6);

    snprintf(s, sizeof(s), "[%5u.%06u] %s: ", g->frames / 8,
             gen_below(g, 1000000), gen_word(g));
    gen_print(g, 0xaaaaaa, s);
    for ( i = 0; i <= n; i++ )
    {
        snprintf(s, sizeof(s), gen_below(g, 3) ? "%s " : "%s 0x%08x ",
                 gen_word(g), engine_random(&g->seed));
        if ( g->column + strlen(s) < GEN_COLS )
            gen_print(g, 0xaaaaaa, s);
    }
    gen_newline(g);
}

static inline void gen_ls_line(struct gen *g)
{
    static const uint32_t inks[] = { 0x55ff55, 0x55ffff, 0xaaaaaa };
    char s[GEN_COLS + 1];

    snprintf(s, sizeof(s), "-rwxr-%cr-x %u root root %8u Nov %2u %02u:%02u ",
             gen_below(g, 2) ? 'x' : 's', 1 + gen_below(g, 9),
             gen_below(g, 9000000), 1 + gen_below(g, 30), gen_below(g, 24),
             gen_below(g, 60));
    gen_print(g, 0xaaaaaa, s);
    snprintf(s, sizeof(s), "%s-%s%u\n", gen_word(g), gen_word(g),
             gen_below(g, 100));
    gen_print(g, inks[gen_below(g, 3)], s);
}

static inline void gen_editor_page(struct gen *g)
{
    static const char *const tokens[] = {
        "if (", "return", "NULL;", "{", "}", "int ", "for (", "->next", "= 0;",
        "+ 1)", "&& !", "sizeof(", "||", "/* ", "*/", "char *", "%s\\n",
    };
    uint32_t y, n;

    memset(g->text, ' ', sizeof(g->text));
    for ( y = 0; y + 1 < GEN_ROWS; y++ )
    {
        g->line = y;
        g->column = 4 * gen_below(g, 5);
        for ( n = gen_below(g, 8); n; n-- )
        {
            bool word = gen_below(g, 2);

            if ( g->column > 80 )
                break;
            gen_print(g, word ? 0xffff55 : 0xaaaaaa, word ? gen_word(g) :
                      tokens[gen_below(g, sizeof(tokens) /
                                          sizeof(tokens[0]))]);
            g->column++;
        }
    }
    g->line = GEN_ROWS - 1;
    g->column = 0;
    gen_print(g, 0xffffff, "\"main.c\" 1024L, 31337B");
    g->column = 0;
}

static inline void gen_type(struct gen *g)
{
    static const char *const lines[] = {
        "export " GEN_SECRET "\n", "cat /etc/shadow | head -3\n",
        "mysql -u root -pTr0ub4dor_and_3\n", "ls -l /var/log | tail\n",
        "ssh backup@10.20.30.40 'tar cz /home' > Home_Quux.tgz\n",
        "passwd jdoe\n", "kubectl get pods -n prod -o wide\n",
    };
    char c[2] = { 0, 0 };
    uint32_t n = 1 + gen_below(g, 8), i;

    for ( ; n; n-- )
    {
        if ( !g->typing || !*g->typing )
        {
            for ( i = gen_below(g, 6); i; i-- )
                gen_boot_line(g);
            gen_print(g, 0x55ff55, "root@tenant");
            gen_print(g, 0xaaaaaa, ":~# ");
            g->typing = lines[gen_below(g, 7)];
        }
        c[0] = *g->typing++;
        gen_print(g, 0xaaaaaa, c);
    }
}

static inline void gen_draw(struct gen *g)
{
    uint32_t x, y, row, bit;

    memcpy(g->before, g->e.fb, g->e.fb_len);
    for ( y = 0; y < GEN_ROWS; y++ )
        for ( x = 0; x < GEN_COLS; x++ )
        {
            const uint8_t *glyph = g->font->row[g->text[y][x] -
                                                (int)FBC_LEAK_FIRST];

            for ( row = 0; row < 16; row++ )
                for ( bit = 0; bit < 8; bit++ )
                    fbc_put32(engine_pixel(&g->e, 8 * x + bit, 16 * y + row),
                              glyph[row] & 0x80 >> bit ? g->ink[y][x] : 0);
        }
}

static inline void gen_rc5(struct gen *g, bool first)
{
    size_t i, n = g->e.fb_len / 8;

    for ( i = 0; i < n; i++ )
        if ( first || memcmp(g->before + 8 * i, g->e.fb + 8 * i, 8) )
        {
            memcpy(g->seen + 8 * i, g->e.fb + 8 * i, 8);
            rc5_encrypt(&g->rc5[i], (uint32_t)(2 * i % GEN_WIDTH),
                        (uint32_t)(2 * i / GEN_WIDTH), g->seen + 8 * i);
        }
}

static inline void gen_xts(struct gen *g, bool first)
{
    uint8_t tweak[16] = { 0 }, buf[GEN_SEGMENT];
    size_t i, n = g->e.fb_len / 64;
    int len;

    for ( i = 0; i < n; i++ )
        if ( first || memcmp(g->before + 64 * i, g->e.fb + 64 * i, 64) )
        {
            fbc_put64(tweak, i);
            fbc_pack(buf, g->e.fb + 64 * i, 16);
            MUST(EVP_EncryptInit_ex(g->xts, NULL, NULL, NULL, tweak));
            MUST(EVP_EncryptUpdate(g->xts, buf, &len, buf, sizeof(buf)));
            fbc_unpack(g->seen + 64 * i, buf, 16);
        }
}

/* As a guest does: one rectangle around what changed. */
static inline void gen_aead(struct gen *g, bool first)
{
    size_t line = g->e.line_length;
    uint32_t y, top = GEN_HEIGHT, end = 0;

    for ( y = 0; y < GEN_HEIGHT; y++ )
        if ( memcmp(g->before + y * line, g->e.fb + y * line, line) )
        {
            top = y < top ? y : top;
            end = y + 1;
        }
    if ( end && !first )
        engine_damage(&g->e, 0, (uint16_t)top, GEN_WIDTH,
                      (uint16_t)(end - top));
    engine_seal(&g->e);
}

/* The next frame as dom0 sees it. */
static inline const uint8_t *gen_next(struct gen *g, uint32_t *w, uint32_t *h)
{
    bool first = !g->frames;
    uint32_t n = 0;

    if ( g->frames < 70 )
        for ( n = 1 + gen_below(g, 4); n; n-- )
            gen_boot_line(g);
    else if ( g->frames < 110 )
        for ( n = 1 + gen_below(g, 5); n; n-- )
            gen_ls_line(g);
    else if ( g->frames < 140 )
        gen_editor_page(g);
    else
        gen_type(g);
    g->frames++;
    gen_draw(g);

    *w = GEN_WIDTH;
    *h = GEN_HEIGHT;
    switch ( g->mode )
    {
    case GEN_PLAIN: return g->e.fb;
    case GEN_RC5:   gen_rc5(g, first); return g->seen;
    case GEN_XTS:   gen_xts(g, first); return g->seen;
    case GEN_AEAD:
    case GEN_CONSOLE: gen_aead(g, first); break;
    case GEN_BLACK: break;
    }
    *w = g->e.g.swidth;
    *h = g->e.g.sheight;

    return g->e.out;
}

#endif /* FBC_TEST_LEAKGEN_H */
