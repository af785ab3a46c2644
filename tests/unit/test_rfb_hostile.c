/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The RFB client: what hostile servers send.  Each case ends the connection
 * with its reason, however the bytes are cut, and not before its last byte.
 */
#include "vec.h"

#include "rfbenc.h"
#include "rfbpeer.h"

#define WIDTH  100
#define HEIGHT 80

struct bad {
    const char *title;
    void (*make)(struct rfb_buf *b);
    bool from_start;            /* no handshake before it */
    enum fbc_err err;
    const char *why;
    const char *reason;
};

static const struct fbc_rect whole = { 0, 0, WIDTH, HEIGHT };
static const struct fbc_rect tile = { 3, 3, 20, 20 };

static void hex(struct rfb_buf *b, const char *text)
{
    unsigned int v;
    int n;

    for ( ; sscanf(text, " %2x%n", &v, &n) == 1; text += n )
        rfb_put8(b, v);
}

/* An update of one rectangle, its data as they are. */
static void rect(struct rfb_buf *b, const struct fbc_rect *r, int32_t encoding,
                 const char *data)
{
    rfb_update(b, 1);
    rfb_rect_head(b, r, encoding);
    hex(b, data);
}

static void at(struct rfb_buf *b, unsigned int x, unsigned int y,
               unsigned int w, unsigned int h)
{
    const struct fbc_rect r = { (uint16_t)x, (uint16_t)y, (uint16_t)w,
                                (uint16_t)h };

    rect(b, &r, FBC_RFB_RAW, "");
}

/* The same, with bytes that zlib has packed; their length as Tight has it. */
static void zipped(struct rfb_buf *b, const struct fbc_rect *r,
                   int32_t encoding, unsigned int stream, const char *before,
                   const void *data, size_t len)
{
    struct rfb_enc e = { .level = 6 };
    struct rfb_buf packed = { 0 };

    rect(b, r, encoding, before);
    rfb_deflate(&e, stream, &packed, data, len);
    if ( encoding == FBC_RFB_TIGHT )
        rfb_tight_len(b, packed.len);
    else
        rfb_put32(b, (uint32_t)packed.len);
    rfb_put(b, packed.p, packed.len);
    rfb_buf_free(&packed);
    rfb_enc_end(&e);
}

static void zrle(struct rfb_buf *b, const char *data)
{
    struct rfb_buf d = { 0 };

    hex(&d, data);
    zipped(b, &tile, FBC_RFB_ZRLE, FBC_INFLATE_ZRLE, "", d.p, d.len);
    rfb_buf_free(&d);
}

static void text(struct rfb_buf *b, const char *s)
{
    rfb_put(b, s, strlen(s));
}

static void magic(struct rfb_buf *b) { text(b, "HTTP/1.1 400"); }
static void digits(struct rfb_buf *b) { text(b, "RFB 003.0x8\n"); }
static void newline(struct rfb_buf *b) { text(b, "RFB 003.008\r"); }
static void old(struct rfb_buf *b) { text(b, "RFB 003.002\n"); }
static void older(struct rfb_buf *b) { text(b, "RFB 002.008\n"); }

static void no_type(struct rfb_buf *b)
{
    text(b, "RFB 003.008\n");
    hex(b, "02 10 13");
}

static void password(struct rfb_buf *b)
{
    text(b, "RFB 003.003\n");
    hex(b, "00000002");
}

static void unknown_33(struct rfb_buf *b)
{
    text(b, "RFB 003.003\n");
    hex(b, "00000010");
}

static void says_no_33(struct rfb_buf *b)
{
    text(b, "RFB 003.003\n");
    hex(b, "00000000 00000004");
    text(b, "full");
}

/* A length that lies: the first bytes do. */
static void says_no_38(struct rfb_buf *b)
{
    unsigned int i;

    text(b, "RFB 003.008\n");
    hex(b, "00 ffffffff");
    text(b, "\x1b[2J\n\x80");
    for ( i = 0; i < FBC_RFBC_REASON - 6; i++ )
        rfb_put8(b, '.');
}

static void fails_38(struct rfb_buf *b)
{
    text(b, "RFB 003.008\n");
    hex(b, "0101 00000001 00000000");
}

static void init(struct rfb_buf *b, unsigned int w, unsigned int h)
{
    rfb_hello(b, 3, w, h);
    b->len -= 4;                /* the name */
}

static void long_name(struct rfb_buf *b)
{
    init(b, 10, 10);
    b->len -= 4;
    rfb_put32(b, FBC_RFBC_MAX_NAME + 1);
}

static void no_width(struct rfb_buf *b) { rfb_hello(b, 3, 0, 10); }
static void no_height(struct rfb_buf *b) { rfb_hello(b, 7, 10, 0); }
static void wide(struct rfb_buf *b)
{
    rfb_hello(b, 8, FBC_RFBC_MAX_WIDTH + 1, 10);
}
static void high(struct rfb_buf *b)
{
    rfb_hello(b, 8, 10, FBC_RFBC_MAX_HEIGHT + 1);
}
static void huge(struct rfb_buf *b) { rfb_hello(b, 8, 65535, 65535); }

static void colour_map(struct rfb_buf *b) { hex(b, "01"); }
static void unknown_message(struct rfb_buf *b) { hex(b, "04"); }
static void long_text(struct rfb_buf *b) { hex(b, "03 000000 00100001"); }
static void extended(struct rfb_buf *b) { hex(b, "03 000000 fffffffc"); }

static void outside_x(struct rfb_buf *b) { at(b, 1, 0, WIDTH, 1); }
static void outside_y(struct rfb_buf *b) { at(b, 0, HEIGHT - 1, 1, 2); }
static void outside_far(struct rfb_buf *b) { at(b, 65535, 65535, 1, 1); }
static void outside_wrap(struct rfb_buf *b) { at(b, 65535, 0, 65535, 1); }
static void empty_w(struct rfb_buf *b) { at(b, 0, 0, 0, 5); }
static void empty_h(struct rfb_buf *b) { at(b, 0, 0, 5, 0); }

static void copyrect(struct rfb_buf *b) { rect(b, &tile, 1, ""); }
static void rre(struct rfb_buf *b) { rect(b, &tile, 2, ""); }
static void jpeg(struct rfb_buf *b) { rect(b, &tile, 21, ""); }
static void cursor(struct rfb_buf *b) { rect(b, &tile, -239, ""); }
static void tight_png(struct rfb_buf *b) { rect(b, &tile, -260, ""); }

static void covers(struct rfb_buf *b)
{
    static const uint8_t pixels[WIDTH * HEIGHT * 4];

    rect(b, &whole, FBC_RFB_RAW, "");
    b->p[b->len - 13] = 9;      /* rectangles */
    rfb_put(b, pixels, sizeof(pixels));
    rfb_rect_head(b, &whole, FBC_RFB_TIGHT);
    hex(b, "80 010203");
    rfb_rect_head(b, &(struct fbc_rect){ 0, 0, 1, 1 }, FBC_RFB_RAW);
}

static void resizes(struct rfb_buf *b)
{
    rfb_update(b, 3);
    rfb_rect_head(b, &tile, FBC_RFB_DESKTOP_SIZE);
    rfb_rect_head(b, &tile, FBC_RFB_DESKTOP_SIZE);
    rfb_rect_head(b, &whole, FBC_RFB_EXT_DESKTOP_SIZE);
}

static void resize_none(struct rfb_buf *b)
{
    rect(b, &(struct fbc_rect){ 0, 0, 0, 9 }, FBC_RFB_DESKTOP_SIZE, "");
}

static void resize_huge(struct rfb_buf *b)
{
    rect(b, &(struct fbc_rect){ 0, 0, 8192, 8192 }, FBC_RFB_EXT_DESKTOP_SIZE,
         "");
}

static void resize_then_outside(struct rfb_buf *b)
{
    rfb_update(b, 2);
    rfb_rect_head(b, &(struct fbc_rect){ 0, 0, 22, 22 }, FBC_RFB_DESKTOP_SIZE);
    rfb_rect_head(b, &tile, FBC_RFB_RAW);
}

static void hextile_kind(struct rfb_buf *b)
{
    rect(b, &tile, FBC_RFB_HEXTILE, "20");
}

/* The second tile of the row is 4 pixels wide. */
static void hextile_sub_x(struct rfb_buf *b)
{
    rect(b, &tile, FBC_RFB_HEXTILE, "00 0a 01020304 01 20 20");
}

static void hextile_sub_y(struct rfb_buf *b)
{
    rect(b, &tile, FBC_RFB_HEXTILE, "00 00 18 02 00000000 00 00 00000000 "
                                    "03 04");
}

static void zlib_corrupt(struct rfb_buf *b)
{
    rect(b, &tile, FBC_RFB_ZLIB, "00000020 7901");
}

static void zlib_long(struct rfb_buf *b)
{
    rect(b, &tile, FBC_RFB_ZLIB, "7fffffff");
}

static void zlib_none(struct rfb_buf *b)
{
    rect(b, &tile, FBC_RFB_ZLIB, "00000000");
}

static void zlib_less(struct rfb_buf *b)
{
    static const uint8_t pixels[20 * 20 * 4 - 1];

    zipped(b, &tile, FBC_RFB_ZLIB, FBC_INFLATE_ZLIB, "", pixels,
           sizeof(pixels));
}

/* A rectangle of one pixel, and a thousand times as much. */
static void zlib_bomb(struct rfb_buf *b)
{
    static const uint8_t pixels[1 << 22];

    zipped(b, &(struct fbc_rect){ 0, 0, 1, 1 }, FBC_RFB_ZLIB,
           FBC_INFLATE_ZLIB, "", pixels, sizeof(pixels));
}

/* A stream that has ended, and one byte more. */
static void zlib_ended(struct rfb_buf *b)
{
    rect(b, &(struct fbc_rect){ 0, 0, 1, 1 }, FBC_RFB_ZLIB,
         "00000010 7801 01 0400 fbff 01020300 00000000 55");
}

static void zrle_kind17(struct rfb_buf *b) { zrle(b, "11"); }
static void zrle_kind127(struct rfb_buf *b) { zrle(b, "7f"); }
static void zrle_kind129(struct rfb_buf *b) { zrle(b, "81"); }
static void zrle_run(struct rfb_buf *b) { zrle(b, "80 010203 ff 91"); }
static void zrle_run_far(struct rfb_buf *b) { zrle(b, "80 010203 ffff"); }

static void zrle_packed_index(struct rfb_buf *b)
{
    zrle(b, "03 010203 040506 070809 c0");
}

static void zrle_index(struct rfb_buf *b)
{
    zrle(b, "82 010203 040506 02");
}

static void zrle_index_run(struct rfb_buf *b)
{
    zrle(b, "82 010203 040506 ff 01");
}

static void zrle_more(struct rfb_buf *b) { zrle(b, "01 010203 00"); }
static void zrle_less(struct rfb_buf *b) { zrle(b, "01 0102"); }

static void tight_jpeg(struct rfb_buf *b)
{
    rect(b, &tile, FBC_RFB_TIGHT, "90");
}

static void tight_plain(struct rfb_buf *b)
{
    rect(b, &(struct fbc_rect){ 0, 0, 2, 2 }, FBC_RFB_TIGHT, "a0 0c"
         "010203 040506 070809 0a0b0c");
    rect(b, &(struct fbc_rect){ 0, 0, 2, 2 }, FBC_RFB_TIGHT, "a0 0b");
}

static void tight_kind(struct rfb_buf *b)
{
    rect(b, &tile, FBC_RFB_TIGHT, "b0");
}

static void tight_filter(struct rfb_buf *b)
{
    rect(b, &tile, FBC_RFB_TIGHT, "40 03");
}

static void tight_palette(struct rfb_buf *b)
{
    rect(b, &tile, FBC_RFB_TIGHT, "40 01 00");
}

static void tight_index(struct rfb_buf *b)
{
    rect(b, &(struct fbc_rect){ 0, 0, 3, 3 }, FBC_RFB_TIGHT,
         "40 01 02 010203 040506 070809 0001 03");
}

static void tight_long(struct rfb_buf *b)
{
    rect(b, &(struct fbc_rect){ 0, 0, 4, 1 }, FBC_RFB_TIGHT, "00 ffffff");
}

static void tight_bomb(struct rfb_buf *b)
{
    static const uint8_t pixels[1 << 20];

    zipped(b, &tile, FBC_RFB_TIGHT, 2, "20", pixels, sizeof(pixels));
}

static void tight_less(struct rfb_buf *b)
{
    static const uint8_t pixels[20 * 20 * 3 - 1];

    zipped(b, &tile, FBC_RFB_TIGHT, 1, "10", pixels, sizeof(pixels));
}

#define HELLO true
#define CASE(f, e, w) { #f, f, false, FBC_ERR_ ## e, w, "" }
#define START(f, e, w, r) { #f, f, HELLO, FBC_ERR_ ## e, w, r }

static const struct bad cases[] = {
    START(magic, MAGIC, "not a VNC server", ""),
    START(digits, MAGIC, "not a VNC server", ""),
    START(newline, MAGIC, "not a VNC server", ""),
    START(old, VERSION, "before RFB 3.3", ""),
    START(older, VERSION, "before RFB 3.3", ""),
    START(no_type, ALGORITHM, "neither no security nor", ""),
    START(password, ALGORITHM, "wants a password", ""),
    START(unknown_33, ALGORITHM, "neither no security nor", ""),
    START(says_no_33, AUTH, "wants no connection", "full"),
    START(says_no_38, AUTH, "wants no connection", "?[2J??....."),
    START(fails_38, AUTH, "wants no connection", ""),
    START(long_name, LENGTH, "name of the screen is too long", ""),
    START(no_width, SIZE, "screen is empty", ""),
    START(no_height, SIZE, "screen is empty", ""),
    START(wide, SIZE, "screen is too large", ""),
    START(high, SIZE, "screen is too large", ""),
    START(huge, SIZE, "screen is too large", ""),
    CASE(colour_map, DEPTH, "has not taken our pixel format"),
    CASE(unknown_message, FORMAT, "unknown message"),
    CASE(long_text, LENGTH, "clipboard text is too long"),
    CASE(extended, ALGORITHM, "extended clipboard"),
    CASE(outside_x, RANGE, "outside the screen"),
    CASE(outside_y, RANGE, "outside the screen"),
    CASE(outside_far, RANGE, "outside the screen"),
    CASE(outside_wrap, RANGE, "outside the screen"),
    CASE(empty_w, RANGE, "empty"),
    CASE(empty_h, RANGE, "empty"),
    CASE(copyrect, ALGORITHM, "CopyRect"),
    CASE(rre, ALGORITHM, "not asked for"),
    CASE(jpeg, ALGORITHM, "a lossy picture cannot be decrypted"),
    CASE(cursor, ALGORITHM, "not asked for"),
    CASE(tight_png, ALGORITHM, "not asked for"),
    CASE(covers, RANGE, "again and again"),
    CASE(resizes, SIZE, "twice in one update"),
    CASE(resize_none, SIZE, "screen is empty"),
    CASE(resize_huge, SIZE, "screen is too large"),
    CASE(resize_then_outside, RANGE, "outside the screen"),
    CASE(hextile_kind, RESERVED, "Hextile: unknown kind"),
    CASE(hextile_sub_x, RANGE, "outside its tile"),
    CASE(hextile_sub_y, RANGE, "outside its tile"),
    CASE(zlib_corrupt, FORMAT, "corrupt"),
    CASE(zlib_long, LENGTH, "too long for their rectangle"),
    CASE(zlib_none, LENGTH, "less than their rectangle"),
    CASE(zlib_less, LENGTH, "less than their rectangle"),
    CASE(zlib_bomb, LENGTH, "more than their rectangle"),
    CASE(zlib_ended, FORMAT, "have ended"),
    CASE(zrle_kind17, RESERVED, "ZRLE: unknown kind"),
    CASE(zrle_kind127, RESERVED, "ZRLE: unknown kind"),
    CASE(zrle_kind129, RESERVED, "ZRLE: unknown kind"),
    CASE(zrle_run, RANGE, "longer than its tile"),
    CASE(zrle_run_far, RANGE, "longer than its tile"),
    CASE(zrle_packed_index, RANGE, "no such colour"),
    CASE(zrle_index, RANGE, "no such colour"),
    CASE(zrle_index_run, RANGE, "no such colour"),
    CASE(zrle_more, LENGTH, "more than their rectangle"),
    CASE(zrle_less, LENGTH, "less than their rectangle"),
    CASE(tight_jpeg, ALGORITHM, "a lossy picture cannot be decrypted"),
    CASE(tight_plain, LENGTH, "wrong length for the rectangle"),
    CASE(tight_kind, RESERVED, "Tight: unknown kind"),
    CASE(tight_filter, RESERVED, "unknown filter"),
    CASE(tight_palette, RANGE, "palette of one colour"),
    CASE(tight_index, RANGE, "no such colour"),
    CASE(tight_long, LENGTH, "too long for their rectangle"),
    CASE(tight_bomb, LENGTH, "more than their rectangle"),
    CASE(tight_less, LENGTH, "less than their rectangle"),
};

static void start(struct peer *p, const struct bad *c)
{
    struct rfb_buf b = { 0 };

    peer_init(p);
    if ( c->from_start )
        return;
    rfb_hello(&b, 8, WIDTH, HEIGHT);
    assert_int_equal(peer_feed(p, b.p, b.len, 0), FBC_OK);
    rfb_buf_free(&b);
}

static void check(struct peer *p, const struct bad *c, enum fbc_err err)
{
    if ( err != c->err || !p->c.why || !strstr(p->c.why, c->why) )
        fail_msg("%s: %d, %s", c->title, err, p->c.why);
    assert_int_equal(strncmp(p->c.reason, c->reason, strlen(c->reason)), 0);
    assert_true(strlen(p->c.reason) <= FBC_RFBC_REASON);
    /* It stays so, whatever comes. */
    assert_int_not_equal(peer_feed(p, (const uint8_t *)"\2\2", 2, 0), FBC_OK);
    assert_int_equal(p->bells, 0);
}

static void every_case_ends_with_its_reason(void **state)
{
    static const size_t pieces[] = { 0, 1, 3, 40 };
    struct peer *p = malloc(sizeof(*p));
    size_t i, k;

    (void)state;
    assert_non_null(p);
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        struct rfb_buf b = { 0 };

        cases[i].make(&b);
        for ( k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++ )
        {
            start(p, &cases[i]);
            check(p, &cases[i], peer_feed(p, b.p, b.len, pieces[k]));
            peer_free(p);
        }
        rfb_buf_free(&b);
    }
    free(p);
}

static void a_bomb_costs_no_more_than_its_rectangle(void **state)
{
    struct peer *p = malloc(sizeof(*p));
    struct rfb_buf b = { 0 };
    const struct bad none = { 0 };
    struct fbc_src src;
    enum fbc_rfbc_event event;

    (void)state;
    assert_non_null(p);
    zlib_bomb(&b);
    assert_true(b.len > 4000);
    start(p, &none);
    src = (struct fbc_src){ b.p, b.len };
    assert_int_equal(fbc_rfbc_feed(&p->c, &src, &event), FBC_ERR_LENGTH);
    assert_true(p->c.work <= FBC_RFBC_SCRATCH + 100);
    assert_true(b.len - src.len < 500);
    peer_free(p);
    rfb_buf_free(&b);
    free(p);
}

/* A picture that the caller could not make. */
static void no_picture(void **state)
{
    struct peer *p = malloc(sizeof(*p));
    struct rfb_buf b = { 0 };
    const struct bad none = { 0 };

    (void)state;
    assert_non_null(p);
    start(p, &none);
    fbc_rfbc_picture(&p->c, NULL, 0);
    at(&b, 0, 0, 1, 1);
    assert_int_equal(peer_feed(p, b.p, b.len, 0), FBC_ERR_NOMEM);
    peer_free(p);
    rfb_buf_free(&b);
    free(p);
}

/* As RFB's lists of encodings have them. */
static void encodings_have_a_sign(void **state)
{
    static const struct bad none = { .from_start = false };
    struct peer *p = malloc(sizeof(*p));
    struct rfb_buf b = { 0 };

    (void)state;
    assert_non_null(p);
    start(p, &none);
    cursor(&b);
    assert_int_equal(peer_feed(p, b.p, b.len, 0), FBC_ERR_ALGORITHM);
    assert_int_equal(p->c.why_number, -239);
    peer_free(p);
    rfb_buf_free(&b);
    free(p);
}

static void wrong_password(void **state)
{
    static const char *const why[] = { "Authentication failed", "" };
    struct peer *p = malloc(sizeof(*p));
    size_t i, minor;

    (void)state;
    assert_non_null(p);
    for ( minor = 7; minor <= 8; minor++ )
        for ( i = 0; i < 2; i++ )
        {
            struct rfb_buf b = { 0 };

            peer_init(p);
            p->c.password = true;
            text(&b, minor == 8 ? "RFB 003.008\n" : "RFB 003.007\n");
            hex(&b, "020102 00112233445566778899aabbccddeeff 00000001");
            if ( minor == 8 )
            {
                rfb_put32(&b, (uint32_t)strlen(why[i]));
                text(&b, why[i]);
            }
            assert_int_equal(peer_feed(p, b.p, b.len, 1), FBC_ERR_AUTH);
            assert_string_equal(p->c.why, "the server refuses the password");
            assert_string_equal(p->c.reason, minor == 8 ? why[i] : "");
            peer_free(p);
            rfb_buf_free(&b);
        }
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_ends_with_its_reason),
        cmocka_unit_test(a_bomb_costs_no_more_than_its_rectangle),
        cmocka_unit_test(no_picture),
        cmocka_unit_test(encodings_have_a_sign),
        cmocka_unit_test(wrong_password),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
