/* SPDX-License-Identifier: GPL-2.0-only */
/* The launch log as it is written, and the normal forms of what is in it. */
#include "vec.h"

#include "core/crypto.h"
#include "core/launch.h"

static struct fbc_launch l;
static uint8_t entries[64 * FBC_LAUNCH_ENTRY_LEN];
static uint8_t header[FBC_LAUNCH_HEADER_LEN], digest[FBC_HASH_LEN];

static void begin(uint64_t pages)
{
    fbc_launch_begin(&l, entries, 64, pages);
    fbc_launch_fact(&l, FBC_LAUNCH_LOG_CPU, 0, 1, "cpu", 3);
}

static void page(uint64_t pfn, uint8_t type, uint8_t fill)
{
    memset(l.link.page, fill, FBC_LAUNCH_PAGE);
    fbc_launch_page(&l, pfn, type);
}

static enum fbc_launch_state end(void)
{
    return fbc_launch_end(&l, FBC_LAUNCH_OK, 0, header, digest);
}

/* What one page adds, done by hand. */
static void link_by_hand(uint8_t hash[32], uint64_t pfn, uint8_t type,
                         uint8_t fill)
{
    static uint8_t buf[32 + 8 + 1 + FBC_LAUNCH_PAGE];

    memcpy(buf, hash, 32);
    fbc_put64(buf + 32, pfn);
    buf[40] = type;
    memset(buf + 41, fill, FBC_LAUNCH_PAGE);
    assert_int_equal(fbc_sha256(buf, sizeof(buf), hash), 0);
}

static void windows(void **state)
{
    uint8_t hash[32] = { 0 };
    const uint8_t *e = entries + FBC_LAUNCH_ENTRY_LEN;

    (void)state;
    begin(1000);
    page(65, 0, 1);
    page(127, 4, 2);
    page(128, 0, 3);
    assert_int_equal(end(), FBC_LAUNCH_OK);
    assert_int_equal(l.nr, 3);

    assert_int_equal(fbc_get16(e), FBC_LAUNCH_LOG_PAGES);
    assert_int_equal(fbc_get64(e + 8), 64);
    assert_true(fbc_get64(e + 16) == (UINT64_C(1) << 63 | 2));
    link_by_hand(hash, 65, 0, 1);
    link_by_hand(hash, 127, 4, 2);
    assert_memory_equal(e + 24, hash, 32);

    e += FBC_LAUNCH_ENTRY_LEN;
    memset(hash, 0, 32);
    link_by_hand(hash, 128, 0, 3);
    assert_int_equal(fbc_get64(e + 8), 128);
    assert_memory_equal(e + 24, hash, 32);

    assert_memory_equal(header, "FBL1\1\0\1\0\0\0\0\0\3\0\0\0", 16);
    assert_int_equal(fbc_get64(header + 16), 1000);
    assert_int_equal(fbc_launch_digest(header, entries, l.nr, hash), 0);
    assert_memory_equal(hash, digest, 32);
}

/* Each of these makes another digest. */
static void every_bit_counts(void **state)
{
    uint8_t seen[8][32];
    unsigned int i, j;

    (void)state;
    for ( i = 0; i < 8; i++ )
    {
        begin(i == 1 ? 1001 : 1000);
        page(i == 2 ? 4 : 3, i == 3, 1);
        if ( i == 4 )
            page(70, 0, 0);
        if ( i == 5 )
            page(5, 0, 0);
        if ( i == 6 )
            fbc_launch_range(&l, FBC_LAUNCH_LOG_P2M, 1, 1);
        if ( i == 7 )
            page(900, 0, 9);
        assert_int_equal(end(), FBC_LAUNCH_OK);
        memcpy(seen[i], digest, 32);
        for ( j = 0; j < i; j++ )
            assert_memory_not_equal(seen[i], seen[j], 32);
    }
}

static void no_digest(void **state)
{
    static const uint8_t zero[32];

    (void)state;
    begin(100);
    page(3, 0, 1);
    assert_int_equal(fbc_launch_end(&l, FBC_LAUNCH_FRAME, 77, header, digest),
                     FBC_LAUNCH_FRAME);
    assert_memory_equal(digest, zero, 32);
    assert_int_equal(fbc_get32(header + 8), FBC_LAUNCH_FRAME);
    assert_int_equal(fbc_get64(header + 24), 77);

    /* A page twice, a lower one, one that is not the guest's. */
    begin(100);
    page(3, 0, 1);
    page(3, 0, 1);
    assert_int_equal(end(), FBC_LAUNCH_RESOURCES);
    assert_memory_equal(digest, zero, 32);
    begin(100);
    page(3, 0, 1);
    page(2, 0, 1);
    assert_int_equal(end(), FBC_LAUNCH_RESOURCES);
    begin(100);
    page(100, 0, 1);
    assert_int_equal(end(), FBC_LAUNCH_RESOURCES);
}

static void room(void **state)
{
    uint8_t more[8 * FBC_LAUNCH_ENTRY_LEN], other[32];
    unsigned int i;

    (void)state;
    for ( i = 0; i < 2; i++ )
    {
        fbc_launch_begin(&l, i ? entries : more, i ? 64 : 3, 1000);
        assert_false(fbc_launch_full(&l));
        page(0, 0, 1);
        page(64, 0, 1);
        page(128, 0, 1);
        if ( !i )
        {
            assert_true(fbc_launch_full(&l));
            l.room = 8;
        }
        page(192, 0, 1);
        assert_int_equal(end(), FBC_LAUNCH_OK);
        if ( !i )
            memcpy(other, digest, 32);
    }
    assert_memory_equal(other, digest, 32);

    fbc_launch_begin(&l, more, 2, 1000);
    page(0, 0, 1);
    page(64, 0, 1);
    page(128, 0, 1);
    assert_int_equal(end(), FBC_LAUNCH_RESOURCES);
}

/* Of a PVH guest the log says, too, which pages there are. */
static void runs(void **state)
{
    uint8_t seen[32];
    unsigned int i;

    (void)state;
    for ( i = 0; i < 2; i++ )
    {
        fbc_launch_begin_pvh(&l, entries, 64);
        assert_true(fbc_launch_have(&l, 0));
        assert_true(fbc_launch_have(&l, 1));
        page(1, 0, 1);
        assert_true(fbc_launch_have(&l, i ? 0x1000 : 2));
        assert_int_equal(end(), FBC_LAUNCH_OK);
        if ( !i )
            memcpy(seen, digest, 32);
    }
    assert_memory_not_equal(seen, digest, 32);
    assert_int_equal(l.nr, 3);
    assert_memory_equal(header, "FBL1\1\0\2\0\0\0\0\0\3\0\0\0", 16);
    assert_int_equal(fbc_get64(header + 16), 3);
    assert_int_equal(fbc_get16(entries + 112), FBC_LAUNCH_LOG_RAM);
    assert_int_equal(fbc_get32(entries + 112 + 4), 1);
    assert_int_equal(fbc_get64(entries + 112 + 8), 0x1000);

    /* Contents of a page that is none; a page twice; too many holes. */
    fbc_launch_begin_pvh(&l, entries, 64);
    assert_true(fbc_launch_have(&l, 5));
    page(6, 0, 1);
    assert_int_equal(end(), FBC_LAUNCH_RESOURCES);
    fbc_launch_begin_pvh(&l, entries, 64);
    assert_true(fbc_launch_have(&l, 5));
    assert_true(fbc_launch_have(&l, 5));
    assert_int_equal(end(), FBC_LAUNCH_RESOURCES);
    fbc_launch_begin_pvh(&l, entries, 64);
    for ( i = 0; i < FBC_LAUNCH_RUNS; i++ )
    {
        assert_false(fbc_launch_full(&l));
        assert_true(fbc_launch_have(&l, 2 * i));
    }
    assert_false(fbc_launch_have(&l, 2 * i));
}

/* Room is kept for the runs, which come at the end. */
static void room_of_runs(void **state)
{
    unsigned int i;

    (void)state;
    fbc_launch_begin_pvh(&l, entries, 8);
    for ( i = 0; !fbc_launch_full(&l); i++ )
    {
        assert_true(fbc_launch_have(&l, 64 * i));
        page(64 * i, 0, 1);
    }
    assert_true(i > 1);
    assert_int_equal(end(), FBC_LAUNCH_OK);
    assert_int_equal(l.nr, 2 * i);
}

/* What it costs is counted, so that a step can end before it is too long. */
static void cost(void **state)
{
    uint64_t before;
    unsigned int i;

    (void)state;
    begin(10000);
    assert_int_equal(l.hashed, 3 + 32 + FBC_LAUNCH_ENTRY_LEN);
    for ( i = 0; i < 130; i++ )
    {
        before = l.hashed;
        page(i * 9, 0, 1);
        assert_true(l.hashed - before >= sizeof(l.link));
        assert_true(l.hashed - before <= FBC_LAUNCH_PAGE_COST);
    }
    before = l.hashed - sizeof(l.link);
    end();
    assert_true(l.hashed - before <= FBC_LAUNCH_PAGE_COST);
}

static struct fbc_launch big;
static uint8_t big_entries[(FBC_LAUNCH_MAX_ENTRIES + 1) *
                           FBC_LAUNCH_ENTRY_LEN];

/*
 * 4 GiB of contents, not of memory: here windows all over a guest of 64 GiB, up
 * to its last page, behind the facts and ranges with which a log begins.
 */
static enum fbc_launch_state guest_of_64g(unsigned int windows)
{
    const uint64_t pages = UINT64_C(64) << 18, distance = 1024;
    uint64_t pfn = pages - 1 - (windows - 1) * distance;
    unsigned int i;

    fbc_launch_begin(&big, big_entries, FBC_LAUNCH_MAX_ENTRIES + 1, pages);
    for ( i = FBC_LAUNCH_LOG_CPU; i <= FBC_LAUNCH_LOG_START; i++ )
        fbc_launch_fact(&big, i, 0, 1, "fact", 4);
    fbc_launch_range(&big, FBC_LAUNCH_LOG_P2M, 1, (uint32_t)(pages / 512));
    fbc_launch_range(&big, FBC_LAUNCH_LOG_CHANNEL, 2, 1);
    fbc_launch_range(&big, FBC_LAUNCH_LOG_CHANNEL, 3, 1);
    memset(big.link.page, 1, FBC_LAUNCH_PAGE);
    for ( i = 0; i < windows; i++, pfn += distance )
        fbc_launch_page(&big, pfn, 0);
    assert_int_equal(big.next, pages);

    return fbc_launch_end(&big, FBC_LAUNCH_OK, 0, header, digest);
}

static void too_much(void **state)
{
    static const uint8_t zero[FBC_HASH_LEN];
    const unsigned int most = FBC_LAUNCH_MAX_ENTRIES - 6;

    (void)state;
    assert_int_equal(guest_of_64g(most), FBC_LAUNCH_OK);
    assert_int_equal(big.nr, FBC_LAUNCH_MAX_ENTRIES);
    assert_memory_not_equal(digest, zero, sizeof(digest));

    assert_int_equal(guest_of_64g(most + 1), FBC_LAUNCH_TOO_MUCH);
    assert_int_equal(fbc_get32(header + 8), FBC_LAUNCH_TOO_MUCH);
    assert_memory_equal(digest, zero, sizeof(digest));
}

static void entries_of_tables(void **state)
{
    (void)state;
    /* Frame, accessed and dirty go; NX, user and software bits stay. */
    assert_true(fbc_launch_pte(UINT64_C(0x8010123456789067), 0x42) ==
                UINT64_C(0x8010000000042007));
    assert_int_equal(fbc_launch_pte_frame(UINT64_C(0x8010123456789067)),
                     UINT64_C(0x123456789));
    assert_false(fbc_launch_pte_present(0x1006));
    assert_false(fbc_launch_xen_slot(255) || fbc_launch_xen_slot(272));
    assert_true(fbc_launch_xen_slot(256) && fbc_launch_xen_slot(271));
}

static void start_info(void **state)
{
    static uint8_t si[FBC_LAUNCH_PAGE], want[FBC_LAUNCH_PAGE];

    (void)state;
    memset(si, 0xff, sizeof(si));
    memset(want, 0xff, sizeof(want));
    fbc_launch_start_normalise(si, 5, 6);
    fbc_put64(want + 40, 0);
    fbc_put64(want + 56, 5);
    fbc_put32(want + 64, 0);
    fbc_put64(want + 72, 6);
    fbc_put32(want + 80, 0);
    assert_memory_equal(si, want, sizeof(want));
}

static void zero_pages(void **state)
{
    static uint64_t p[512];
    unsigned int i;

    (void)state;
    assert_true(fbc_launch_is_zero(p));
    for ( i = 0; i < 512; i++ )
    {
        p[i] = UINT64_C(1) << i % 64;
        assert_false(fbc_launch_is_zero(p));
        p[i] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(no_digest),
        cmocka_unit_test(room),
        cmocka_unit_test(runs),
        cmocka_unit_test(room_of_runs),
        cmocka_unit_test(cost),
        cmocka_unit_test(too_much),
        cmocka_unit_test(entries_of_tables),
        cmocka_unit_test(start_info),
        cmocka_unit_test(zero_pages),
    };

    return cmocka_run_group_tests_name("launch", tests, NULL, NULL);
}
