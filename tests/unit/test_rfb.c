/* SPDX-License-Identifier: GPL-2.0-only */
/* The RFB client: what honest servers send, in pieces of every size. */
#include "vec.h"

#include "rfbenc.h"
#include "rfbpeer.h"

static uint32_t rnd(void)
{
    static uint32_t s = 12345;

    s = s * 1664525 + 1013904223;

    return s >> 8;
}

/* Of so many colours at most; 0: of as many as there are. */
static uint8_t *picture(uint32_t w, uint32_t h, unsigned int colours,
                        uint32_t run)
{
    uint8_t *pic = malloc(w * h * 4);
    uint32_t i, left = 0, c = 0;

    assert_non_null(pic);
    for ( i = 0; i < w * h; i++ )
    {
        if ( !left )
        {
            left = 1 + rnd() % run;
            c = colours ? rnd() % colours * 0x10305 : rnd();
        }
        left--;
        fbc_put32(pic + i * 4, c & 0xffffff);
    }

    return pic;
}

static bool same(const uint8_t *a, const uint8_t *b, uint32_t pixels)
{
    uint32_t i;

    for ( i = 0; i < pixels; i++ )
        if ( memcmp(a + i * 4, b + i * 4, 3) )
            return false;

    return true;
}

static const size_t pieces[] = { 0, 1, 2, 7, 100, 5000 };

/*
 * Two pictures by way of two updates of some rectangles each, so that what an
 * encoder carries over is carried over.
 */
static void exchange(struct rfb_enc *e, uint32_t w, uint32_t h,
                     unsigned int colours, uint32_t run, uint32_t work_max)
{
    struct rfb_buf b = { 0 };
    uint8_t *pic[2] = { picture(w, h, colours, run),
                        picture(w, h, colours, run) };
    const struct fbc_rect parts[] = {
        { 0, 0, (uint16_t)w, 1 },
        { 0, 1, 1, (uint16_t)(h - 1) },
        { 1, 1, (uint16_t)(w - 1), (uint16_t)(h - 1) },
    };
    size_t i, k;

    rfb_hello(&b, 8, w, h);
    for ( k = 0; k < 2; k++ )
    {
        rfb_update(&b, 3);
        for ( i = 0; i < 3; i++ )
            rfb_rect(&b, e, pic[k], w * 4, &parts[i]);
    }

    for ( i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++ )
    {
        struct peer *p = malloc(sizeof(*p));

        assert_non_null(p);
        peer_init(p);
        p->c.work_max = work_max;
        assert_int_equal(peer_feed(p, b.p, b.len, pieces[i]), FBC_OK);
        assert_int_equal(p->updates, 2);
        assert_int_equal(p->c.rects, 6);
        assert_int_equal(p->c.pixels, 2 * w * h);
        assert_true(same(p->pic, pic[1], w * h));
        if ( work_max < w * h && !pieces[i] )
            assert_true(p->worked);
        peer_free(p);
        free(p);
    }
    free(pic[0]);
    free(pic[1]);
    rfb_buf_free(&b);
    rfb_enc_end(e);
}

/* All sizes, so that tiles at the edges are of all sizes. */
static void sizes(int32_t encoding, enum rfb_how how, unsigned int colours,
                  uint32_t run)
{
    static const uint16_t size[][2] = { { 2, 2 }, { 3, 9 }, { 16, 17 },
                                        { 65, 65 }, { 129, 20 }, { 300, 3 } };
    size_t i;

    for ( i = 0; i < sizeof(size) / sizeof(size[0]); i++ )
    {
        struct rfb_enc e = { .encoding = encoding, .how = how,
                             .level = i % 2 ? 6 : 0,
                             .stream = (unsigned int)i % 4 };

        exchange(&e, size[i][0], size[i][1], colours, run, UINT32_MAX);
    }
}

static void raw(void **state)
{
    (void)state;
    sizes(FBC_RFB_RAW, RFB_PLAIN, 0, 1);
}

static void hextile(void **state)
{
    (void)state;
    sizes(FBC_RFB_HEXTILE, RFB_PLAIN, 0, 1);
    sizes(FBC_RFB_HEXTILE, RFB_SOLID, 2, 1000);
    sizes(FBC_RFB_HEXTILE, RFB_PALETTE, 2, 5);
    sizes(FBC_RFB_HEXTILE, RFB_COLOURED, 200, 4);
}

static void zlib(void **state)
{
    (void)state;
    sizes(FBC_RFB_ZLIB, RFB_PLAIN, 0, 1);
    sizes(FBC_RFB_ZLIB, RFB_PLAIN, 3, 50);
}

static void tight(void **state)
{
    unsigned int colours;

    (void)state;
    sizes(FBC_RFB_TIGHT, RFB_PLAIN, 0, 1);
    sizes(FBC_RFB_TIGHT, RFB_SOLID, 1, 1);
    sizes(FBC_RFB_TIGHT, RFB_GRADIENT, 0, 2);
    for ( colours = 2; colours <= 256; colours *= 2 )
        sizes(FBC_RFB_TIGHT, RFB_PALETTE, colours, 4);
}

static void zrle(void **state)
{
    unsigned int colours;

    (void)state;
    sizes(FBC_RFB_ZRLE, RFB_PLAIN, 0, 1);
    sizes(FBC_RFB_ZRLE, RFB_SOLID, 2, 10000);
    sizes(FBC_RFB_ZRLE, RFB_RLE, 0, 700);
    for ( colours = 2; colours <= 16; colours++ )
        sizes(FBC_RFB_ZRLE, RFB_PALETTE, colours, 4);
    for ( colours = 2; colours <= 127; colours += 25 )
        sizes(FBC_RFB_ZRLE, RFB_PALETTE_RLE, colours, 300);
}

static void stops_when_it_has_worked(void **state)
{
    static const struct {
        int32_t encoding;
        enum rfb_how how;
        unsigned int colours;
    } c[] = {
        { FBC_RFB_RAW, RFB_PLAIN, 0 }, { FBC_RFB_HEXTILE, RFB_COLOURED, 9 },
        { FBC_RFB_ZLIB, RFB_PLAIN, 1 }, { FBC_RFB_TIGHT, RFB_PALETTE, 9 },
        { FBC_RFB_ZRLE, RFB_RLE, 9 }, { FBC_RFB_ZRLE, RFB_SOLID, 1 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(c) / sizeof(c[0]); i++ )
    {
        struct rfb_enc e = { .encoding = c[i].encoding, .how = c[i].how,
                             .level = 9 };

        exchange(&e, 300, 200, c[i].colours, 10, 1000);
    }
}

static void tight_streams_begin_anew(void **state)
{
    struct rfb_enc e = { .encoding = FBC_RFB_TIGHT, .level = 6 };
    const struct fbc_rect all = { 0, 0, 40, 40 };
    uint8_t *pic = picture(40, 40, 300, 3);
    struct rfb_buf b = { 0 };
    struct peer *p = malloc(sizeof(*p));
    unsigned int i;

    (void)state;
    assert_non_null(p);
    peer_init(p);
    rfb_hello(&b, 8, 40, 40);
    for ( i = 0; i < 8; i++ )
    {
        rfb_update(&b, 1);
        e.stream = i % 4;
        e.reset = (uint8_t)(i % 3 ? 0 : 15);
        rfb_rect(&b, &e, pic, 160, &all);
    }
    assert_int_equal(peer_feed(p, b.p, b.len, 50), FBC_OK);
    assert_true(same(p->pic, pic, 1600));
    peer_free(p);
    free(p);
    free(pic);
    rfb_buf_free(&b);
    rfb_enc_end(&e);
}

/* What a client must send when nothing but the version differs. */
static void check_wishes(const uint8_t *sent, size_t len, int32_t first)
{
    static const uint8_t format[20] = { 0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0,
                                        255, 0, 255, 16, 8, 0 };
    bool level = false;
    unsigned int n, i;

    assert_true(len > sizeof(format) + 4);
    assert_memory_equal(sent, format, sizeof(format));
    sent += sizeof(format);
    assert_int_equal(sent[0], 2);
    n = fbc_get_be16(sent + 2);
    assert_int_equal(len, sizeof(format) + 4 + n * 4);
    assert_int_equal((int32_t)fbc_get_be32(sent + 4), first);
    for ( i = 0; i < n; i++ )
    {
        int32_t e = (int32_t)fbc_get_be32(sent + 4 + i * 4);

        level |= e == -256;
        /* Nothing lossy: neither JPEG's quality nor fine-grained quality. */
        assert_false((e >= -32 && e <= -23) || (e >= -512 && e <= -412));
        assert_int_not_equal(e, FBC_RFB_COPYRECT);
    }
    assert_true(level);
}

struct hello {
    const char *version, *answer;
    bool list;                  /* of security types */
    bool result;                /* without security */
};

static void greet(const struct hello *h, bool password, size_t max)
{
    struct rfb_buf b = { 0 };
    struct peer *p = malloc(sizeof(*p));
    const uint8_t *at;
    size_t i;

    assert_non_null(p);
    peer_init(p);
    p->c.password = password;
    p->c.shared = password;
    p->c.prefer = FBC_RFB_ZRLE;
    rfb_put(&b, h->version, 12);
    if ( h->list )
    {
        rfb_put(&b, "\3\5\1", 3);
        rfb_put8(&b, password ? 2 : 16);
    }
    else
        rfb_put32(&b, password ? 2 : 1);
    if ( password )
        for ( i = 0; i < 16; i++ )
            rfb_put8(&b, (unsigned int)i + 50);
    if ( password || h->result )
        rfb_put32(&b, 0);
    rfb_server_init(&b, 96, 33);

    assert_int_equal(peer_feed(p, b.p, b.len, max), FBC_OK);
    assert_true(fbc_rfbc_ready(&p->c));
    assert_int_equal(p->c.width, 96);
    assert_int_equal(p->c.height, 33);
    at = p->sent;
    assert_memory_equal(at, h->answer, 12);
    at += 12;
    if ( h->list )
        assert_int_equal(*at++, password ? 2 : 1);
    assert_int_equal(p->auths, password);
    if ( password )
    {
        for ( i = 0; i < 16; i++ )
            assert_int_equal(p->c.challenge[i], i + 50);
        assert_memory_equal(at, "0123456789abcdef", 16);
        at += 16;
    }
    assert_int_equal(*at++, password);
    check_wishes(at, p->sent_len - (size_t)(at - p->sent), FBC_RFB_ZRLE);
    peer_free(p);
    free(p);
    rfb_buf_free(&b);
}

static void handshakes(void **state)
{
    static const struct hello cases[] = {
        { "RFB 003.003\n", "RFB 003.003\n", false, false },
        { "RFB 003.005\n", "RFB 003.003\n", false, false },
        { "RFB 003.006\n", "RFB 003.003\n", false, false },
        { "RFB 003.007\n", "RFB 003.007\n", true, false },
        { "RFB 003.008\n", "RFB 003.008\n", true, true },
        { "RFB 003.889\n", "RFB 003.008\n", true, true },
        { "RFB 004.001\n", "RFB 003.008\n", true, true },
        { "RFB 005.000\n", "RFB 003.008\n", true, true },
    };
    size_t i, k;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
        for ( k = 0; k < 3; k++ )
        {
            greet(&cases[i], false, pieces[k]);
            greet(&cases[i], true, pieces[k]);
        }
}

static void other_messages(void **state)
{
    struct rfb_buf b = { 0 };
    struct fbc_rect r = { 0, 0, 20, 10 }, none = { 0, 0, 0, 0 };
    uint8_t *pic = picture(20, 10, 0, 1);
    struct rfb_enc e = { .encoding = FBC_RFB_RAW };
    struct peer *p = malloc(sizeof(*p));
    size_t i, k;

    (void)state;
    assert_non_null(p);
    rfb_hello(&b, 8, 10, 10);
    rfb_put8(&b, 2);                            /* bell */
    rfb_put32(&b, 3u << 24);                    /* text, read over */
    rfb_put32(&b, 100);
    for ( i = 0; i < 100; i++ )
        rfb_put8(&b, 2);
    rfb_put32(&b, 3u << 24);                    /* no text */
    rfb_put32(&b, 0);
    rfb_update(&b, 0);                          /* nothing */
    rfb_update(&b, 2);                          /* keys; larger screen */
    rfb_rect_head(&b, &none, FBC_RFB_QEMU_KEY);
    r.x = 0;
    rfb_rect_head(&b, &(struct fbc_rect){ 0, 0, 20, 10 },
                  FBC_RFB_EXT_DESKTOP_SIZE);
    rfb_put32(&b, 2u << 24);
    for ( i = 0; i < 2 * 16; i++ )
        rfb_put8(&b, 0xee);
    rfb_update(&b, 0xffff);                     /* until told */
    rfb_rect(&b, &e, pic, 80, &r);
    rfb_rect_head(&b, &none, FBC_RFB_LAST_RECT);
    rfb_update(&b, 2);                          /* the size it has */
    rfb_rect_head(&b, &r, FBC_RFB_DESKTOP_SIZE);
    /* What we had asked for, refused. */
    rfb_rect_head(&b, &(struct fbc_rect){ 1, 1, 7, 7 },
                  FBC_RFB_EXT_DESKTOP_SIZE);
    rfb_put32(&b, 0);
    rfb_put8(&b, 2);

    for ( k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++ )
    {
        peer_init(p);
        assert_int_equal(peer_feed(p, b.p, b.len, pieces[k]), FBC_OK);
        assert_int_equal(p->bells, 2);
        assert_int_equal(p->updates, 4);
        assert_int_equal(p->sizes, 2);
        assert_true(p->c.qemu_key);
        assert_int_equal(p->c.width, 20);
        assert_true(same(p->pic, pic, 200));
        peer_free(p);
    }
    free(p);
    free(pic);
    rfb_buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw),
        cmocka_unit_test(hextile),
        cmocka_unit_test(zlib),
        cmocka_unit_test(tight),
        cmocka_unit_test(zrle),
        cmocka_unit_test(stops_when_it_has_worked),
        cmocka_unit_test(tight_streams_begin_anew),
        cmocka_unit_test(handshakes),
        cmocka_unit_test(other_messages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
