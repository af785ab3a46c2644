/* SPDX-License-Identifier: GPL-2.0-only */
/* xenfb pages and events, against Xen's own header. */
#include "vec.h"

#include <xen/io/fbif.h>

#include "core/fbif.h"

#define SAME(ours, theirs) _Static_assert((ours) == (theirs), #theirs)

SAME(FBC_FBIF_EVENT_LEN, XENFB_OUT_EVENT_SIZE);
SAME(FBC_FBIF_EVENT_LEN, sizeof(union xenfb_out_event));
SAME(FBC_FBIF_EVENT_LEN, sizeof(union xenfb_in_event));
SAME(FBC_FBIF_IN_OFF, XENFB_IN_RING_OFFS);
SAME(FBC_FBIF_IN_LEN, XENFB_IN_RING_LEN);
SAME(FBC_FBIF_OUT_OFF, XENFB_OUT_RING_OFFS);
SAME(FBC_FBIF_OUT_LEN, XENFB_OUT_RING_LEN);
SAME(FBC_FBIF_IN_CONS, offsetof(struct xenfb_page, in_cons));
SAME(FBC_FBIF_IN_PROD, offsetof(struct xenfb_page, in_prod));
SAME(FBC_FBIF_OUT_CONS, offsetof(struct xenfb_page, out_cons));
SAME(FBC_FBIF_OUT_PROD, offsetof(struct xenfb_page, out_prod));
SAME(FBC_FBIF_PD_OFF, offsetof(struct xenfb_page, pd));
SAME(FBC_FBIF_PD_MAX * 8, sizeof(((struct xenfb_page *)0)->pd));
SAME(FBC_FBIF_UPDATE, XENFB_TYPE_UPDATE);
SAME(FBC_FBIF_RESIZE, XENFB_TYPE_RESIZE);

union page {
    uint8_t bytes[FBC_PAGE];
    struct xenfb_page fb;
};

union event {
    uint8_t bytes[FBC_FBIF_EVENT_LEN];
    union xenfb_out_event ev;
};

/* What Linux 6.1 publishes by default. */
static union page linux_page(void)
{
    union page p;

    memset(&p, 0xee, sizeof(p));
    p.fb.width = 800;
    p.fb.height = 600;
    p.fb.line_length = 3200;
    p.fb.mem_length = 2 << 20;
    p.fb.depth = 32;

    return p;
}

static enum fbc_err parse(const union page *p)
{
    struct fbc_fbif fb, fb_before;
    struct fbc_geom g, g_before;
    enum fbc_err err;

    memset(&fb, 0xa5, sizeof(fb));
    memset(&g, 0xa5, sizeof(g));
    fb_before = fb;
    g_before = g;
    err = fbc_fbif_parse(p->bytes, &fb, &g);
    if ( err )
    {
        assert_memory_equal(&fb, &fb_before, sizeof(fb));
        assert_memory_equal(&g, &g_before, sizeof(g));
    }

    return err;
}

static void page_of_linux(void **state)
{
    union page p = linux_page();
    struct fbc_fbif fb;
    struct fbc_geom g;

    (void)state;
    assert_int_equal(fbc_fbif_parse(p.bytes, &fb, &g), FBC_OK);
    assert_int_equal(fb.width, 800);
    assert_int_equal(fb.height, 600);
    assert_int_equal(fb.line_length, 3200);
    assert_int_equal(fb.offset, 0);
    assert_int_equal(fb.mem_length, 2 << 20);
    assert_int_equal(fb.pages, 512);
    assert_int_equal(fb.dirs, 1);
    assert_int_equal(g.swidth, 800);
    assert_int_equal(g.sheight, 639);

    p.fb.mem_length++;
    assert_int_equal(fbc_fbif_parse(p.bytes, &fb, &g), FBC_OK);
    assert_int_equal(fb.pages, 513);
    assert_int_equal(fb.dirs, 2);

    p.fb.pd[0] = 0x123456789abcdef0;
    p.fb.pd[255] = 42;
    assert_true(fbc_fbif_pd(p.bytes, 0) == 0x123456789abcdef0);
    assert_true(fbc_fbif_pd(p.bytes, 255) == 42);
}

#define PAGE(field, value, expect) do {             \
    union page p_ = linux_page();                   \
                                                    \
    p_.fb.field = (value);                          \
    assert_int_equal(parse(&p_), expect);           \
} while ( 0 )

static void hostile_pages(void **state)
{
    union page p;
    unsigned int d;

    (void)state;
    for ( d = 0; d < 256; d++ )
        PAGE(depth, (uint8_t)d, d == 32 ? FBC_OK : FBC_ERR_DEPTH);

    PAGE(width, 0, FBC_ERR_SIZE);
    PAGE(width, -1, FBC_ERR_SIZE);
    PAGE(width, INT32_MIN, FBC_ERR_SIZE);
    PAGE(width, INT32_MIN + 800, FBC_ERR_SIZE);
    PAGE(width, INT32_MAX, FBC_ERR_SIZE);
    PAGE(width, 0x10000 + 800, FBC_ERR_SIZE);
    PAGE(width, 95, FBC_ERR_SIZE);
    PAGE(width, 801, FBC_ERR_STRIDE);
    PAGE(height, 0, FBC_ERR_SIZE);
    PAGE(height, -600, FBC_ERR_SIZE);
    PAGE(height, 1927, FBC_ERR_SIZE);
    PAGE(height, INT32_MAX, FBC_ERR_SIZE);
    PAGE(height, 656, FBC_ERR_MEMORY);

    PAGE(line_length, 0, FBC_ERR_STRIDE);
    PAGE(line_length, 3199, FBC_ERR_STRIDE);
    PAGE(line_length, 3201, FBC_ERR_STRIDE);
    PAGE(line_length, 3202, FBC_ERR_STRIDE);
    PAGE(line_length, 3204, FBC_OK);
    PAGE(line_length, 65540, FBC_ERR_STRIDE);
    PAGE(line_length, 0x80000000, FBC_ERR_STRIDE);
    PAGE(line_length, 0xfffffffc, FBC_ERR_STRIDE);

    PAGE(mem_length, 0, FBC_ERR_MEMORY);
    PAGE(mem_length, 3200 * 600 - 1, FBC_ERR_MEMORY);
    PAGE(mem_length, 3200 * 600, FBC_OK);
    PAGE(mem_length, FBC_FBIF_MAX_MEM, FBC_OK);
    PAGE(mem_length, FBC_FBIF_MAX_MEM + 1, FBC_ERR_MEMORY);
    PAGE(mem_length, 0xffffffff, FBC_ERR_MEMORY);

    /* The last line needs its pixels only. */
    p = linux_page();
    p.fb.line_length = 4096;
    p.fb.mem_length = 4096 * 599 + 3200;
    assert_int_equal(parse(&p), FBC_OK);
    p.fb.mem_length--;
    assert_int_equal(parse(&p), FBC_ERR_MEMORY);

    /* 65536 * 1926 does not wrap into something small. */
    p = linux_page();
    p.fb.height = 1926;
    p.fb.line_length = 65536;
    p.fb.mem_length = FBC_FBIF_MAX_MEM;
    assert_int_equal(parse(&p), FBC_ERR_MEMORY);
}

static struct fbc_fbif fbif;
static struct fbc_geom geom;

static struct fbc_fbif_event update(int32_t x, int32_t y, int32_t w, int32_t h)
{
    struct fbc_fbif_event out;
    union event e;

    memset(&e, 0xee, sizeof(e));
    e.ev.type = XENFB_TYPE_UPDATE;
    e.ev.update.x = x;
    e.ev.update.y = y;
    e.ev.update.width = w;
    e.ev.update.height = h;
    memset(&out, 0xa5, sizeof(out));
    fbc_fbif_event(e.bytes, &fbif, &geom, &out);

    return out;
}

static struct fbc_fbif_event resize(int32_t w, int32_t h, int32_t stride,
                                    int32_t depth, int32_t offset)
{
    struct fbc_fbif_event out;
    union event e;

    memset(&e, 0xee, sizeof(e));
    e.ev.type = XENFB_TYPE_RESIZE;
    e.ev.resize.width = w;
    e.ev.resize.height = h;
    e.ev.resize.stride = stride;
    e.ev.resize.depth = depth;
    e.ev.resize.offset = offset;
    memset(&out, 0xa5, sizeof(out));
    fbc_fbif_event(e.bytes, &fbif, &geom, &out);

    return out;
}

static int setup(void **state)
{
    union page p = linux_page();

    (void)state;

    return fbc_fbif_parse(p.bytes, &fbif, &geom);
}

static void updates(void **state)
{
    struct fbc_fbif_event e = update(10, 20, 30, 40);

    (void)state;
    assert_int_equal(e.type, FBC_FBIF_UPDATE);
    assert_int_equal(e.rect.x, 10);
    assert_int_equal(e.rect.y, 20);
    assert_int_equal(e.rect.w, 30);
    assert_int_equal(e.rect.h, 40);

    e = update(-10, -20, INT32_MAX, INT32_MAX);
    assert_int_equal(e.type, FBC_FBIF_UPDATE);
    assert_int_equal(e.rect.x, 0);
    assert_int_equal(e.rect.w, 800);
    assert_int_equal(e.rect.h, 600);

    e = update(INT32_MIN, INT32_MIN, INT32_MAX, INT32_MAX);
    assert_int_equal(e.type, FBC_FBIF_UPDATE);
    assert_int_equal(e.rect.w, 0);
    e = update(800, 0, 1, 1);
    assert_int_equal(e.type, FBC_FBIF_UPDATE);
    assert_int_equal(e.rect.w, 0);
    e = update(0, 0, 0, 0);
    assert_int_equal(e.type, FBC_FBIF_UPDATE);
    assert_int_equal(e.rect.w, 0);

    assert_int_equal(update(0, 0, -1, 1).type, FBC_FBIF_BAD);
    assert_int_equal(update(0, 0, 1, -1).type, FBC_FBIF_BAD);
    assert_int_equal(update(0, 0, INT32_MIN, 1).type, FBC_FBIF_BAD);
}

#define RESIZE(w, h, stride, depth, offset, expect) do {                \
    struct fbc_fbif_event e_ = resize(w, h, stride, depth, offset);     \
                                                                        \
    assert_int_equal(e_.err, expect);                                   \
    assert_int_equal(e_.type,                                           \
                     (expect) ? FBC_FBIF_BAD : FBC_FBIF_RESIZE);        \
} while ( 0 )

static void resizes(void **state)
{
    struct fbc_fbif_event e = resize(640, 480, 2560, 32, 8);

    (void)state;
    assert_int_equal(e.type, FBC_FBIF_RESIZE);
    assert_int_equal(e.err, FBC_OK);
    assert_int_equal(e.fb.width, 640);
    assert_int_equal(e.fb.height, 480);
    assert_int_equal(e.fb.line_length, 2560);
    assert_int_equal(e.fb.offset, 8);
    assert_int_equal(e.fb.mem_length, fbif.mem_length);
    assert_int_equal(e.fb.pages, fbif.pages);
    assert_int_equal(e.fb.dirs, fbif.dirs);
    assert_int_equal(e.geom.swidth, 640);
    assert_int_equal(e.geom.sheight, 511);

    RESIZE(640, 480, 2560, 24, 0, FBC_ERR_DEPTH);
    RESIZE(640, 480, 2560, 0x120, 0, FBC_ERR_DEPTH);
    RESIZE(640, 480, 2560, -1, 0, FBC_ERR_DEPTH);
    RESIZE(-640, 480, 2560, 32, 0, FBC_ERR_SIZE);
    RESIZE(640, -480, 2560, 32, 0, FBC_ERR_SIZE);
    RESIZE(640, 480, -2560, 32, 0, FBC_ERR_STRIDE);
    RESIZE(640, 480, 2556, 32, 0, FBC_ERR_STRIDE);
    RESIZE(640, 480, 0, 32, 0, FBC_ERR_STRIDE);
    RESIZE(640, 480, 2560, 32, 2, FBC_ERR_MEMORY);
    RESIZE(640, 480, 2560, 32, -4, FBC_ERR_MEMORY);
    RESIZE(640, 480, 2560, 32, INT32_MIN, FBC_ERR_MEMORY);
    RESIZE(640, 480, 2560, 32, (2 << 20) - 2560 * 480, FBC_OK);
    RESIZE(640, 480, 2560, 32, (2 << 20) - 2560 * 480 + 4, FBC_ERR_MEMORY);
    RESIZE(1920, 1080, 7680, 32, 0, FBC_ERR_MEMORY);
}

static void unknown_events(void **state)
{
    uint8_t ev[FBC_FBIF_EVENT_LEN] = {};
    struct fbc_fbif_event out;
    unsigned int type;

    (void)state;
    for ( type = 0; type < 256; type++ )
    {
        if ( type == FBC_FBIF_UPDATE || type == FBC_FBIF_RESIZE )
            continue;
        ev[0] = (uint8_t)type;
        fbc_fbif_event(ev, &fbif, &geom, &out);
        assert_int_equal(out.type, FBC_FBIF_BAD);
    }
}

static void shadow_page(void **state)
{
    struct fbc_geom g;
    union page p, zero;
    union event e;
    struct fbc_rect r = { 64, 17, 128, 34 };

    (void)state;
    assert_int_equal(fbc_geom_init(&g, 1366, 768), FBC_OK);
    memset(&p, 0xee, sizeof(p));
    memset(&zero, 0, sizeof(zero));
    fbc_fbif_shadow_page(p.bytes, &g, 5 << 20);
    assert_int_equal(p.fb.width, 1376);
    assert_int_equal(p.fb.height, 817);
    assert_int_equal(p.fb.line_length, 1376 * 4);
    assert_int_equal(p.fb.mem_length, 5 << 20);
    assert_int_equal(p.fb.depth, 32);
    assert_memory_equal(p.bytes, zero.bytes, 16);
    assert_memory_equal(p.bytes + 33, zero.bytes, sizeof(p) - 33);

    fbc_fbif_put_pd(p.bytes, 0, 0x1122334455667788);
    fbc_fbif_put_pd(p.bytes, 255, 7);
    assert_true(p.fb.pd[0] == 0x1122334455667788 && p.fb.pd[255] == 7);
    assert_true(!p.fb.pd[1] && !p.fb.pd[254]);

    p.fb.out_prod = 9;
    assert_int_equal(fbc_geom_init(&g, 640, 480), FBC_OK);
    fbc_fbif_shadow_size(p.bytes, &g);
    assert_int_equal(p.fb.width, 640);
    assert_int_equal(p.fb.height, 511);
    assert_int_equal(p.fb.line_length, 2560);
    assert_int_equal(p.fb.mem_length, 5 << 20);
    assert_int_equal(p.fb.depth, 32);
    assert_true(p.fb.out_prod == 9 && p.fb.pd[255] == 7);
    assert_int_equal(fbc_geom_init(&g, 1366, 768), FBC_OK);

    memset(&e, 0xee, sizeof(e));
    fbc_fbif_put_update(e.bytes, &r);
    assert_int_equal(e.ev.type, XENFB_TYPE_UPDATE);
    assert_int_equal(e.ev.update.x, 64);
    assert_int_equal(e.ev.update.y, 17);
    assert_int_equal(e.ev.update.width, 128);
    assert_int_equal(e.ev.update.height, 34);
    assert_memory_equal(e.bytes + 20, zero.bytes, sizeof(e) - 20);

    memset(&e, 0xee, sizeof(e));
    fbc_fbif_put_resize(e.bytes, &g);
    assert_int_equal(e.ev.type, XENFB_TYPE_RESIZE);
    assert_int_equal(e.ev.resize.width, 1376);
    assert_int_equal(e.ev.resize.height, 817);
    assert_int_equal(e.ev.resize.stride, 1376 * 4);
    assert_int_equal(e.ev.resize.depth, 32);
    assert_int_equal(e.ev.resize.offset, 0);
    assert_memory_equal(e.bytes + 24, zero.bytes, sizeof(e) - 24);
}

static void ring_counts(void **state)
{
    (void)state;
    assert_int_equal(fbc_ring_count(0, 0, 51), 0);
    assert_int_equal(fbc_ring_count(51, 0, 51), 51);
    assert_int_equal(fbc_ring_count(52, 0, 51), 0);
    assert_int_equal(fbc_ring_count(0, 1, 51), 0);
    assert_int_equal(fbc_ring_count(3, 0xfffffffe, 51), 5);
    assert_int_equal(fbc_ring_count(0x80000000, 0, 51), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("Linux's default page is taken", page_of_linux),
        VEC_TEST("each senseless field of a page is refused by name",
                 hostile_pages),
        VEC_TEST("updates are clamped to the screen", updates),
        VEC_TEST("a resize stays inside the latched memory", resizes),
        VEC_TEST("events of other types are bad", unknown_events),
        VEC_TEST("the shadow's page and events are what QEMU reads",
                 shadow_page),
        VEC_TEST("ring indices too far apart count as empty", ring_counts),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
