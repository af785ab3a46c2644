/* SPDX-License-Identifier: GPL-2.0-only */
/* ACPI tables as libxl makes them, and the DSDT that is looked for in a file. */
#include "vec.h"

#include "parse/launch/acpi.h"

#define LEN 100

static uint8_t file[4096];

static uint8_t sum(const uint8_t *p, size_t len)
{
    uint8_t s = 0;

    while ( len-- )
        s = (uint8_t)(s + *p++);

    return s;
}

static void put_dsdt(size_t at, uint32_t len)
{
    uint8_t *p = file + at;

    memset(p, 3, len);
    memcpy(p, "DSDT", 4);
    fbc_put32(p + 4, len);
    memcpy(p + 10, "Xen\0\0\0HVM\0\0\0\0", 14);
    p[9] = 0;
    p[9] = (uint8_t)-sum(p, len);
}

static void find(void **state)
{
    uint32_t len;
    size_t at, i;

    (void)state;
    memset(file, 'D', sizeof(file));
    assert_int_equal(fbc_acpi_find_dsdt(file, sizeof(file), &at, &len),
                     FBC_ERR_MAGIC);
    put_dsdt(1001, LEN);
    assert_int_equal(fbc_acpi_find_dsdt(file, sizeof(file), &at, &len),
                     FBC_OK);
    assert_int_equal(at, 1001);
    assert_int_equal(len, LEN);
    assert_true(fbc_acpi_is_dsdt(file + at, LEN));
    assert_false(fbc_acpi_is_dsdt(file + at, LEN + 1));

    /* Not whole: by its length, by its checksum; another's. */
    for ( i = 0; i < 1001 + LEN; i++ )
        assert_int_equal(fbc_acpi_find_dsdt(file, i, &at, &len),
                         FBC_ERR_MAGIC);
    file[1050]++;
    assert_int_equal(fbc_acpi_find_dsdt(file, sizeof(file), &at, &len),
                     FBC_ERR_MAGIC);
    file[1050]--;
    file[1011] = 'X';
    file[1050] = (uint8_t)(file[1050] + 'e' - 'X');
    assert_int_equal(fbc_acpi_find_dsdt(file, sizeof(file), &at, &len),
                     FBC_ERR_MAGIC);

    /* Two, even if they are the same, and even one within another. */
    put_dsdt(1001, LEN);
    put_dsdt(2000, LEN);
    assert_int_equal(fbc_acpi_find_dsdt(file, sizeof(file), &at, &len),
                     FBC_ERR_RANGE);
    memset(file, 0, sizeof(file));
    put_dsdt(100, LEN);
    put_dsdt(140, 40);
    file[109] = 0;
    file[109] = (uint8_t)-sum(file + 100, LEN);
    assert_int_equal(fbc_acpi_find_dsdt(file, sizeof(file), &at, &len),
                     FBC_ERR_RANGE);
}

static const uint8_t *table(const struct fbc_acpi *a, uint64_t address,
                            const char *name)
{
    const uint8_t *p = a->tables + (address - 0xfc001000);

    assert_memory_equal(p, name, 4);
    assert_true(p + fbc_get32(p + 4) <= a->tables + sizeof(a->tables));
    assert_int_equal(sum(p, fbc_get32(p + 4)), 0);

    return p;
}

static void build(void **state)
{
    static struct fbc_acpi a, b;
    const uint8_t *xsdt, *rsdt, *madt, *fadt;

    (void)state;
    put_dsdt(0, 1000);
    a.dsdt = file;
    a.dsdt_len = 1000;
    a.maxvcpus = 3;
    a.vcpus = 2;
    assert_int_equal(fbc_acpi_build(&a), FBC_OK);
    assert_int_equal(a.pages, 1);
    assert_int_equal(sum(a.rsdp, 20), 0);
    assert_int_equal(sum(a.rsdp, 36), 0);

    xsdt = table(&a, fbc_get64(a.rsdp + 24), "XSDT");
    rsdt = table(&a, fbc_get32(a.rsdp + 16), "RSDT");
    fadt = table(&a, fbc_get64(xsdt + 36), "FACP");
    assert_int_equal(fadt[8], 5);
    assert_memory_equal(table(&a, fbc_get64(fadt + 140), "DSDT"), file, 1000);
    fadt = table(&a, fbc_get32(rsdt + 36), "FACP");
    assert_int_equal(fadt[8], 1);
    madt = table(&a, fbc_get64(xsdt + 44), "APIC");
    assert_int_equal(fbc_get32(madt + 4), 44 + 3 * 8);
    assert_int_equal(fbc_get32(madt + 44 + 8 + 4), 1);
    assert_int_equal(fbc_get32(madt + 44 + 16 + 4), 0);
    assert_int_equal(madt[44 + 16 + 3], 4);
    assert_int_equal(a.info[2], 3);

    /* The second guest of a process has another FADT for the RSDT. */
    b = a;
    b.again = true;
    assert_int_equal(fbc_acpi_build(&b), FBC_OK);
    assert_memory_not_equal(a.tables, b.tables, sizeof(a.tables));

    a.vcpus = 4;
    assert_int_equal(fbc_acpi_build(&a), FBC_ERR_RANGE);
    a.vcpus = 0;
    assert_int_equal(fbc_acpi_build(&a), FBC_ERR_RANGE);
    a.maxvcpus = a.vcpus = FBC_ACPI_MAX_VCPUS + 1;
    assert_int_equal(fbc_acpi_build(&a), FBC_ERR_RANGE);
}

/* The largest that is taken fits in. */
static void largest(void **state)
{
    static uint8_t big[FBC_ACPI_MAX_DSDT + 1];
    static struct fbc_acpi a;

    (void)state;
    a.dsdt = big;
    a.dsdt_len = FBC_ACPI_MAX_DSDT;
    a.maxvcpus = a.vcpus = FBC_ACPI_MAX_VCPUS;
    assert_int_equal(fbc_acpi_build(&a), FBC_OK);
    assert_true(a.pages <= FBC_ACPI_PAGES);
    table(&a, fbc_get64(a.rsdp + 24), "XSDT");
    a.dsdt_len++;
    assert_int_equal(fbc_acpi_build(&a), FBC_ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("a DSDT is found that is whole, Xen's, and the only one",
                 find),
        VEC_TEST("tables point to each other, and their sums are right",
                 build),
        VEC_TEST("the largest DSDT and most vCPUs fit in", largest),
    };

    return cmocka_run_group_tests_name("acpi", tests, NULL, NULL);
}
