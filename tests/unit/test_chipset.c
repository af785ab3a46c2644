/* SPDX-License-Identifier: GPL-2.0-only */
/* Which functions, windows and ports of a chipset dom0 may not write. */
#include "vec.h"

#include "core/chipset.h"

static const struct {
    const char *name;
    struct fbc_pci_function f;
    bool locked;
} functions[] = {
    { "q35 host bridge", { 0, 0, 0x8086, 0x0600, 0, false }, true },
    { "q35 ISA bridge: PMBASE", { 0, 0x1f, 0x8086, 0x0601, 0, false }, true },
    { "PIIX4 ISA bridge", { 0, 1, 0x8086, 0x0601, 0, false }, true },
    { "PIIX4 power management", { 0, 1, 0x8086, 0x0680, 0, false }, true },
    { "NVSwitch", { 0x8a, 0, 0x10de, 0x0680, 0, true }, false },
    { "Intel P2SB", { 0, 0x1f, 0x8086, 0x0580, 0, true }, true },
    { "Intel PMC", { 0, 0x1f, 0x8086, 0x0580, 0, true }, true },
    { "memory behind a port", { 3, 0, 0x8086, 0x0580, 0, true }, false },
    { "memory of another's", { 0, 4, 0x1af4, 0x0580, 0, true }, false },
    { "Intel address decoder", { 0xff, 0xf, 0x8086, 0x0880, 0, false }, true },
    { "Intel I/OAT", { 0, 4, 0x8086, 0x0880, 0, true }, false },
    { "AMD data fabric", { 0, 0x18, 0x1022, 0x0600, 0, false }, true },
    { "AMD data fabric, last", { 0, 0x1f, 0x1022, 0x0880, 0, false }, true },
    { "Hygon data fabric", { 0, 0x18, 0x1d94, 0x0600, 0, false }, true },
    { "AMD root complex", { 0x40, 0, 0x1022, 0x0600, 0, false }, true },
    { "AMD ISA bridge", { 0, 0x14, 0x1022, 0x0601, 0, false }, true },
    { "AMD SMBus", { 0, 0x14, 0x1022, 0x0c05, 0, false }, false },
    { "device 0x18, not AMD's", { 0, 0x18, 0x8086, 0x0200, 0, true }, false },
    { "device 0x18, not bus 0", { 1, 0x18, 0x1022, 0x0200, 0, true }, false },
    { "PCI bridge", { 0, 0x1c, 0x8086, 0x0604, 1, false }, false },
    { "PCI bridge of fabric", { 0, 0x18, 0x1022, 0x0604, 1, false }, false },
    { "Intel SMBus", { 0, 0x1f, 0x8086, 0x0c05, 0, true }, false },
    { "network", { 0, 2, 0x8086, 0x0200, 0, true }, false },
    { "disk", { 0, 0x1f, 0x8086, 0x0106, 0, true }, false },
    { "graphics", { 0, 2, 0x8086, 0x0300, 0, true }, false },
};

static void locked_functions(void **state)
{
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(functions) / sizeof(functions[0]); i++ )
        if ( fbc_chipset_locked(&functions[i].f) != functions[i].locked )
            fail_msg("%s: not %s", functions[i].name,
                     functions[i].locked ? "locked" : "free");
}

static bool covered(uint16_t vendor, uint64_t addr)
{
    const struct fbc_chipset_window *w;

    for ( w = fbc_chipset_windows(vendor); w->start; w++ )
        if ( addr >= w->start && addr < w->end )
            return true;

    return false;
}

static void windows(void **state)
{
    static const uint16_t vendors[] = { FBC_PCI_INTEL, FBC_PCI_AMD,
                                        FBC_PCI_HYGON, 0x1d17 };
    size_t i;

    (void)state;
    for ( i = 0; i < 4; i++ )
    {
        const struct fbc_chipset_window *w;

        for ( w = fbc_chipset_windows(vendors[i]); w->start; w++ )
            assert_true(w->start < w->end && !(w->start & 0xfff) &&
                        !(w->end & 0xfff));
        /* dom0's: the TPM; Xen's anyway: I/O APIC, HPET, local APIC. */
        assert_false(covered(vendors[i], 0xfed40000));
        assert_false(covered(vendors[i], 0xfec00000));
        assert_false(covered(vendors[i], 0xfed00000));
        assert_false(covered(vendors[i], 0xfee00000));
    }
    /* MCHBAR, RCBA; PM and GPIO of the FCH. */
    assert_true(covered(FBC_PCI_INTEL, 0xfed10000));
    assert_true(covered(FBC_PCI_INTEL, 0xfed1f410));
    assert_true(covered(FBC_PCI_AMD, 0xfed80804));
    assert_true(covered(FBC_PCI_HYGON, 0xfed81500));
    assert_int_equal(fbc_chipset_windows(0x1d17)->start, 0);
}

static uint32_t pm1_write(unsigned int port, unsigned int bytes, uint32_t data)
{
    static const uint16_t pm1[] = { 0x604, 0, 0xb004, 0xffff };

    assert_true(fbc_chipset_io_write(pm1, 4, 0xcd6, port, bytes, &data));

    return data;
}

static void sleep_is_masked(void **state)
{
    (void)state;
    /* However it is reached. */
    assert_int_equal(pm1_write(0x604, 2, 0x3c01), 1);
    assert_int_equal(pm1_write(0x604, 2, 0x1401), 1);
    assert_int_equal(pm1_write(0x605, 1, 0x3c), 0);
    assert_int_equal(pm1_write(0x604, 4, 0xffffffff), 0xffffc3ff);
    assert_int_equal(pm1_write(0x602, 4, 0xffffffff), 0xc3ffffff);
    assert_int_equal(pm1_write(0x603, 4, 0xffffffff), 0xffc3ffff);
    assert_int_equal(pm1_write(0x605, 2, 0xffff), 0xffc3);
    assert_int_equal(pm1_write(0xb004, 2, 0x2000), 0);
    /* And nothing else. */
    assert_int_equal(pm1_write(0x604, 1, 0xff), 0xff);
    assert_int_equal(pm1_write(0x606, 2, 0xffff), 0xffff);
    assert_int_equal(pm1_write(0x600, 4, 0xffffffff), 0xffffffff);
    assert_int_equal(pm1_write(0x0, 4, 0xffffffff), 0xffffffff);
    assert_int_equal(pm1_write(0xffff, 1, 0xff), 0xff);
}

static void cmos_is_the_firmwares(void **state)
{
    static const struct fbc_chipset_clock none = { 0, 0, 0 },
                                          clock = { 0x0d, 0x7e, 0x32 },
                                          bad = { 0x0f, 0x0e, 0x0f };
    unsigned int i;

    (void)state;
    for ( i = 0; i < 256; i++ )
    {
        assert_int_equal(fbc_chipset_cmos_write(&none, (uint8_t)i), i < 0x0e);
        assert_int_equal(fbc_chipset_cmos_write(&bad, (uint8_t)i), i < 0x0e);
        assert_int_equal(fbc_chipset_cmos_write(&clock, (uint8_t)i),
                         i < 0x0e || i == 0x32 || i == 0x7e);
    }
}

static void amd_data_is_dropped(void **state)
{
    uint32_t data = 0xffff;

    (void)state;
    assert_true(fbc_chipset_io_write(NULL, 0, 0xcd6, 0xcd6, 1, &data));
    assert_false(fbc_chipset_io_write(NULL, 0, 0xcd6, 0xcd7, 1, &data));
    assert_false(fbc_chipset_io_write(NULL, 0, 0xcd6, 0xcd6, 2, &data));
    assert_false(fbc_chipset_io_write(NULL, 0, 0xcd6, 0xcd4, 4, &data));
    assert_true(fbc_chipset_io_write(NULL, 0, 0xcd6, 0xcd8, 4, &data));
    assert_true(fbc_chipset_io_write(NULL, 0, 0, 0xcd7, 1, &data));
    assert_int_equal(data, 0xffff);
}

/* What an offset of Intel's 00:00.0 says, 0 for nothing. */
static const struct {
    uint8_t reg;
    uint64_t value, start, end;
} roots[] = {
    { 0x48, 0xfed10001, 0xfed10000, 0xfed18000 },       /* Haswell */
    { 0x48, 0xfedc0001, 0xfedc0000, 0xfede0000 },       /* Tiger Lake */
    { 0x48, 0xfed14001, 0, 0 },                         /* no multiple */
    { 0x68, 0xfeda0001, 0xfeda0000, 0xfeda1000 },
    { 0x40, 0xfeda1001, 0xfeda1000, 0xfeda2000 },
    { 0x40, 0xfedb0001, 0xfedb0000, 0xfedb1000 },
    { 0x40, 0xfeda1000, 0, 0 },                         /* not enabled */
    { 0x40, 0, 0, 0 },
    { 0x48, ~0ull, 0, 0 },
    { 0x48, 0x1fedc0001, 0, 0 },                        /* RAM */
    { 0x68, 0xc0000001, 0, 0 },                         /* a device */
    { 0x68, 0xfefff001, 0xfefff000, 0xff000000 },
    { 0x48, 0xfeffe001, 0, 0 },                         /* firmware behind */
};

static void roots_are_found(void **state)
{
    size_t i;
    const uint8_t *reg;
    unsigned int seen = 0;

    (void)state;
    for ( i = 0; i < sizeof(roots) / sizeof(roots[0]); i++ )
    {
        struct fbc_chipset_window w = { 0, 0 };
        bool found = fbc_chipset_root(roots[i].reg, roots[i].value, &w);

        if ( found != !!roots[i].end || w.start != roots[i].start ||
             w.end != roots[i].end )
            fail_msg("%02x: %llx gives %llx to %llx", roots[i].reg,
                     (unsigned long long)roots[i].value,
                     (unsigned long long)w.start, (unsigned long long)w.end);
    }
    for ( reg = fbc_chipset_roots; *reg; reg++ )
        seen |= *reg == 0x40 ? 1 : *reg == 0x48 ? 2 : *reg == 0x68 ? 4 : 8;
    assert_int_equal(seen, 7);
}

static void pins(void **state)
{
    uint16_t first = 1, last = 2;

    (void)state;
    assert_true(fbc_chipset_gpio(0x481, 0x10, &first, &last));
    assert_int_equal(first, 0x480);
    /* Past the third set; not as far as the interrupt controller's 0x4d0. */
    assert_int_equal(last, 0x4cb);
    assert_true(fbc_chipset_gpio(0x11c1, 0xff, &first, &last));
    assert_int_equal(first, 0x11c0);
    assert_true(fbc_chipset_gpio(0xffc1, 0x10, &first, &last));
    assert_int_equal(last, 0xffff);
    assert_false(fbc_chipset_gpio(0x481, 0xef, &first, &last));
    assert_false(fbc_chipset_gpio(0x480, 0x10, &first, &last));
    assert_false(fbc_chipset_gpio(1, 0x10, &first, &last));
    assert_false(fbc_chipset_gpio(0x10481, 0x10, &first, &last));
    assert_false(fbc_chipset_gpio(~0u, ~0u, &first, &last));
}

static void ways_to_sleep(void **state)
{
    struct fbc_chipset_sleep s = { 0 };
    unsigned int i;

    (void)state;
    fbc_chipset_add_pm1(&s, 1, 0x604);
    fbc_chipset_add_pm1(&s, 1, 0);
    fbc_chipset_add_pm1(&s, 1, 0x10000);
    fbc_chipset_add_pm1(&s, 2, 0x604);          /* configuration space */
    fbc_chipset_add_pm1(&s, 0, 0xfed80801fff);  /* over the end of a page */
    fbc_chipset_add_pm1(&s, 0, ~0ull);
    fbc_chipset_add_control(&s, 0, 0xfe000003);
    assert_int_equal(s.nr_pm1, 1);
    assert_int_equal(s.pm1[0], 0x604);
    assert_int_equal(s.nr_mem, 2);
    assert_int_equal(s.mem[0].start, 0xfed80801fff);
    assert_int_equal(s.mem[0].end, 0xfed80802001);
    assert_int_equal(s.mem[1].start, 0xfe000003);
    assert_int_equal(s.mem[1].end, 0xfe000004);
    assert_int_equal(s.control, 0);
    fbc_chipset_add_control(&s, 1, 0x10000);
    assert_int_equal(s.control, 0);
    fbc_chipset_add_control(&s, 1, 0x3004);
    fbc_chipset_add_control(&s, 1, 0);
    assert_int_equal(s.control, 0x3004);

    for ( i = 0; i < 20; i++ )
    {
        fbc_chipset_add_pm1(&s, 1, 0x700 + i);
        fbc_chipset_add_pm1(&s, 0, 0x700 + i);
    }
    assert_int_equal(s.nr_pm1, FBC_PM1_NAMES);
    assert_int_equal(s.nr_mem, FBC_PM1_NAMES + 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        VEC_TEST("functions that place memory are locked, devices are not",
                 locked_functions),
        VEC_TEST("windows leave dom0 what it needs", windows),
        VEC_TEST("SLP_TYP and SLP_EN are masked at any width and offset",
                 sleep_is_masked),
        VEC_TEST("of CMOS RAM dom0 writes the clock", cmos_is_the_firmwares),
        VEC_TEST("base addresses of Intel's memory controller and the like",
                 roots_are_found),
        VEC_TEST("ports of pins, and no others", pins),
        VEC_TEST("each way to sleep is kept, with its width", ways_to_sleep),
        VEC_TEST("AMD's power management registers are not written by port",
                 amd_data_is_dropped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
