/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of sealed input, and pointer positions that carry them. */
#include "vec.h"

#include "core/carrier.h"
#include "core/geom.h"
#include "core/input.h"

static const uint8_t key[FBC_KEY_LEN] = { 1, 2, 3 };

static void check_hello(const json_t *v)
{
    uint8_t k[FBC_KEY_LEN], want[FBC_KEY_LEN];
    uint8_t record[FBC_INPUT_RECORD_LEN], made[FBC_INPUT_RECORD_LEN];
    enum fbc_err expect = vec_err(v, "expect");
    unsigned int slot = (unsigned int)vec_u64(v, "slot");
    struct fbc_input_conn c, before, again;
    struct fbc_input_head head;

    vec_bytes(v, "key", k, sizeof(k));
    vec_bytes(v, "record", record, sizeof(record));
    memset(&c, 0xa5, sizeof(c));
    before = c;
    assert_int_equal(fbc_input_accept(k, record, &c), expect);
    if ( expect )
    {
        assert_memory_equal(&c, &before, sizeof(c));
        return;
    }

    vec_bytes(v, "conn", want, sizeof(want));
    assert_memory_equal(c.key, want, sizeof(want));
    assert_int_equal(c.slot, slot);
    assert_int_equal(fbc_input_parse(record, &head), FBC_OK);
    assert_true(head.hello && head.seq == vec_u64(v, "seq"));
    assert_int_equal(head.slot, slot);

    memset(&again, 0xa5, sizeof(again));
    assert_int_equal(fbc_input_hello(k, slot, head.seq, &again, made), FBC_OK);
    assert_memory_equal(made, record, sizeof(made));
    assert_memory_equal(&again, &c, sizeof(c));
}

static void hellos(void **state)
{
    (void)state;
    vec_each("input.json", "hellos", check_hello);
}

static void check_fields(const json_t *v, const struct fbc_input *in)
{
    const json_t *keys = json_object_get(v, "keys"), *k;
    size_t i;

    assert_int_equal(in->kind, vec_u64(v, "kind"));
    for ( i = 0; i < FBC_INPUT_KEYS; i++ )
    {
        k = json_array_get(keys, i);
        assert_int_equal(in->key[i].code,
                         json_integer_value(json_array_get(k, 0)));
        assert_int_equal(in->key[i].down,
                         json_integer_value(json_array_get(k, 1)));
    }
    assert_int_equal(in->x, vec_u64(v, "x"));
    assert_int_equal(in->y, vec_u64(v, "y"));
    assert_int_equal(in->buttons, vec_u64(v, "buttons"));
    assert_int_equal(in->wheel,
                     json_integer_value(json_object_get(v, "wheel")));
    assert_true(in->challenge == vec_u64(v, "challenge"));
}

static void check_record(const json_t *v)
{
    uint8_t k[FBC_KEY_LEN], hello[FBC_INPUT_RECORD_LEN];
    uint8_t record[FBC_INPUT_RECORD_LEN], made[FBC_INPUT_RECORD_LEN];
    enum fbc_err expect = vec_err(v, "expect");
    uint64_t counter = vec_u64(v, "counter");
    struct fbc_input in, before;
    struct fbc_input_conn c;

    vec_bytes(v, "key", k, sizeof(k));
    vec_bytes(v, "record", record, sizeof(record));
    assert_int_equal(fbc_input_hello(k, (unsigned int)vec_u64(v, "slot"),
                                     vec_u64(v, "seq"), &c, hello), FBC_OK);
    memset(&in, 0xa5, sizeof(in));
    before = in;
    assert_int_equal(fbc_input_open(&c, counter, record, &in), expect);
    if ( expect )
    {
        assert_memory_equal(&in, &before, sizeof(in));
        return;
    }

    check_fields(v, &in);
    assert_int_equal(fbc_input_seal(&c, counter, &in, made), FBC_OK);
    assert_memory_equal(made, record, sizeof(made));
}

static void records(void **state)
{
    (void)state;
    vec_each("input.json", "vectors", check_record);
}

static void check_points(const json_t *v)
{
    uint8_t record[FBC_INPUT_RECORD_LEN], out[FBC_INPUT_RECORD_LEN];
    struct fbc_point p[FBC_CARRIER_POINTS], before[FBC_CARRIER_POINTS];
    uint32_t w = (uint32_t)vec_u64(v, "width");
    uint32_t h = (uint32_t)vec_u64(v, "height");
    enum fbc_err expect = vec_err(v, "expect");
    const json_t *want = json_object_get(v, "points");
    struct fbc_carrier c = { 0 };
    size_t i;

    vec_bytes(v, "record", record, sizeof(record));
    memset(p, 0xa5, sizeof(p));
    memcpy(before, p, sizeof(p));
    assert_int_equal(fbc_carrier_points(record, w, h, p), expect);
    if ( expect )
        assert_memory_equal(p, before, sizeof(p));

    for ( i = 0; i < FBC_CARRIER_POINTS; i++ )
    {
        const json_t *xy = json_array_get(want, i);

        if ( expect )
        {
            assert_false(fbc_carrier_take(&c, w, h, 0, 0, out));
            continue;
        }
        assert_int_equal(p[i].x, json_integer_value(json_array_get(xy, 0)));
        assert_int_equal(p[i].y, json_integer_value(json_array_get(xy, 1)));
        assert_int_equal(fbc_carrier_take(&c, w, h, p[i].x, p[i].y, out),
                         i == FBC_CARRIER_POINTS - 1);
    }
    if ( !expect )
        assert_memory_equal(out, record, sizeof(out));
}

static void points(void **state)
{
    (void)state;
    vec_each("input.json", "points", check_points);
}

/* No bit of a record but is looked at. */
static void bits(void **state)
{
    struct fbc_input in = { .kind = FBC_INPUT_KEY, .key = { { 30, true } } };
    uint8_t hello[FBC_INPUT_RECORD_LEN], record[FBC_INPUT_RECORD_LEN];
    struct fbc_input_conn c, d;
    struct fbc_input out;
    size_t bit;

    (void)state;
    assert_int_equal(fbc_input_hello(key, 3, 4660, &c, hello), FBC_OK);
    assert_int_equal(fbc_input_seal(&c, 9, &in, record), FBC_OK);
    for ( bit = 0; bit < 8 * sizeof(record); bit++ )
    {
        uint8_t mask = (uint8_t)(1u << bit % 8);

        record[bit / 8] ^= mask;
        hello[bit / 8] ^= mask;
        assert_int_not_equal(fbc_input_open(&c, 9, record, &out), FBC_OK);
        assert_int_not_equal(fbc_input_accept(key, hello, &d), FBC_OK);
        record[bit / 8] ^= mask;
        hello[bit / 8] ^= mask;
    }
    assert_int_equal(fbc_input_open(&c, 9, record, &out), FBC_OK);
    assert_int_equal(fbc_input_accept(key, hello, &d), FBC_OK);
}

static void refuses(struct fbc_input in)
{
    uint8_t record[FBC_INPUT_RECORD_LEN], before[FBC_INPUT_RECORD_LEN];
    struct fbc_input_conn c = { .slot = 1 };

    memset(record, 0xa5, sizeof(record));
    memcpy(before, record, sizeof(record));
    assert_int_equal(fbc_input_seal(&c, 1, &in, record), FBC_ERR_RANGE);
    assert_memory_equal(record, before, sizeof(record));
}

#define IN(k, ...) ((struct fbc_input){ .kind = FBC_INPUT_##k, __VA_ARGS__ })

/* What a sender asks for by mistake. */
static void senseless(void **state)
{
    struct fbc_input ok = IN(BYE, .x = 1);
    uint8_t record[FBC_INPUT_RECORD_LEN];
    struct fbc_input_conn c = { .slot = 1 };

    (void)state;
    refuses(IN(KEY, .x = 1));
    refuses(IN(KEY, .key = { { 0x300, true } }));
    refuses(IN(KEY, .key = { { 0, false }, { 30, true } }));
    refuses(IN(KEY, .key = { { 30, false }, { 0, true } }));
    refuses(IN(KEY, .key = { { 30, false }, { 0xffff, true } }));
    refuses(IN(POINTER, .x = 4096));
    refuses(IN(POINTER, .y = 4096));
    refuses(IN(POINTER, .wheel = 8));
    refuses(IN(POINTER, .wheel = -9));
    refuses(IN(CHALLENGE, .x = 1));
    refuses(IN(CHALLENGE, .challenge = FBC_INPUT_CHALLENGE_MAX + 1));
    refuses((struct fbc_input){ .kind = 0 });
    refuses((struct fbc_input){ .kind = 16 });
    assert_int_equal(fbc_input_seal(&c, 1, &ok, record), FBC_OK);
    assert_int_equal(fbc_input_seal(&c, 0, &ok, record), FBC_ERR_RANGE);
    assert_int_equal(fbc_input_seal(&c, FBC_INPUT_COUNTER_MAX + 1, &ok,
                                    record), FBC_ERR_RANGE);
    assert_int_equal(fbc_input_hello(key, 8, 1, &c, record), FBC_ERR_RANGE);
    assert_int_equal(fbc_input_hello(key, 0, FBC_INPUT_HELLO_MAX + 1, &c,
                                     record), FBC_ERR_RANGE);
    assert_int_equal(fbc_input_hello(key, 0, fbc_input_seq(0x30000) - 1, &c,
                                     record), FBC_ERR_RANGE);
    assert_int_equal(fbc_input_hello(key, 0, fbc_input_seq(0x30000), &c,
                                     record), FBC_OK);
}

/*
 * What stock QEMU makes of a position on an axis of size pixels
 * (ui/input.c qemu_input_queue_abs(), hw/display/xenfb.c).
 */
static uint32_t through_qemu(uint32_t v, uint32_t size)
{
    return v * 0x7fff / size * (size - 1) / 0x7fff;
}

/* Each size of a shadow, each cell, and each smaller error as well. */
static void rounding(void **state)
{
    uint8_t record[FBC_INPUT_RECORD_LEN], out[FBC_INPUT_RECORD_LEN];
    struct fbc_point p[FBC_CARRIER_POINTS];
    uint32_t size, seed = 1, w, h, less, i;
    struct fbc_carrier c = { 0 };
    size_t b;

    (void)state;
    for ( size = FBC_CARRIER_MIN; size <= FBC_MAX_SWIDTH; size++ )
    {
        w = size;
        h = size < FBC_MAX_SHEIGHT ? size : FBC_MAX_SHEIGHT;
        for ( b = 0; b < sizeof(record); b++ )
            record[b] = (uint8_t)((seed = seed * 1103515245 + 12345) >> 16);
        assert_int_equal(fbc_carrier_points(record, w, h, p), FBC_OK);
        for ( less = 0; less < 4; less++ )
            for ( i = 0; i < FBC_CARRIER_POINTS; i++ )
            {
                uint32_t x = through_qemu(p[i].x, w);
                uint32_t y = through_qemu(p[i].y, h);

                assert_true(p[i].x < w && p[i].y < h);
                assert_true(p[i].x - x <= 2 && p[i].y - y <= 2);
                if ( less < 3 )
                {
                    x = p[i].x - less;
                    y = p[i].y - less;
                }
                assert_int_equal(fbc_carrier_take(&c, w, h, x, y, out),
                                 i == FBC_CARRIER_POINTS - 1);
                if ( i == FBC_CARRIER_POINTS - 1 )
                    assert_memory_equal(out, record, sizeof(out));
            }
    }
}

#define W 800
#define H 639

/* Feeds the points from one to the other; how many records came out. */
static unsigned int feed(struct fbc_carrier *c, const struct fbc_point *p,
                         unsigned int from, unsigned int to, uint8_t *out)
{
    unsigned int n = 0;

    while ( from < to )
    {
        n += fbc_carrier_take(c, W, H, p[from].x, p[from].y, out);
        from++;
    }

    return n;
}

/* Whatever was lost or put in, the next whole record is read. */
static void resync(void **state)
{
    static const uint8_t record[FBC_INPUT_RECORD_LEN] = {
        0x07, 1, 2, 0xfe, 0x55, 6, 7, 0x80, 9, 10, 0xab, 12, 13, 14, 15, 0xff
    };
    uint8_t out[FBC_INPUT_RECORD_LEN];
    struct fbc_point p[FBC_CARRIER_POINTS];
    struct fbc_carrier c = { 0 };
    unsigned int i, n = FBC_CARRIER_POINTS;

    (void)state;
    assert_int_equal(fbc_carrier_points(record, W, H, p), FBC_OK);
    for ( i = 0; i < n; i++ )
    {
        /* Cut off after i points; without point i; with one twice. */
        assert_int_equal(feed(&c, p, 0, i, out), 0);
        assert_int_equal(feed(&c, p, 0, n, out), 1);
        assert_memory_equal(out, record, sizeof(out));

        assert_int_equal(feed(&c, p, 0, i, out) +
                         feed(&c, p, i + 1, n, out), 0);
        assert_int_equal(feed(&c, p, 0, n, out), 1);
        assert_memory_equal(out, record, sizeof(out));

        (void)feed(&c, p, 0, i + 1, out);
        (void)feed(&c, p, i, n, out);
        assert_int_equal(feed(&c, p, 0, n, out), 1);
        assert_memory_equal(out, record, sizeof(out));

        /* A real mouse on the edge of the screen, where no cell is. */
        (void)feed(&c, p, 0, i, out);
        assert_false(fbc_carrier_take(&c, W, H, W - 1, H - 1, out));
        assert_int_equal(c.points, 0);
        assert_int_equal(feed(&c, p, 1, n, out), 0);
        assert_int_equal(feed(&c, p, 0, n, out), 1);
    }
    assert_false(fbc_carrier_take(&c, W, H, 0x7fffffff, 0, out));
    assert_false(fbc_carrier_take(&c, W, H, 0, 0xffffffff, out));

    /* The two bits that no record has. */
    assert_int_equal(feed(&c, p, 0, n - 1, out), 0);
    assert_false(fbc_carrier_take(&c, W, H, p[n - 1].x,
                                  p[n - 1].y | 32 * (H / 128), out));
    assert_int_equal(c.points, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("hellos agree with an independent implementation", hellos),
        VEC_TEST("records agree with an independent implementation", records),
        VEC_TEST("points agree with an independent implementation", points),
        VEC_TEST("each flipped bit of record and hello is refused", bits),
        VEC_TEST("a sender cannot seal what no reader takes", senseless),
        VEC_TEST("points survive QEMU's rounding at each size", rounding),
        VEC_TEST("a whole record is read whatever came before", resync),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
