/* SPDX-License-Identifier: GPL-2.0-only */
/* WebSocket framing: what is told of frames, however they are cut. */
#include "vec.h"

#include <stdio.h>
#include <stdlib.h>

#include "parse/web/ws.h"

/* Everything that was told, written down. */
struct told {
    char text[400];             /* "D(hex) P(hex) C1000 F1002" */
    size_t len;
    size_t data;                /* bytes */
};

static void tell(struct told *t, char kind, const uint8_t *p, size_t n)
{
    bool joined = kind == 'D' && t->len && t->text[t->len - 1] == ')' &&
                  t->data;
    size_t i;

    if ( kind == 'D' )
        t->data += n;
    else
        t->data = 0;
    if ( t->len + 2 * n + 4 > sizeof(t->text) )
        return;
    if ( joined )
        t->len--;
    else
        t->len += (size_t)sprintf(t->text + t->len, "%c(", kind);
    for ( i = 0; i < n; i++ )
        t->len += (size_t)sprintf(t->text + t->len, "%02x", p[i]);
    t->len += (size_t)sprintf(t->text + t->len, ")");
}

static void feed(struct fbc_ws *ws, struct told *t, const uint8_t *in,
                 size_t len)
{
    /* On the heap, so that a sanitizer sees a write past the end. */
    uint8_t *buf = malloc(len ? len : 1);
    enum fbc_ws_event event;
    size_t pos = 0, used;

    assert_non_null(buf);
    memcpy(buf, in, len);
    do {
        event = fbc_ws_next(ws, buf + pos, len - pos, &used);
        switch ( event )
        {
        case FBC_WS_MORE:
            assert_int_equal(used, len - pos);
            break;

        case FBC_WS_GOT_DATA:
            assert_true(ws->data >= buf + pos && ws->data_len &&
                        ws->data + ws->data_len == buf + pos + used);
            tell(t, 'D', ws->data, ws->data_len);
            break;

        case FBC_WS_GOT_PING:
            tell(t, 'P', ws->control, ws->control_len);
            break;

        default:
            t->len += (size_t)sprintf(t->text + t->len, "%c%u",
                                      event == FBC_WS_FAILED ? 'F' : 'C',
                                      ws->code);
            break;
        }
        pos += used;
        assert_true(pos <= len);
    } while ( event != FBC_WS_MORE );
    free(buf);
}

static const char *whole(const uint8_t *in, size_t len)
{
    static struct told t;
    struct fbc_ws ws;

    memset(&t, 0, sizeof(t));
    fbc_ws_begin(&ws);
    feed(&ws, &t, in, len);

    return t.text;
}

/* A masked client frame with the shortest length form; returns its length. */
static size_t frame(uint8_t *out, uint8_t first, const void *payload,
                    size_t len)
{
    static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };
    size_t n = fbc_ws_header(out, FBC_WS_BINARY, len), i;

    out[0] = first;
    out[1] |= 0x80;
    memcpy(out + n, mask, 4);
    n += 4;
    for ( i = 0; i < len; i++ )
        out[n++] = ((const uint8_t *)payload)[i] ^ mask[i & 3];

    return n;
}

#define BYTES(...) (const uint8_t[]){ __VA_ARGS__ }, \
                   sizeof((const uint8_t[]){ __VA_ARGS__ })

/* RFC 6455 5.7; "Hello" is 48656c6c6f. */
static void examples(void **state)
{
    (void)state;
    /* A masked text message: unmasked right, but text is not for us. */
    assert_string_equal(whole(BYTES(0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f,
                                    0x9f, 0x4d, 0x51, 0x58)), "F1003");
    assert_string_equal(whole(BYTES(0x82, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f,
                                    0x9f, 0x4d, 0x51, 0x58)),
                        "D(48656c6c6f)");
    /* Unmasked ones are a server's. */
    assert_string_equal(whole(BYTES(0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c,
                                    0x6f)), "F1002");
    assert_string_equal(whole(BYTES(0x82, 0x05, 0x48, 0x65, 0x6c, 0x6c,
                                    0x6f)), "F1002");
    assert_string_equal(whole(BYTES(0x89, 0x05, 0x48, 0x65, 0x6c, 0x6c,
                                    0x6f)), "F1002");
    /* The masked pong is swallowed, a ping of the same is told. */
    assert_string_equal(whole(BYTES(0x8a, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f,
                                    0x9f, 0x4d, 0x51, 0x58)), "");
    assert_string_equal(whole(BYTES(0x89, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f,
                                    0x9f, 0x4d, 0x51, 0x58)),
                        "P(48656c6c6f)");
}

static void server_headers(void **state)
{
    static const struct {
        uint64_t len;
        uint8_t want[FBC_WS_MAX_HEADER];
        size_t n;
    } cases[] = {
        { 0, { 0x82, 0 }, 2 },
        { 5, { 0x82, 5 }, 2 },
        { 125, { 0x82, 125 }, 2 },
        { 126, { 0x82, 126, 0, 126 }, 4 },
        { 256, { 0x82, 126, 1, 0 }, 4 },
        { 65535, { 0x82, 126, 255, 255 }, 4 },
        { 65536, { 0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0 }, 10 },
        { 0x0102030405060708, { 0x82, 127, 1, 2, 3, 4, 5, 6, 7, 8 }, 10 },
    };
    uint8_t out[FBC_WS_MAX_HEADER];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        memset(out, 0, sizeof(out));
        assert_int_equal(fbc_ws_header(out, FBC_WS_BINARY, cases[i].len),
                         cases[i].n);
        assert_memory_equal(out, cases[i].want, sizeof(out));
    }
    assert_int_equal(fbc_ws_header(out, FBC_WS_PONG, 5), 2);
    assert_int_equal(out[0], 0x8a);
}

/* Two messages, one of them in pieces with a ping and a pong among them. */
static size_t session(uint8_t *out)
{
    uint8_t big[300];
    size_t n = 0, i;

    for ( i = 0; i < sizeof(big); i++ )
        big[i] = (uint8_t)i;
    n += frame(out + n, 0x82, "first", 5);
    n += frame(out + n, 0x02, "se", 2);
    n += frame(out + n, 0x89, "ping", 4);
    n += frame(out + n, 0x00, "", 0);
    n += frame(out + n, 0x8a, "pong", 4);
    n += frame(out + n, 0x00, "con", 3);
    n += frame(out + n, 0x80, "d", 1);
    n += frame(out + n, 0x89, "", 0);
    n += frame(out + n, 0x82, big, 126);
    n += frame(out + n, 0x82, "", 0);
    n += frame(out + n, 0x88, "\x03\xe8" "bye", 5);

    return n + frame(out + n, 0x82, "never", 5);
}

static void chunks(void **state)
{
    static const char start[] =
        "D(66697273747365)P(70696e67)D(636f6e64)P()D(000102";
    uint8_t buf[600];
    size_t len = session(buf), size, i, j;
    char want[400];

    (void)state;
    strcpy(want, whole(buf, len));
    assert_memory_equal(want, start, sizeof(start) - 1);
    assert_string_equal(want + strlen(want) - 12, "7b7c7d)C1000");

    for ( size = 1; size <= len; size++ )
    {
        struct told t = { .len = 0 };
        struct fbc_ws ws;

        fbc_ws_begin(&ws);
        for ( i = 0; i < len; i += size )
            feed(&ws, &t, buf + i, len - i < size ? len - i : size);
        assert_string_equal(t.text, want);
    }
    /* Cut in three, wherever. */
    for ( i = 0; i <= len; i++ )
        for ( j = i; j <= len; j += 3 )
        {
            struct told t = { .len = 0 };
            struct fbc_ws ws;

            fbc_ws_begin(&ws);
            feed(&ws, &t, buf, i);
            feed(&ws, &t, buf + i, j - i);
            feed(&ws, &t, buf + j, len - j);
            assert_string_equal(t.text, want);
        }
}

static void lengths(void **state)
{
    static uint8_t buf[(1 << 20) + 100], payload[(1 << 20) + 1];
    static const size_t sizes[] = { 0, 1, 125, 126, 127, 65535, 65536, 65537,
                                    1 << 20 };
    size_t i, n, used;
    struct fbc_ws ws;

    (void)state;
    for ( i = 0; i < sizeof(payload); i++ )
        payload[i] = (uint8_t)(i * 7);
    for ( i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++ )
    {
        n = frame(buf, 0x82, payload, sizes[i]);
        fbc_ws_begin(&ws);
        if ( !sizes[i] )
        {
            assert_int_equal(fbc_ws_next(&ws, buf, n, &used), FBC_WS_MORE);
            continue;
        }
        assert_int_equal(fbc_ws_next(&ws, buf, n, &used), FBC_WS_GOT_DATA);
        assert_int_equal(used, n);
        assert_int_equal(ws.data_len, sizes[i]);
        assert_memory_equal(ws.data, payload, sizes[i]);
    }

    /* The bound is a message's, not a frame's. */
    n = frame(buf, 0x82, payload, (1 << 20) + 1);
    assert_string_equal(whole(buf, n), "F1009");
    n = frame(buf, 0x02, "x", 1);
    n += frame(buf + n, 0x80, payload, 1 << 20);
    assert_string_equal(whole(buf, n), "D(78)F1009");
    n = frame(buf, 0x02, "x", 1);
    n += frame(buf + n, 0x80, "y", 1);
    n += frame(buf + n, 0x82, payload, 1 << 20);
    fbc_ws_begin(&ws);
    for ( i = 0; i < n; i += used )
        assert_int_equal(fbc_ws_next(&ws, buf + i, n - i, &used),
                         FBC_WS_GOT_DATA);
    assert_int_equal(ws.data_len, 1 << 20);
}

#define M 0, 0, 0, 0            /* a mask that changes nothing */

static void refused(void **state)
{
    static const struct { uint8_t in[16]; size_t len; const char *want; }
    cases[] = {
        /* reserved bits and opcodes */
        { { 0xc2, 0x80, M }, 6, "F1002" },
        { { 0xa2, 0x80, M }, 6, "F1002" },
        { { 0x92, 0x80, M }, 6, "F1002" },
        { { 0x83, 0x80, M }, 6, "F1002" },
        { { 0x87, 0x80, M }, 6, "F1002" },
        { { 0x8b, 0x80, M }, 6, "F1002" },
        { { 0x8f, 0x80, M }, 6, "F1002" },
        /* text */
        { { 0x81, 0x80, M }, 6, "F1003" },
        { { 0x01, 0x80, M }, 6, "F1003" },
        /* told by the first two bytes */
        { { 0x82, 0x00 }, 2, "F1002" },
        /* lengths that are not in their shortest form */
        { { 0x82, 0xfe, 0, 0, M }, 8, "F1002" },
        { { 0x82, 0xfe, 0, 125, M }, 8, "F1002" },
        { { 0x82, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, M }, 14, "F1002" },
        { { 0x82, 0xff, 0, 0, 0, 0, 0, 0, 255, 255, M }, 14, "F1002" },
        { { 0x82, 0xff, 0x80, 0, 0, 0, 0, 1, 0, 0, M }, 14, "F1002" },
        { { 0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, M }, 14,
          "F1009" },
        { { 0x82, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, M }, 14, "F1009" },
        /* control frames in pieces, or long */
        { { 0x08, 0x80, M }, 6, "F1002" },
        { { 0x09, 0x80, M }, 6, "F1002" },
        { { 0x89, 0xfe, 0, 126, M }, 8, "F1002" },
        { { 0x88, 0xff }, 2, "F1002" },
        /* messages that begin inside one, or go on without one */
        { { 0x80, 0x80, M }, 6, "F1002" },
        { { 0x00, 0x80, M }, 6, "F1002" },
        { { 0x02, 0x80, M, 0x82, 0x80, M }, 12, "F1002" },
        { { 0x02, 0x80, M, 0x02, 0x80, M }, 12, "F1002" },
        { { 0x82, 0x80, M, 0x80, 0x80, M }, 12, "F1002" },
        /* closing */
        { { 0x88, 0x80, M }, 6, "C1005" },
        { { 0x88, 0x81, M, 3 }, 7, "F1002" },
        { { 0x88, 0x82, M, 0x03, 0xe7 }, 8, "F1002" },
        { { 0x88, 0x82, M, 0x03, 0xe8 }, 8, "C1000" },
        { { 0x88, 0x82, M, 0x03, 0xe9 }, 8, "C1001" },
        { { 0x88, 0x82, M, 0x03, 0xec }, 8, "F1002" },
        { { 0x88, 0x82, M, 0x03, 0xed }, 8, "F1002" },
        { { 0x88, 0x82, M, 0x03, 0xee }, 8, "F1002" },
        { { 0x88, 0x82, M, 0x03, 0xf6 }, 8, "C1014" },
        { { 0x88, 0x82, M, 0x03, 0xf7 }, 8, "F1002" },
        { { 0x88, 0x82, M, 0x0b, 0xb7 }, 8, "F1002" },
        { { 0x88, 0x82, M, 0x0b, 0xb8 }, 8, "C3000" },
        { { 0x88, 0x82, M, 0x13, 0x87 }, 8, "C4999" },
        { { 0x88, 0x82, M, 0x13, 0x88 }, 8, "F1002" },
        { { 0x88, 0x82, M, 0, 0 }, 8, "F1002" },
        { { 0x88, 0x80, M, 0x89, 0x80, M }, 12, "C1005" },
        /* a reason that is not UTF-8 */
        { { 0x88, 0x84, M, 0x03, 0xe8, 0xc3, 0xa9 }, 10, "C1000" },
        { { 0x88, 0x83, M, 0x03, 0xe8, 0xc3 }, 9, "F1007" },
        { { 0x88, 0x83, M, 0x03, 0xe8, 0x80 }, 9, "F1007" },
        { { 0x88, 0x84, M, 0x03, 0xe8, 0xc0, 0xaf }, 10, "F1007" },
        { { 0x88, 0x84, M, 0x03, 0xe8, 0xc3, 0xc3 }, 10, "F1007" },
        { { 0x88, 0x85, M, 0x03, 0xe8, 0xe0, 0x9f, 0xbf }, 11, "F1007" },
        { { 0x88, 0x85, M, 0x03, 0xe8, 0xe2, 0x82, 0xac }, 11, "C1000" },
        { { 0x88, 0x85, M, 0x03, 0xe8, 0xed, 0xa0, 0x80 }, 11, "F1007" },
        { { 0x88, 0x86, M, 0x03, 0xe8, 0xf0, 0x9f, 0x98, 0x80 }, 12,
          "C1000" },
        { { 0x88, 0x86, M, 0x03, 0xe8, 0xf0, 0x8f, 0xbf, 0xbf }, 12,
          "F1007" },
        { { 0x88, 0x86, M, 0x03, 0xe8, 0xf4, 0x8f, 0xbf, 0xbf }, 12,
          "C1000" },
        { { 0x88, 0x86, M, 0x03, 0xe8, 0xf4, 0x90, 0x80, 0x80 }, 12,
          "F1007" },
        { { 0x88, 0x86, M, 0x03, 0xe8, 0xf5, 0x80, 0x80, 0x80 }, 12,
          "F1007" },
    };
    size_t i, j;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        struct told t = { .len = 0 };
        struct fbc_ws ws;

        if ( strcmp(whole(cases[i].in, cases[i].len), cases[i].want) )
            fail_msg("case %zu: %s, not %s", i,
                     whole(cases[i].in, cases[i].len), cases[i].want);
        fbc_ws_begin(&ws);
        for ( j = 0; j < cases[i].len; j++ )
            feed(&ws, &t, cases[i].in + j, 1);
        assert_string_equal(t.text, cases[i].want);
    }
}

static void keys(void **state)
{
    static const char good[] = "dGhlIHNhbXBsZSBub25jZQ==";
    char key[sizeof(good)];
    unsigned int byte;
    size_t i;

    (void)state;
    assert_true(fbc_ws_key_ok(good, 24));
    assert_true(fbc_ws_key_ok("AAAAAAAAAAAAAAAAAAAAAA==", 24));
    assert_true(fbc_ws_key_ok("+/z9abcdefghijklmnopqw==", 24));
    assert_false(fbc_ws_key_ok(good, 23));
    assert_false(fbc_ws_key_ok("dGhlIHNhbXBsZSBub25jZQ===", 25));
    assert_false(fbc_ws_key_ok("dGhlIHNhbXBsZSBub25jZR==", 24));
    assert_false(fbc_ws_key_ok("", 0));
    for ( i = 0; i < 24; i++ )
        for ( byte = 0; byte < 256; byte++ )
        {
            bool digit = (byte >= '0' && byte <= '9') || byte == '+' ||
                         byte == '/' || (byte >= 'A' && byte <= 'Z') ||
                         (byte >= 'a' && byte <= 'z');

            memcpy(key, good, sizeof(good));
            key[i] = (char)byte;
            assert_int_equal(fbc_ws_key_ok(key, 24), i < 21 ? digit
                             : i > 21 ? byte == '='
                             : byte && strchr("AQgw", (int)byte));
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("the examples of RFC 6455", examples),
        VEC_TEST("a server's header has the shortest form", server_headers),
        VEC_TEST("it is the same however the bytes are cut", chunks),
        VEC_TEST("every length form, and a bound on messages", lengths),
        VEC_TEST("everything else ends it, with the right code", refused),
        VEC_TEST("a key is 16 bytes in canonical base64", keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
