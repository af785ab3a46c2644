/* SPDX-License-Identifier: GPL-2.0-only */
/* What viewers may say, and what of it a library gets to see. */
#include <stdlib.h>

#include "vec.h"

#include "parse/rfb/rfbs.h"

/* On the heap, of exactly this length, for the sanitizers. */
struct msg {
    uint8_t *buf;
    size_t len;
    struct fbc_rfbs_message m;
    enum fbc_err err;
};

static struct msg next(const void *bytes, size_t len)
{
    struct msg t = { .buf = malloc(len + !len), .len = len };

    assert_non_null(t.buf);
    memcpy(t.buf, bytes, len);
    t.err = fbc_rfbs_next(t.buf, len, &t.m);

    return t;
}

#define NEXT(s) next(s, sizeof(s) - 1)

static void is_error(struct msg t, enum fbc_err err)
{
    assert_int_equal(t.err, err);
    free(t.buf);
}

/* The library gets exactly this. */
static void passes(struct msg t, const void *want, size_t len)
{
    assert_int_equal(t.err, FBC_OK);
    assert_int_equal(t.m.len, t.len);
    assert_int_equal(t.m.server_len, len);
    assert_memory_equal(t.buf, want, len);
    free(t.buf);
}

static void every_message_waits_for_its_end(void **state)
{
    static const struct { const char *bytes; size_t len; } all[] = {
        { "\0\0\0\0\x20\x18\0\1\0\xff\0\xff\0\xff\x10\x08\0\0\0\0", 20 },
        { "\2\0\0\2\0\0\0\x10\0\0\0\0", 12 },
        { "\3\1\0\1\0\2\0\3\0\4", 10 },
        { "\4\1\0\0\0\0\0\x61", 8 },
        { "\5\1\0\1\0\2", 6 },
        { "\6\0\0\0\0\0\0\5", 8 },
        { "\xff\0\0\1\0\0\0\x61\0\0\0\x1e", 12 },
    };
    size_t i, n;

    (void)state;
    for ( i = 0; i < sizeof(all) / sizeof(all[0]); i++ )
    {
        struct msg t = next(all[i].bytes, all[i].len);

        assert_int_equal(t.err, FBC_OK);
        assert_int_equal(t.m.len, all[i].len);
        free(t.buf);
        for ( n = 0; n < all[i].len; n++ )
            is_error(next(all[i].bytes, n), FBC_ERR_PENDING);
    }
}

static void input_is_taken_out(void **state)
{
    struct msg t;

    (void)state;
    t = NEXT("\4\1\0\0\0\1\xff\x0d");
    assert_int_equal(t.m.kind, FBC_RFBS_KEY);
    assert_true(t.m.down);
    assert_int_equal(t.m.keysym, 0x1ff0d);
    assert_int_equal(t.m.keycode, 0);
    assert_int_equal(t.m.server_len, 0);
    free(t.buf);

    t = NEXT("\xff\0\0\0\0\0\0\x62\0\0\0\x30");
    assert_int_equal(t.m.kind, FBC_RFBS_KEY);
    assert_false(t.m.down);
    assert_int_equal(t.m.keysym, 0x62);
    assert_int_equal(t.m.keycode, 0x30);
    assert_int_equal(t.m.server_len, 0);
    free(t.buf);

    t = NEXT("\5\x81\1\2\3\4");
    assert_int_equal(t.m.kind, FBC_RFBS_POINTER);
    assert_int_equal(t.m.buttons, 0x81);
    assert_int_equal(t.m.x, 0x102);
    assert_int_equal(t.m.y, 0x304);
    assert_int_equal(t.m.server_len, 0);
    free(t.buf);
}

static void clipboards_are_skipped(void **state)
{
    struct msg t = NEXT("\6\0\0\0\0\1\0\0");

    (void)state;
    assert_int_equal(t.m.kind, FBC_RFBS_TEXT);
    assert_int_equal(t.m.skip, 0x10000);
    assert_int_equal(t.m.server_len, 0);
    free(t.buf);
    is_error(NEXT("\6\0\0\0\4\0\0\1"), FBC_ERR_RANGE);
    is_error(NEXT("\6\0\0\0\xff\xff\xff\xf0"), FBC_ERR_RANGE);  /* extended */
}

static void only_lossless_encodings_get_through(void **state)
{
    struct msg t;

    (void)state;
    /* CopyRect, quality 9, cursor, extended clipboard, file transfer ... */
    t = NEXT("\2\0\0\x0a" "\0\0\0\1" "\0\0\0\7" "\xff\xff\xff\xe9"
             "\xff\xff\xff\x11" "\xc0\xa1\xe5\xce" "\0\0\0\x10"
             "\xff\xff\xff\x20" "\xff\xff\xfe\xcc" "\xff\xff\xff\x21"
             "\xff\xff\xfe\xfe");
    assert_int_equal(t.m.kind, FBC_RFBS_ENCODINGS_SET);
    assert_true(t.m.resize && t.m.key_ext);
    passes(t, "\2\0\0\4" "\0\0\0\7" "\0\0\0\x10" "\xff\xff\xff\x20"
           "\xff\xff\xff\x21", 20);

    t = NEXT("\2\0\0\2" "\0\0\0\5" "\0\0\0\6");
    assert_false(t.m.resize || t.m.key_ext);
    passes(t, "\2\0\0\2" "\0\0\0\5" "\0\0\0\6", 12);

    /* Nothing but what is not let through, and nothing at all. */
    passes(NEXT("\2\0\0\2" "\0\0\0\1" "\0\0\0\2"), "\2\0\0\1\0\0\0\0", 8);
    passes(NEXT("\2\0\0\0"), "\2\0\0\0", 4);
}

static void compression_is_kept_low(void **state)
{
    (void)state;
    passes(NEXT("\2\0\0\3" "\xff\xff\xff\x00" "\xff\xff\xff\x02"
                "\xff\xff\xff\x09"),
           "\2\0\0\3" "\xff\xff\xff\x00" "\xff\xff\xff\x02"
           "\xff\xff\xff\x02", 16);
}

static void the_longest_list_of_encodings(void **state)
{
    static uint8_t list[FBC_RFBS_MAX + 4] = { 2, 0, 2, 0 };

    (void)state;
    is_error(next(list, FBC_RFBS_MAX - 1), FBC_ERR_PENDING);
    passes(next(list, FBC_RFBS_MAX), list, FBC_RFBS_MAX);
    list[3] = 1;
    is_error(next(list, 4), FBC_ERR_RANGE);
}

#define FORMAT(bpp, true_colour, r, g, b, rs, gs, bs) \
    "\0\0\0\0" bpp "\x18\0" true_colour r g b rs gs bs "\0\0\0"

static void formats_that_make_sense(void **state)
{
    (void)state;
    passes(NEXT(FORMAT("\x20", "\1", "\0\xff", "\0\xff", "\0\xff", "\x10",
                       "\x08", "\0")),
           FORMAT("\x20", "\1", "\0\xff", "\0\xff", "\0\xff", "\x10", "\x08",
                  "\0"), 20);
    is_error(NEXT(FORMAT("\x10", "\1", "\0\x1f", "\0\x3f", "\0\x1f",
                                 "\x0b", "\x05", "\0")), FBC_OK);
    is_error(NEXT(FORMAT("\x08", "\1", "\0\x07", "\0\x07", "\0\x03",
                                 "\0", "\3", "\6")), FBC_OK);
    is_error(NEXT(FORMAT("\x08", "\0", "\0\0", "\0\0", "\0\0", "\0",
                                 "\0", "\0")), FBC_OK);

    /* 24 bits, no maximum, not a power of two, beyond the pixel */
    is_error(NEXT(FORMAT("\x18", "\1", "\0\xff", "\0\xff", "\0\xff", "\x10",
                         "\x08", "\0")), FBC_ERR_RANGE);
    is_error(NEXT(FORMAT("\x20", "\1", "\0\0", "\0\xff", "\0\xff", "\x10",
                         "\x08", "\0")), FBC_ERR_RANGE);
    is_error(NEXT(FORMAT("\x20", "\1", "\0\xfe", "\0\xff", "\0\xff", "\x10",
                         "\x08", "\0")), FBC_ERR_RANGE);
    is_error(NEXT(FORMAT("\x20", "\1", "\0\xff", "\0\xff", "\0\xff", "\x19",
                         "\x08", "\0")), FBC_ERR_RANGE);
    is_error(NEXT(FORMAT("\x20", "\1", "\0\xff", "\0\xff", "\0\xff", "\xff",
                         "\x08", "\0")), FBC_ERR_RANGE);
    is_error(NEXT(FORMAT("\x10", "\0", "\0\0", "\0\0", "\0\0", "\0", "\0",
                         "\0")), FBC_ERR_RANGE);
}

static void anything_else_is_refused(void **state)
{
    unsigned int type;

    (void)state;
    for ( type = 0; type < 256; type++ )
    {
        uint8_t bytes[64] = { (uint8_t)type };
        bool known = type <= 6 ? type != 1 : type == 255;
        struct msg t = next(bytes, 1);

        assert_int_equal(t.err, known ? FBC_ERR_PENDING : FBC_ERR_FORMAT);
        free(t.buf);
    }
    is_error(NEXT("\xff\1\0\1\0\0\0\0\0\0\0\0"), FBC_ERR_FORMAT);
}

static void versions(void **state)
{
    static const struct { const char *in, *out; } all[] = {
        { "RFB 003.003\n", "RFB 003.003\n" },
        { "RFB 003.004\n", "RFB 003.003\n" },
        { "RFB 003.007\n", "RFB 003.007\n" },
        { "RFB 003.008\n", "RFB 003.008\n" },
        { "RFB 003.016\n", "RFB 003.008\n" },
        { "RFB 003.889\n", "RFB 003.889\n" },
    };
    static const char *const bad[] = {
        "RFB 003.008\r", "RFB 003:008\n", "RFB 0x3.008\n", "RFB 003.0-8\n",
        "GET / HTTP/1", "\x16\3\1abcdefghi", "rfb 003.008\n",
    };
    uint8_t v[FBC_RFBS_VERSION_LEN];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(all) / sizeof(all[0]); i++ )
    {
        memcpy(v, all[i].in, sizeof(v));
        assert_int_equal(fbc_rfbs_version(v), FBC_OK);
        assert_memory_equal(v, all[i].out, sizeof(v));
    }
    for ( i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        memcpy(v, bad[i], sizeof(v));
        assert_int_equal(fbc_rfbs_version(v), FBC_ERR_FORMAT);
    }
    memcpy(v, "RFB 004.001\n", sizeof(v));
    assert_int_equal(fbc_rfbs_version(v), FBC_ERR_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_waits_for_its_end),
        cmocka_unit_test(input_is_taken_out),
        cmocka_unit_test(clipboards_are_skipped),
        cmocka_unit_test(only_lossless_encodings_get_through),
        cmocka_unit_test(compression_is_kept_low),
        cmocka_unit_test(the_longest_list_of_encodings),
        cmocka_unit_test(formats_that_make_sense),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(versions),
    };

    return cmocka_run_group_tests_name("rfbs", tests, NULL, NULL);
}
