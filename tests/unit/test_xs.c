/* SPDX-License-Identifier: GPL-2.0-only */
/* The watcher of XenStore requests, against Xen's own header. */
#include "vec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <xen/io/xs_wire.h>

#include "core/xs.h"

#define DOMID 12

_Static_assert(FBC_XS_HEADER_LEN == sizeof(struct xsd_sockmsg), "header");
_Static_assert(FBC_XS_PAYLOAD_MAX == XENSTORE_PAYLOAD_MAX, "payload");

/* Bytes of a guest's requests. */
struct stream {
    uint8_t bytes[1 << 16];
    size_t len;
};

static void add(struct stream *s, uint32_t type, const void *payload,
                size_t len)
{
    struct xsd_sockmsg m = { .type = type, .req_id = 0x01020304,
                             .tx_id = 0x0b0b0b0b, .len = (uint32_t)len };

    assert_true(s->len + sizeof(m) + len <= sizeof(s->bytes));
    memcpy(s->bytes + s->len, &m, sizeof(m));
    memcpy(s->bytes + s->len + sizeof(m), payload, len);
    s->len += sizeof(m) + len;
}

static void add_write(struct stream *s, const char *path, const void *value,
                      size_t len)
{
    uint8_t payload[FBC_XS_PAYLOAD_MAX];
    size_t n = strlen(path) + 1;

    assert_true(n + len <= sizeof(payload));
    memcpy(payload, path, n);
    memcpy(payload + n, value, len);
    add(s, XS_WRITE, payload, n + len);
}

/* What one write means to the watcher. */
static struct fbc_xs_write one(const char *path, const void *value, size_t len)
{
    static struct stream s;
    struct fbc_xs_write w;
    struct fbc_xs xs;

    s.len = 0;
    add_write(&s, path, value, len);
    fbc_xs_init(&xs, DOMID);
    memset(&w, 0xa5, sizeof(w));
    assert_true(fbc_xs_feed(&xs, s.bytes, s.len, &w) == s.len);
    assert_false(xs.broken);

    return w;
}

#define ONE(path, value) one(path, value, sizeof(value) - 1)

static void keys(void **state)
{
    struct fbc_xs_write w = ONE("device/vfb/0/page-ref", "520011");

    (void)state;
    assert_int_equal(w.dev, FBC_XS_VFB);
    assert_int_equal(w.key, FBC_XS_PAGE_REF);
    assert_true(w.valid && w.value == 520011);

    w = ONE("/local/domain/12/device/vkbd/0/event-channel", "9\0");
    assert_int_equal(w.dev, FBC_XS_VKBD);
    assert_int_equal(w.key, FBC_XS_EVENT_CHANNEL);
    assert_true(w.valid && w.value == 9);

    w = ONE("device/vfb/0/state", "4");
    assert_int_equal(w.key, FBC_XS_STATE);
    assert_true(w.valid && w.value == 4);

    w = ONE("device/vkbd/0/protocol", "x86_64-abi");
    assert_int_equal(w.dev, FBC_XS_VKBD);
    assert_int_equal(w.key, FBC_XS_PROTOCOL);
    assert_true(w.valid && w.value == 1);
    w = ONE("device/vfb/0/protocol", "x86_64-abi\0");
    assert_true(w.valid && w.value == 1);
    w = ONE("device/vfb/0/protocol", "x86_32-abi");
    assert_true(w.key == FBC_XS_PROTOCOL && w.valid && !w.value);
    w = ONE("device/vfb/0/protocol", "x86_64-abix");
    assert_true(w.key == FBC_XS_PROTOCOL && w.valid && !w.value);
    w = ONE("device/vfb/0/protocol", "x86_64-ab");
    assert_true(w.key == FBC_XS_PROTOCOL && w.valid && !w.value);
}

static void other_paths(void **state)
{
    static const char *const paths[] = {
        "", "/", "device", "device/vfb/0", "device/vfb/0/",
        "device/vfb/0/page-re", "device/vfb/0/page-refx",
        "device/vfb/0/page-ref/", "device/vfb/0/page-ref/x",
        "device/vfb/00/page-ref", "device/vfb/1/page-ref",
        "device/vfb/0/page-gref", "device/vfb/0/feature-update",
        "device/vif/0/event-channel", "device/vkbd/0/Page-ref",
        "device//vfb/0/page-ref", " device/vfb/0/page-ref",
        "/device/vfb/0/page-ref", "./device/vfb/0/page-ref",
        "local/domain/12/device/vfb/0/page-ref",
        "//local/domain/12/device/vfb/0/page-ref",
        "/local/domain/1/device/vfb/0/page-ref",
        "/local/domain/13/device/vfb/0/page-ref",
        "/local/domain/120/device/vfb/0/page-ref",
        "/local/domain/012/device/vfb/0/page-ref",
        "/local/domain/+12/device/vfb/0/page-ref",
        "/local/domain//device/vfb/0/page-ref",
        "/local/domain/12device/vfb/0/page-ref",
        "/local/domain/12//device/vfb/0/page-ref",
        "/local/domain/65548/device/vfb/0/page-ref",
        "/local/domain/18446744073709551628/device/vfb/0/page-ref",
        "/local/domain/12/local/domain/12/device/vfb/0/page-ref",
        "device/vfb/0/device/vfb/0/page-ref",
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(paths) / sizeof(paths[0]); i++ )
        if ( ONE(paths[i], "5").key != FBC_XS_NONE )
            fail_msg("taken: \"%s\"", paths[i]);
}

static void numbers(void **state)
{
    static const struct {
        const char *text;
        size_t len;
        bool valid;
        uint64_t value;
    } cases[] = {
#define CASE(text, valid, value) { text, sizeof(text) - 1, valid, value }
        CASE("0", true, 0),
        CASE("0\0", true, 0),
        CASE("1", true, 1),
        CASE("10", true, 10),
        CASE("18446744073709551615", true, UINT64_MAX),
        CASE("18446744073709551616", false, 0),
        CASE("18446744073709551620", false, 0),
        CASE("28446744073709551615", false, 0),
        CASE("184467440737095516150", false, 0),
        CASE("99999999999999999999999999999999", false, 0),
        CASE("", false, 0),
        CASE("\0", false, 0),
        CASE("00", false, 0),
        CASE("01", false, 0),
        CASE("+1", false, 0),
        CASE("-1", false, 0),
        CASE(" 1", false, 0),
        CASE("1 ", false, 0),
        CASE("1\n", false, 0),
        CASE("1\0\0", false, 0),
        CASE("1\0" "2", false, 0),
        CASE("\0" "1", false, 0),
        CASE("0x1", false, 0),
        CASE("1e3", false, 0),
        CASE("\xb1", false, 0),
#undef CASE
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        struct fbc_xs_write w = one("device/vfb/0/page-ref", cases[i].text,
                                    cases[i].len);

        if ( w.key != FBC_XS_PAGE_REF || w.valid != cases[i].valid ||
             w.value != cases[i].value )
            fail_msg("\"%s\": %d, %" PRIu64, cases[i].text, w.valid, w.value);
    }
}

/* A NUL in the path ends it, for xenstored as for us. */
static void odd_payloads(void **state)
{
    static const char nul_in_path[] = "device/vfb/0\0/page-ref\0" "5";
    static const char path_only[] = "device/vfb/0/page-ref";
    static struct stream s;
    struct fbc_xs_write w;
    struct fbc_xs xs;

    (void)state;
    fbc_xs_init(&xs, DOMID);
    add(&s, XS_WRITE, nul_in_path, sizeof(nul_in_path) - 1);
    add(&s, XS_WRITE, path_only, sizeof(path_only) - 1);
    add(&s, XS_WRITE, "", 0);
    add(&s, XS_READ, "device/vfb/0/page-ref\0" "5", 23);
    add(&s, XS_MKDIR, path_only, sizeof(path_only));
    add(&s, XS_WRITE | 0x100, "device/vfb/0/page-ref\0" "5", 23);
    assert_true(fbc_xs_feed(&xs, s.bytes, s.len, &w) == s.len);
    assert_int_equal(w.key, FBC_XS_NONE);

    /* The path with its NUL is a write of nothing. */
    s.len = 0;
    add(&s, XS_WRITE, path_only, sizeof(path_only));
    assert_true(fbc_xs_feed(&xs, s.bytes, s.len, &w) == s.len);
    assert_int_equal(w.key, FBC_XS_PAGE_REF);
    assert_false(w.valid);
}

static void long_messages(void **state)
{
    static struct stream s;
    static uint8_t big[FBC_XS_PAYLOAD_MAX];
    struct fbc_xs_write w;
    struct fbc_xs xs;
    size_t n, taken;

    (void)state;
    for ( n = FBC_XS_KEEP - 30; n <= sizeof(big);
          n += n < FBC_XS_KEEP + 30 ? 1 : 437 )
    {
        s.len = 0;
        memset(big, '1', sizeof(big));
        add(&s, XS_WRITE, big, n);
        memcpy(big, "data/x", 7);
        add(&s, XS_WRITE, big, n);
        add_write(&s, "device/vfb/0/page-ref", "7", 1);
        fbc_xs_init(&xs, DOMID);
        assert_true(fbc_xs_feed(&xs, s.bytes, s.len, &w) == s.len);
        assert_true(w.key == FBC_XS_PAGE_REF && w.valid && w.value == 7);
    }

    /* Too long a value is a write all the same, but of no number. */
    s.len = 0;
    memset(big, '0', sizeof(big));
    add_write(&s, "device/vfb/0/page-ref", big, 300);
    taken = s.len;
    add_write(&s, "device/vfb/0/protocol", "x86_64-abi", 10);
    memcpy(big, "x86_64-abi", 10);
    add_write(&s, "device/vfb/0/protocol", big, 300);
    fbc_xs_init(&xs, DOMID);
    assert_true(fbc_xs_feed(&xs, s.bytes, s.len, &w) == taken);
    assert_true(w.key == FBC_XS_PAGE_REF && !w.valid && !w.value);
    taken += fbc_xs_feed(&xs, s.bytes + taken, s.len - taken, &w);
    assert_true(w.key == FBC_XS_PROTOCOL && w.value == 1);
    taken += fbc_xs_feed(&xs, s.bytes + taken, s.len - taken, &w);
    assert_true(w.key == FBC_XS_PROTOCOL && w.value == 0);
    assert_true(taken == s.len);
}

static void broken(void **state)
{
    static const uint32_t lens[] = {
        FBC_XS_PAYLOAD_MAX + 1, 0x7fffffff, 0x80000000, 0xfffffff0, UINT32_MAX,
    };
    static struct stream s;
    struct xsd_sockmsg m = { .type = XS_WRITE };
    struct fbc_xs_write w;
    struct fbc_xs xs;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(lens) / sizeof(lens[0]); i++ )
    {
        m.len = lens[i];
        s.len = sizeof(m);
        memcpy(s.bytes, &m, sizeof(m));
        add_write(&s, "device/vfb/0/page-ref", "7", 1);
        fbc_xs_init(&xs, DOMID);
        assert_true(fbc_xs_feed(&xs, s.bytes, 15, &w) == 15);
        assert_false(xs.broken);
        assert_true(fbc_xs_feed(&xs, s.bytes + 15, s.len - 15, &w) ==
                    s.len - 15);
        assert_true(xs.broken && w.key == FBC_XS_NONE);
        assert_true(fbc_xs_feed(&xs, s.bytes + 16, s.len - 16, &w) ==
                    s.len - 16);
        assert_true(xs.broken && w.key == FBC_XS_NONE);
    }
}

static uint32_t rnd(void)
{
    static uint32_t s = 4711;

    s = s * 1664525 + 1013904223;

    return s >> 8;
}

#define WRITES_MAX 512

struct seen {
    struct fbc_xs_write w[WRITES_MAX];
    size_t at[WRITES_MAX], n;   /* at: stream offset after the write */
    struct fbc_xs xs;
};

/* chunk 0: random ones. */
static void feed(struct seen *r, const struct stream *s, size_t chunk)
{
    size_t done = 0;

    r->n = 0;
    fbc_xs_init(&r->xs, DOMID);
    while ( done < s->len )
    {
        size_t n = chunk ? chunk : rnd() % 40, taken;
        struct fbc_xs_write w;

        if ( n > s->len - done )
            n = s->len - done;
        r->xs.door.nr = r->xs.door.shut = 0;   /* all are answered */
        taken = fbc_xs_feed(&r->xs, s->bytes + done, n, &w);
        assert_true(taken <= n);
        done += taken;
        if ( w.key == FBC_XS_NONE )
        {
            assert_true(taken == n);
            continue;
        }
        assert_true(r->n < WRITES_MAX);
        r->w[r->n] = w;
        r->at[r->n++] = done;
    }
}

static void make_stream(struct stream *s, bool garbage)
{
    static const char *const paths[] = {
        "device/vfb/0/page-ref", "device/vkbd/0/page-ref",
        "device/vfb/0/event-channel", "device/vfb/0/state",
        "device/vfb/0/protocol", "/local/domain/12/device/vkbd/0/state",
        "/local/domain/13/device/vkbd/0/state", "device/vif/0/mac", "data/x",
    };
    size_t i, n = 20 + rnd() % 60;
    char value[400];

    s->len = 0;
    for ( i = 0; i < n; i++ )
    {
        const char *path = paths[rnd() % (sizeof(paths) / sizeof(paths[0]))];

        memset(value, '3', sizeof(value));
        snprintf(value, sizeof(value), "%u", rnd() % 100000);
        switch ( rnd() % 6 )
        {
        case 0:
            add_write(s, path, value, rnd() % sizeof(value));
            break;

        case 1:
            add(s, rnd() % 24, path, rnd() % strlen(path));
            break;

        default:
            add_write(s, path, value, strlen(value) + rnd() % 2);
            break;
        }
    }
    for ( i = 0; garbage && i < 20; i++ )
        s->bytes[rnd() % s->len] = (uint8_t)rnd();
}

static void chunks(void **state)
{
    static struct stream s;
    static struct seen whole, other;
    int round;
    size_t n, i;

    (void)state;
    for ( round = 0; round < 300; round++ )
    {
        make_stream(&s, round % 3 == 2);
        feed(&whole, &s, s.len);
        for ( n = 0; n < 6; n++ )
        {
            feed(&other, &s, n);
            assert_int_equal(other.n, whole.n);
            assert_int_equal(other.xs.broken, whole.xs.broken);
            for ( i = 0; i < whole.n; i++ )
            {
                assert_int_equal(other.w[i].dev, whole.w[i].dev);
                assert_int_equal(other.w[i].key, whole.w[i].key);
                assert_int_equal(other.w[i].valid, whole.w[i].valid);
                assert_true(other.w[i].value == whole.w[i].value);
                assert_int_equal(other.at[i], whole.at[i]);
            }
        }
        if ( round % 3 == 0 )
            assert_true(whole.n && !whole.xs.broken);
    }
}

/* What a stock guest would drive, or serve, if it were told of it. */
static void doors(void **state)
{
    static const char *const shut[] = {
        "device/vdispl/0", "device/vdispl/0/state", "device/vsnd/0/state",
        "device/pci/0/backend", "device/vusb/0", "device/vkbd/1",
        "device/vkbd/1/state", "device/vkbd/00", "device/vkbd/01/state",
        "device/vkbd/0/x/state", "device/vkbd/0/state/x", "device/vkbd/0//state",
        "device/vkbd//0/state", "device/vkbd/", "device/vfb/1/state",
        "device/vfb/10/state", "device/vfb/0/1/state", "device//vkbd/1",
        "device/vbdx/0", "device/Vbd/0", "device//", "device/x/",
        "/local/domain/12/device/vkbd/1/state", "backend/vbd/0/51712",
        "backend/vkbd", "backend/", "/local/domain/12/backend/vbd/0/1/state",
        "control/sysrq", "/local/domain/12/control/sysrq", "control/",
        "control/shutdown2", "control/x/shutdown", "control//shutdown",
    };
    static const char *const open[] = {
        "", "/", "device", "device/vkbd", "device/vdispl", "device/vkbd/0",
        "device/vkbd/0/state", "device/vkbd/0/feature-abs-pointer",
        "device/vfb/0/page-ref", "device/vbd/51712/state", "device/vif/0/mac",
        "device/vbd/1/x/y", "device/suspend/event-channel",
        "device/console/1/state", "device/vtpm/0", "backend", "backends/vbd/1",
        "devices/vkbd/1", "/local/domain/0/backend/vkbd/12/1/state",
        "/local/domain/13/device/vkbd/1", "/local/domain/12", "control/shutdown",
        "control", "control/feature-suspend", "/local/domain/13/control/sysrq",
        "control/platform-feature-xs_reset_watches",
        "memory/target", "data/device/vkbd/1", "12", "/local/domain/12/device",
    };
    char name[200];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(shut) / sizeof(shut[0]); i++ )
        if ( !fbc_xsdoor_refuses(XS_READ, (const uint8_t *)shut[i],
                                 strlen(shut[i]) + 1, DOMID) )
            fail_msg("open: %s", shut[i]);
    for ( i = 0; i < sizeof(open) / sizeof(open[0]); i++ )
        if ( fbc_xsdoor_refuses(XS_READ, (const uint8_t *)open[i],
                                strlen(open[i]) + 1, DOMID) )
            fail_msg("shut: %s", open[i]);

    /* A value is no path; a path need not have an end. */
    assert_false(fbc_xsdoor_refuses(XS_READ,
                                    (const uint8_t *)"data\0device/x/1", 16,
                                    DOMID));
    assert_true(fbc_xsdoor_refuses(XS_READ, (const uint8_t *)"backend/", 8,
                                   DOMID));
    /* Whoever watches what he may not read learns nothing. */
    assert_false(fbc_xsdoor_refuses(XS_WATCH,
                                    (const uint8_t *)"control/sysrq\0t", 15,
                                    DOMID));
    assert_true(fbc_xsdoor_refuses(XS_WATCH,
                                   (const uint8_t *)"device/vkbd/1\0t", 15,
                                   DOMID));

    /* Names that end after what is looked at of them. */
    for ( i = 60; i < sizeof(name); i++ )
    {
        memset(name, 'x', sizeof(name));
        memcpy(name, "device/", 7);
        assert_true(fbc_xsdoor_refuses(XS_READ, (uint8_t *)name, i, DOMID));
        memcpy(name, "device/vkbd/0/", 14);
        assert_true(fbc_xsdoor_refuses(XS_READ, (uint8_t *)name, i, DOMID));
    }
}

static void nothing(void **state)
{
    struct fbc_xs_write w;
    struct fbc_xs xs;

    (void)state;
    fbc_xs_init(&xs, DOMID);
    memset(&w, 0xa5, sizeof(w));
    assert_int_equal(fbc_xs_feed(&xs, NULL, 0, &w), 0);
    assert_int_equal(w.key, FBC_XS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("writes of the four keys are seen", keys),
        VEC_TEST("paths that are not exactly ours are not", other_paths),
        VEC_TEST("only canonical decimal numbers below 2^64 are valid",
                 numbers),
        VEC_TEST("payloads mean what xenstored takes them for", odd_payloads),
        VEC_TEST("long messages are skipped to their end", long_messages),
        VEC_TEST("after an impossible length nothing is believed", broken),
        VEC_TEST("how the bytes are cut does not matter", chunks),
        VEC_TEST("paths to devices and backends of dom0's making are shut",
                 doors),
        VEC_TEST("no bytes are no write", nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
