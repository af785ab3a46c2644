/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernels as dom0 may hand them out: what is none, and each odd header. */
#include "vec.h"

#include <string.h>

#include "parse/launch/pvelf.h"
#include "parse/launch/pvbuild.h"
#include "parse/launch/pvhbuild.h"

#define PH   64                     /* of a program header, in the file */
#define PH2  (PH + 56)
#define NOTES 256
#define SH   1024                   /* section headers: none, notes */
#define LEN  4096
#define BASE UINT64_C(0xffffffff80000000)

static uint8_t image[LEN];
static size_t notes;

static void note(uint32_t type, const void *data, uint32_t len)
{
    uint8_t *p = image + NOTES + notes;

    fbc_put32(p, 4);
    fbc_put32(p + 4, len);
    fbc_put32(p + 8, type);
    memcpy(p + 12, "Xen", 4);
    memcpy(p + 16, data, len);
    notes += 16 + ((len + 3) & ~3u);
    fbc_put64(image + PH2 + 32, notes);
}

static void number(uint32_t type, uint64_t v)
{
    uint8_t b[8];

    fbc_put64(b, v);
    note(type, b, sizeof(b));
}

/* A kernel of a page at 1 MiB with the least that makes it one. */
static void make(void)
{
    static const uint8_t ident[6] = { 0x7f, 'E', 'L', 'F', 2, 1 };

    memset(image, 0, sizeof(image));
    memcpy(image, ident, sizeof(ident));
    fbc_put16(image + 18, 62);
    fbc_put64(image + 24, BASE + 0x100000);
    fbc_put64(image + 32, PH);
    fbc_put16(image + 54, 56);
    fbc_put16(image + 56, 2);

    fbc_put32(image + PH, 1);                   /* PT_LOAD, to be run */
    fbc_put32(image + PH + 4, 5);
    fbc_put64(image + PH + 8, 2048);
    fbc_put64(image + PH + 24, 0x100000);
    fbc_put64(image + PH + 32, 2048);
    fbc_put64(image + PH + 40, 4096);

    fbc_put32(image + PH2, 4);                  /* PT_NOTE */
    fbc_put64(image + PH2 + 8, NOTES);
    notes = 0;
    note(5, "xen-3.0", 8);
    note(6, "linux", 6);
    number(3, BASE);
}

static enum fbc_err parse(struct fbc_pvelf *k)
{
    return fbc_pvelf_parse(image, sizeof(image), k);
}

/* A number in the file is another: what is said of it. */
static void says(size_t at, unsigned int bytes, uint64_t v, enum fbc_err err)
{
    uint8_t was[8], now[8];
    struct fbc_pvelf k;

    memcpy(was, image + at, bytes);
    fbc_put64(now, v);
    memcpy(image + at, now, bytes);
    assert_int_equal(parse(&k), err);
    memcpy(image + at, was, bytes);
    assert_int_equal(parse(&k), FBC_OK);
}

static void headers(void **state)
{
    struct fbc_pvelf k;

    (void)state;
    make();
    assert_int_equal(parse(&k), FBC_OK);
    assert_int_equal(k.segments, 1);
    assert_true(k.kstart == BASE + 0x100000 && k.kend == BASE + 0x101000);
    assert_true(k.entry == BASE + 0x100000);
    assert_true(k.hypercall_page == FBC_PVELF_UNSET);
    assert_int_equal(fbc_pvelf_parse(image, 63, &k), FBC_ERR_MAGIC);

    says(0, 1, 0x7e, FBC_ERR_MAGIC);
    says(4, 1, 1, FBC_ERR_VERSION);             /* 32 bits */
    says(18, 2, 3, FBC_ERR_VERSION);            /* i386 */
    says(32, 8, LEN - 111, FBC_ERR_LENGTH);     /* headers behind the end */
    says(32, 8, UINT64_MAX, FBC_ERR_LENGTH);
    says(54, 2, 55, FBC_ERR_LENGTH);            /* too small */
    says(56, 2, 0, FBC_ERR_VERSION);            /* none */
    says(PH, 4, 2, FBC_ERR_RANGE);              /* nothing to load */
    says(PH + 4, 4, 8, FBC_ERR_RANGE);
    says(PH + 8, 8, LEN - 2047, FBC_ERR_LENGTH);
    says(PH + 24, 8, UINT64_MAX - 4094, FBC_ERR_RANGE);
    says(PH + 32, 8, UINT64_MAX, FBC_ERR_LENGTH);
    says(PH + 40, 8, 2047, FBC_ERR_RANGE);      /* less than in the file */
    says(24, 8, BASE, FBC_ERR_RANGE);           /* entry before, behind it */
    says(24, 8, BASE + 0x101001, FBC_ERR_RANGE);
    says(PH2 + 8, 8, LEN, FBC_ERR_LENGTH);      /* notes behind the end */
    says(PH2 + 8, 8, 0, FBC_ERR_VERSION);       /* left out, as libelf */
    says(NOTES, 4, LEN, FBC_ERR_LENGTH);        /* a name without end */
    says(NOTES + 4, 4, LEN, FBC_ERR_LENGTH);
    says(NOTES + 12, 1, 'Y', FBC_ERR_VERSION);  /* somebody else's note */
    says(NOTES + 16, 1, 'X', FBC_ERR_VERSION);
    says(NOTES + 24 + 16, 1, 'L', FBC_ERR_VERSION);
}

static void many_segments(void **state)
{
    static uint8_t big[PH + 70 * 56 + LEN];
    struct fbc_pvelf k;
    unsigned int i, n;

    (void)state;
    for ( n = FBC_PVELF_MAX_SEGMENTS; n < FBC_PVELF_MAX_SEGMENTS + 2; n++ )
    {
        make();
        memset(big, 0, sizeof(big));
        memcpy(big, image, PH);
        fbc_put16(big + 56, (uint16_t)(n + 1));
        for ( i = 0; i < n; i++ )
        {
            memcpy(big + PH + i * 56, image + PH, 56);
            fbc_put64(big + PH + i * 56 + 24, 0x100000 + i * 4096ull);
        }
        memcpy(big + PH + n * 56, image + PH2, 56);
        fbc_put64(big + PH + n * 56 + 8, PH + 70 * 56);
        memcpy(big + PH + 70 * 56, image + NOTES, notes);
        assert_int_equal(fbc_pvelf_parse(big, sizeof(big), &k),
                         n == FBC_PVELF_MAX_SEGMENTS ? FBC_OK
                         : FBC_ERR_RANGE);
    }
}

static void values(void **state)
{
    static const uint8_t one = 1, two[2] = { 0, 2 }, four[4] = { 0, 0, 1 };
    struct fbc_pvelf k;

    (void)state;
    /* Numbers of each length; of any other they are 0, as libelf has it. */
    make();
    note(16, &one, 1);
    assert_int_equal(parse(&k), FBC_OK);
    assert_true(k.unmapped_initrd);
    make();
    note(2, two, 2);
    assert_int_equal(parse(&k), FBC_OK);
    assert_true(k.hypercall_page == 0x200);
    make();
    note(2, four, 4);
    assert_int_equal(parse(&k), FBC_OK);
    assert_true(k.hypercall_page == 0x10000);
    make();
    note(2, four, 3);
    assert_int_equal(parse(&k), FBC_OK);
    assert_true(k.hypercall_page == 0);

    make();
    number(1, BASE + 0x100010);
    assert_int_equal(parse(&k), FBC_OK);
    assert_true(k.entry == BASE + 0x100010);
    make();
    number(4, 0x100000);                        /* where physical ones begin */
    assert_int_equal(parse(&k), FBC_ERR_RANGE); /* the entry is elsewhere */
    number(1, BASE);
    assert_int_equal(parse(&k), FBC_OK);
    assert_true(k.kstart == BASE);

    make();
    number(15, BASE + 0x100800);                /* P2M within the kernel */
    assert_int_equal(parse(&k), FBC_ERR_RANGE);
    make();
    number(15, BASE + 0x101000);
    assert_int_equal(parse(&k), FBC_OK);
    make();
    note(11, "yes", 4);                         /* its symbols, too */
    assert_int_equal(parse(&k), FBC_ERR_VERSION);
    make();
    note(8, "generic", 8);
    memset(image + NOTES + 24 + 16, 'x', 5);    /* and no Linux */
    assert_int_equal(parse(&k), FBC_OK);

    /* An offset without the base that it counts from. */
    make();
    notes = 48;
    fbc_put64(image + PH2 + 32, notes);
    fbc_put64(image + 24, 0x100000);
    assert_int_equal(parse(&k), FBC_OK);
    assert_true(!k.virt_base && k.kstart == 0x100000);
    number(4, 0);
    assert_int_equal(parse(&k), FBC_ERR_RANGE);
    make();
    number(3, BASE + 0x200000);                 /* a base behind the kernel */
    number(4, 0x100000);
    number(1, BASE + 0x200000);
    assert_int_equal(parse(&k), FBC_OK);
    number(4, 0x100001);
    assert_int_equal(parse(&k), FBC_ERR_RANGE);
}

/* Notes of sections count where no segment has any of Xen's. */
static void sections(void **state)
{
    struct fbc_pvelf k;

    (void)state;
    make();
    fbc_put32(image + PH2, 0);
    assert_int_equal(parse(&k), FBC_ERR_VERSION);
    fbc_put64(image + 40, SH);
    fbc_put16(image + 58, 64);
    fbc_put16(image + 60, 3);
    fbc_put32(image + SH + 128 + 4, 7);
    fbc_put64(image + SH + 128 + 24, NOTES);
    fbc_put64(image + SH + 128 + 32, notes);
    assert_int_equal(parse(&k), FBC_OK);
    says(40, 8, LEN - 100, FBC_ERR_LENGTH);
    says(58, 2, 63, FBC_ERR_LENGTH);
    says(SH + 128 + 24, 8, LEN, FBC_ERR_LENGTH);
    says(SH + 128 + 4, 4, 3, FBC_ERR_VERSION);

    fbc_put32(image + PH2, 4);                  /* else they do not */
    says(SH + 128 + 24, 8, LEN, FBC_OK);
}

static void too_many(void **state)
{
    static uint8_t big[LEN + 65540 * 12];
    struct fbc_pvelf k;
    unsigned int i;

    (void)state;
    make();
    memcpy(big, image, LEN);
    memcpy(big + LEN, image + NOTES, notes);
    fbc_put64(big + PH2 + 8, LEN);
    for ( i = 65536 - 3; i <= 65536 - 2; i++ )
    {
        fbc_put64(big + PH2 + 32, notes + i * 12);
        assert_int_equal(fbc_pvelf_parse(big, sizeof(big), &k),
                         i == 65536 - 3 ? FBC_OK : FBC_ERR_RANGE);
    }
}

/* Where the builder puts what, and guests that have no room for it. */
static void layout(void **state)
{
    static const uint8_t ramdisk[5000];
    struct fbc_pvbuild b;
    uint64_t pages;

    (void)state;
    make();
    memset(&b, 0, sizeof(b));
    assert_int_equal(parse(&b.kernel), FBC_OK);
    b.cmdline = "";
    b.ramdisk = ramdisk;
    b.ramdisk_len = sizeof(ramdisk);
    b.nr_pages = 16384;
    assert_int_equal(fbc_pvbuild_layout(&b), FBC_OK);
    pages = b.pfn_end;
    assert_string_equal(fbc_pvbuild_name(&b, 256), "kernel");
    assert_string_equal(fbc_pvbuild_name(&b, b.ramdisk_seg.pfn), "ramdisk");
    assert_string_equal(fbc_pvbuild_name(&b, b.p2m_seg.pfn), "P2M list");
    assert_string_equal(fbc_pvbuild_name(&b, b.tables_seg.pfn),
                        "page tables");
    assert_string_equal(fbc_pvbuild_name(&b, b.start_info), "start_info");
    assert_string_equal(fbc_pvbuild_name(&b, b.store), "store page");
    assert_string_equal(fbc_pvbuild_name(&b, b.console), "console page");
    assert_string_equal(fbc_pvbuild_name(&b, b.boot_stack), "boot stack");
    assert_string_equal(fbc_pvbuild_name(&b, 3), "padding");
    assert_string_equal(fbc_pvbuild_name(&b, pages), "free memory");
    assert_int_equal(b.mod_len, sizeof(ramdisk));

    for ( b.nr_pages = 0; b.nr_pages < pages - 64; b.nr_pages += 37 )
        assert_int_equal(fbc_pvbuild_layout(&b), FBC_ERR_RANGE);
    b.nr_pages = FBC_PVBUILD_MAX_PAGES + 1;
    assert_int_equal(fbc_pvbuild_layout(&b), FBC_ERR_RANGE);

    /* A P2M list of its own place, and a ramdisk that is not mapped. */
    b.nr_pages = 16384;
    b.kernel.p2m_base = UINT64_C(0x8000000000);
    b.kernel.unmapped_initrd = true;
    assert_int_equal(fbc_pvbuild_layout(&b), FBC_OK);
    assert_true(b.mod_start == b.ramdisk_seg.pfn);
    assert_string_equal(fbc_pvbuild_name(&b, b.p2m_seg.pfn), "P2M list");
    assert_string_equal(fbc_pvbuild_name(&b, b.p2m_seg.pfn + b.p2m_pages),
                        "page tables");

    /* A kernel that does not begin with a page. */
    b.kernel.kstart++;
    assert_int_equal(fbc_pvbuild_layout(&b), FBC_ERR_RANGE);
}

/* What a PVH kernel must say, and where ACPI may lie for it. */
static void pvh_notes(void **state)
{
    static const uint8_t features[4] = { 0, 0x80 };
    struct fbc_pvelf k;

    (void)state;
    make();
    assert_int_equal(fbc_pvelf_parse_pvh(image, sizeof(image), &k),
                     FBC_ERR_VERSION);
    number(18, 0x100040);
    assert_int_equal(fbc_pvelf_parse_pvh(image, sizeof(image), &k), FBC_OK);
    assert_true(k.entry == 0x100040 && k.kstart == 0x100000);
    assert_false(k.rsdp_anywhere);
    note(17, features, sizeof(features));
    assert_int_equal(fbc_pvelf_parse_pvh(image, sizeof(image), &k), FBC_OK);
    assert_true(k.rsdp_anywhere);
    make();
    number(18, 0x100040);
    note(6, "linuxes", 8);
    assert_int_equal(fbc_pvelf_parse_pvh(image, sizeof(image), &k), FBC_OK);
    assert_true(k.rsdp_anywhere);
    number(18, 0x101001);
    assert_int_equal(fbc_pvelf_parse_pvh(image, sizeof(image), &k),
                     FBC_ERR_RANGE);
}

/* Firmware: headers of 32 bits, and one segment that is the whole file. */
static void make_firmware(void)
{
    static const uint8_t ident[6] = { 0x7f, 'E', 'L', 'F', 1, 1 };
    uint8_t *load = image + 52, *notes32 = image + 52 + 32;
    uint8_t *n = image + NOTES;

    memset(image, 0, sizeof(image));
    memcpy(image, ident, sizeof(ident));
    fbc_put16(image + 18, 3);
    fbc_put32(image + 24, 0x100ff0);
    fbc_put32(image + 28, 52);
    fbc_put16(image + 42, 32);
    fbc_put16(image + 44, 2);

    fbc_put32(load, 1);
    fbc_put32(load + 12, 0x100000);
    fbc_put32(load + 16, LEN);
    fbc_put32(load + 20, 2 * LEN);
    fbc_put32(load + 24, 7);
    fbc_put32(notes32, 4);
    fbc_put32(notes32 + 4, NOTES);
    fbc_put32(notes32 + 16, 20);

    fbc_put32(n, 4);
    fbc_put32(n + 4, 4);
    fbc_put32(n + 8, 18);                       /* PHYS32_ENTRY */
    memcpy(n + 12, "Xen", 4);
    fbc_put32(n + 16, 0x100ff0);
}

static enum fbc_err parse_firmware(size_t at, uint32_t v)
{
    struct fbc_pvelf k;

    make_firmware();
    fbc_put32(image + at, v);

    return fbc_pvelf_parse_pvh(image, sizeof(image), &k);
}

static void firmware(void **state)
{
    struct fbc_pvelf k;

    (void)state;
    make_firmware();
    assert_int_equal(fbc_pvelf_parse_pvh(image, sizeof(image), &k), FBC_OK);
    assert_int_equal(k.segments, 1);
    assert_true(k.segment[0].paddr == 0x100000 && k.segment[0].offset == 0);
    assert_true(k.segment[0].filesz == LEN && k.segment[0].memsz == 2 * LEN);
    assert_true(k.entry == 0x100ff0 && k.kend == 0x100000 + 2 * LEN);
    assert_true(k.rsdp_anywhere && !k.unmapped_initrd);

    /* No PV guest starts in 32 bits, and no class goes with another machine. */
    assert_int_equal(parse(&k), FBC_ERR_VERSION);
    assert_int_equal(parse_firmware(16, 62u << 16), FBC_ERR_VERSION);
    assert_int_equal(fbc_pvelf_parse_pvh(image, 51, &k), FBC_ERR_VERSION);
    make_firmware();
    assert_int_equal(fbc_pvelf_parse_pvh(image, 51, &k), FBC_ERR_MAGIC);
    assert_int_equal(fbc_pvelf_parse_pvh(image, 52, &k), FBC_ERR_LENGTH);
    assert_int_equal(fbc_pvelf_parse_pvh(image, 19, &k), FBC_ERR_MAGIC);

    assert_int_equal(parse_firmware(28, LEN - 63), FBC_ERR_LENGTH);
    assert_int_equal(parse_firmware(52 + 4, 1), FBC_ERR_LENGTH);
    assert_int_equal(parse_firmware(52 + 16, 2 * LEN + 1), FBC_ERR_LENGTH);
    assert_int_equal(parse_firmware(52 + 20, LEN - 1), FBC_ERR_RANGE);
    assert_int_equal(parse_firmware(52 + 24, 8), FBC_ERR_RANGE);
    assert_int_equal(parse_firmware(NOTES + 16, 0xfffff), FBC_ERR_RANGE);

    /* Notes in a section. */
    make_firmware();
    fbc_put32(image + 52 + 32, 0);
    assert_int_equal(fbc_pvelf_parse_pvh(image, sizeof(image), &k),
                     FBC_ERR_VERSION);
    fbc_put32(image + 32, SH);
    fbc_put16(image + 46, 40);
    fbc_put16(image + 48, 2);
    fbc_put32(image + SH + 40 + 4, 7);
    fbc_put32(image + SH + 40 + 16, NOTES);
    fbc_put32(image + SH + 40 + 20, 20);
    assert_int_equal(fbc_pvelf_parse_pvh(image, sizeof(image), &k), FBC_OK);
    assert_true(k.entry == 0x100ff0);
}

static uint64_t pages_in_runs(const struct fbc_pvhbuild *b)
{
    uint64_t n = 0;
    unsigned int i;

    for ( i = 0; i < b->nr_runs; i++ )
        n += b->run[i].count;

    return n;
}

static void pvh_layout(void **state)
{
    static const struct fbc_acpi acpi = { .pages = 7 };
    static const uint8_t ramdisk[5000];
    static uint8_t page[FBC_LAUNCH_PAGE];
    struct fbc_pvhbuild b = { .acpi = &acpi, .cmdline = "quiet" };
    uint64_t pages;

    (void)state;
    make();
    number(18, 0x100000);
    assert_int_equal(fbc_pvelf_parse_pvh(image, sizeof(image), &b.kernel),
                     FBC_OK);
    b.ramdisk = ramdisk;
    b.ramdisk_len = sizeof(ramdisk);
    b.nr_pages = 16384;
    assert_int_equal(fbc_pvhbuild_layout(&b), FBC_OK);
    assert_int_equal(b.ramdisk_pfn, 257);
    assert_int_equal(b.start_pfn, 259);
    assert_string_equal(fbc_pvhbuild_name(&b, 256), "kernel");
    assert_string_equal(fbc_pvhbuild_name(&b, 257), "ramdisk");
    assert_string_equal(fbc_pvhbuild_name(&b, 259), "start_info");
    assert_string_equal(fbc_pvhbuild_name(&b, 260), "free memory");
    assert_string_equal(fbc_pvhbuild_name(&b, 0xff), "ACPI root pointer");
    assert_string_equal(fbc_pvhbuild_name(&b, 0xfc000), "ACPI tables");
    assert_string_equal(fbc_pvhbuild_name(&b, 0xfeff8), "special pages");
    assert_string_equal(fbc_pvhbuild_name(&b, 0xfeffc), "channel");
    assert_string_equal(fbc_pvhbuild_name(&b, 0xfeffe),
                        "identity page table");
    assert_int_equal(b.nr_e820, 5);
    assert_int_equal(pages_in_runs(&b), 16384 + 8 + 8);

    fbc_pvhbuild_page(&b, 259, page);
    assert_int_equal(fbc_get32(page), 0x336ec578);
    assert_int_equal(fbc_get64(page + 24), 259 * 4096 + 56);
    assert_string_equal((char *)page + 56, "quiet");
    assert_int_equal(fbc_get64(page + 64), 257 * 4096);
    assert_int_equal(fbc_get64(page + 72), sizeof(ramdisk));

    /* The other way round, the pointer behind the tables, and no text. */
    b.kernel.unmapped_initrd = b.kernel.rsdp_anywhere = true;
    b.cmdline = "";
    assert_int_equal(fbc_pvhbuild_layout(&b), FBC_OK);
    assert_int_equal(b.start_pfn, 257);
    assert_int_equal(b.ramdisk_pfn, 258);
    assert_int_equal(b.rsdp, 0xfc008000);
    fbc_pvhbuild_page(&b, 257, page);
    assert_int_equal(fbc_get64(page + 24), 0);
    pages = b.ramdisk_pfn + b.ramdisk_pages;

    /* Memory from 4 GiB on. */
    b.nr_pages = 0x100000;
    assert_int_equal(fbc_pvhbuild_layout(&b), FBC_OK);
    assert_int_equal(b.nr_e820, 6);
    assert_int_equal(b.e820[5].addr, UINT64_C(1) << 32);
    assert_int_equal(b.e820[5].size, 64 << 20);
    assert_int_equal(pages_in_runs(&b), 0x100000 + 9 + 8);

    for ( b.nr_pages = 0; b.nr_pages < pages; b.nr_pages++ )
        assert_int_equal(fbc_pvhbuild_layout(&b), FBC_ERR_RANGE);
    assert_int_equal(fbc_pvhbuild_layout(&b), FBC_OK);
    b.nr_pages = UINT64_C(1) << 28;
    assert_int_equal(fbc_pvhbuild_layout(&b), FBC_ERR_RANGE);
    b.nr_pages = 16384;
    b.kernel.kstart++;
    assert_int_equal(fbc_pvhbuild_layout(&b), FBC_ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("each header that is odd is refused for what it is",
                 headers),
        VEC_TEST("as many segments as there is room for", many_segments),
        VEC_TEST("notes say where the kernel is", values),
        VEC_TEST("notes of sections count where there are no others",
                 sections),
        VEC_TEST("65,536 notes are read and no more", too_many),
        VEC_TEST("the guest is laid out, or has too little memory", layout),
        VEC_TEST("a PVH kernel says where it begins", pvh_notes),
        VEC_TEST("firmware of 32 bits is one", firmware),
        VEC_TEST("its guest is laid out, or has too little memory",
                 pvh_layout),
    };

    return cmocka_run_group_tests_name("pvelf", tests, NULL, NULL);
}
