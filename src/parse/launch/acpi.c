/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables in the order in which libacpi allocates them. */
#include "parse/launch/acpi.h"

#define HEADER   36
#define FACS     64
#define FADT1    116            /* of ACPI 1.0, for the RSDT */
#define FADT5    268
#define LAPIC    8
/* libacpi makes room for an IOAPIC and its interrupts, which PVH has not. */
#define MADT(n)  (44 + 16 * 10 + 12 + LAPIC * (n))
#define XSDT     (HEADER + 2 * 8)
#define RSDT     (HEADER + 2 * 4)

#define LAPIC_ADDRESS 0xfee00000u
#define PAGE     4096u
#define BASE     (FBC_ACPI_INFO + PAGE)

/* Fields of a FADT. */
enum {
    F_FACS = 36, F_DSDT = 40, F_SCI = 46, F_PM1A_EVT = 56, F_PM1A_CNT = 64,
    F_PM_TMR = 76, F_GPE0 = 80, F_PM1_EVT_LEN = 88, F_PM1_CNT_LEN = 89,
    F_PM_TMR_LEN = 91, F_GPE0_LEN = 92, F_LVL2 = 96, F_LVL3 = 98, F_BOOT = 109,
    F_FLAGS = 112, F_RESET = 116, F_RESET_VALUE = 128, F_X_FACS = 132,
    F_X_DSDT = 140, F_X_PM1A_EVT = 148, F_X_PM1A_CNT = 172,
};

#define PM1A_EVT 0xb000u
#define PM1A_CNT 0xb004u
#define PM_TMR   0xb008u
#define GPE0     0xafe0u

/* C1, WBINVD, FIX_RTC, TMR_VAL_EXT, USE_PLATFORM_CLOCK */
#define FLAGS    0x8145u
#define BUTTONS  0x30u          /* none: PWR_BUTTON, SLP_BUTTON */
#define BOOT     0x24u          /* NO_VGA, NO_CMOS_RTC */

struct place {
    uint8_t *tables;
    uint64_t last;              /* address of the last byte that is taken */
};

/* libxl's mem_alloc(): *to is cleared memory. */
static uint64_t alloc(struct place *p, uint32_t size, uint32_t align,
                      uint8_t **to)
{
    uint64_t at = (p->last + align - 1) & ~(uint64_t)(align - 1);

    p->last = at + size - 1;
    *to = p->tables + (at - BASE);

    return at;
}

static uint8_t sum(const uint8_t *p, size_t len)
{
    uint8_t s = 0;

    while ( len-- )
        s = (uint8_t)(s + *p++);

    return s;
}

static void set_checksum(uint8_t *p, size_t at, size_t len)
{
    p[at] = 0;
    p[at] = (uint8_t)-sum(p, len);
}

static void header(uint8_t *p, const char *signature, uint32_t len,
                   uint8_t revision)
{
    memcpy(p, signature, 4);
    fbc_put32(p + 4, len);
    p[8] = revision;
    memcpy(p + 10, "Xen", 3);
    memcpy(p + 16, "HVM", 3);
    memcpy(p + 28, "HVML", 4);
}

static void io_register(uint8_t *p, uint8_t width, uint64_t address)
{
    p[0] = 1;
    p[1] = width;
    fbc_put64(p + 4, address);
}

static void fadt(uint8_t *p, uint32_t len, uint8_t revision, bool timer,
                 uint64_t facs, uint64_t dsdt)
{
    header(p, "FACP", len, revision);
    fbc_put32(p + F_FACS, (uint32_t)facs);
    fbc_put32(p + F_DSDT, (uint32_t)dsdt);
    fbc_put16(p + F_SCI, 9);
    fbc_put32(p + F_PM1A_EVT, PM1A_EVT);
    fbc_put32(p + F_PM1A_CNT, PM1A_CNT);
    fbc_put32(p + F_GPE0, GPE0);
    p[F_PM1_EVT_LEN] = 4;
    p[F_PM1_CNT_LEN] = 2;
    p[F_GPE0_LEN] = 4;
    if ( timer )
    {
        fbc_put32(p + F_PM_TMR, PM_TMR);
        p[F_PM_TMR_LEN] = 4;
    }
    fbc_put16(p + F_LVL2, 0xfff);
    fbc_put16(p + F_LVL3, 0xfff);
    fbc_put32(p + F_FLAGS, timer ? FLAGS : FLAGS | BUTTONS);

    if ( len > FADT1 )
    {
        fbc_put16(p + F_BOOT, BOOT);
        io_register(p + F_RESET, 8, 0xcf9);
        p[F_RESET_VALUE] = 6;
        fbc_put64(p + F_X_FACS, facs);
        fbc_put64(p + F_X_DSDT, dsdt);
        io_register(p + F_X_PM1A_EVT, 32, PM1A_EVT);
        io_register(p + F_X_PM1A_CNT, 16, PM1A_CNT);
    }
    set_checksum(p, 9, len);
}

static void madt(const struct fbc_acpi *a, uint8_t *p)
{
    uint32_t len = 44 + LAPIC * a->maxvcpus;
    unsigned int i;

    header(p, "APIC", len, 2);
    fbc_put32(p + 36, LAPIC_ADDRESS);
    fbc_put32(p + 40, 1);       /* PCAT_COMPAT */
    for ( i = 0; i < a->maxvcpus; i++ )
    {
        uint8_t *apic = p + 44 + LAPIC * i;

        apic[1] = LAPIC;
        apic[2] = (uint8_t)i;
        apic[3] = (uint8_t)(2 * i);
        fbc_put32(apic + 4, i < a->vcpus);
    }
    set_checksum(p, 9, len);
}

enum fbc_err fbc_acpi_build(struct fbc_acpi *a)
{
    struct place p = { a->tables, BASE };
    uint64_t at_facs, at_dsdt, at_fadt1, at_fadt5, at_madt, at_xsdt, at_rsdt;
    uint8_t *t;

    if ( !a->vcpus || a->vcpus > a->maxvcpus ||
         a->maxvcpus > FBC_ACPI_MAX_VCPUS || a->dsdt_len < HEADER ||
         a->dsdt_len > FBC_ACPI_MAX_DSDT )
        return FBC_ERR_RANGE;

    memset(a->tables, 0, sizeof(a->tables));
    memset(a->info, 0, sizeof(a->info));
    memset(a->rsdp, 0, sizeof(a->rsdp));

    at_facs = alloc(&p, FACS, 64, &t);
    memcpy(t, "FACS", 4);
    fbc_put32(t + 4, FACS);
    t[32] = 1;
    at_dsdt = alloc(&p, a->dsdt_len, 16, &t);
    memcpy(t, a->dsdt, a->dsdt_len);
    /* The static table, which building the next one changes. */
    at_fadt1 = alloc(&p, FADT1, 16, &t);
    fadt(t, FADT1, 1, !a->again, at_facs, at_dsdt);
    at_fadt5 = alloc(&p, FADT5, 16, &t);
    fadt(t, FADT5, 5, false, at_facs, at_dsdt);
    at_madt = alloc(&p, MADT(a->maxvcpus), 16, &t);
    madt(a, t);

    at_xsdt = alloc(&p, XSDT, 16, &t);
    header(t, "XSDT", XSDT, 1);
    fbc_put64(t + HEADER, at_fadt5);
    fbc_put64(t + HEADER + 8, at_madt);
    set_checksum(t, 9, XSDT);
    at_rsdt = alloc(&p, RSDT, 16, &t);
    header(t, "RSDT", RSDT, 1);
    fbc_put32(t + HEADER, (uint32_t)at_fadt1);
    fbc_put32(t + HEADER + 4, (uint32_t)at_madt);
    set_checksum(t, 9, RSDT);
    a->pages = (unsigned int)((p.last + PAGE - 1 - BASE) / PAGE);

    memcpy(a->rsdp, "RSD PTR ", 8);
    memcpy(a->rsdp + 9, "Xen", 3);
    a->rsdp[15] = 2;
    fbc_put32(a->rsdp + 16, (uint32_t)at_rsdt);
    fbc_put32(a->rsdp + 20, HEADER);
    fbc_put64(a->rsdp + 24, at_xsdt);
    set_checksum(a->rsdp, 8, 20);
    set_checksum(a->rsdp, 32, HEADER);

    fbc_put16(a->info + 2, (uint16_t)a->maxvcpus);
    fbc_put32(a->info + 12, (uint32_t)at_madt + 9);
    fbc_put32(a->info + 16, (uint32_t)at_madt + 44);

    return FBC_OK;
}

/* Bytes of the DSDT that data begins with, or 0. */
static uint32_t dsdt_len(const uint8_t *data, size_t left)
{
    static const uint8_t oem[14] = "Xen\0\0\0HVM\0\0\0\0";
    uint32_t len;

    if ( left < HEADER || memcmp(data, "DSDT", 4) ||
         memcmp(data + 10, oem, sizeof(oem)) )
        return 0;
    len = fbc_get32(data + 4);

    return len >= HEADER && len <= left && len <= FBC_ACPI_MAX_DSDT &&
           !sum(data, len) ? len : 0;
}

bool fbc_acpi_is_dsdt(const uint8_t *data, size_t len)
{
    return len && dsdt_len(data, len) == len;
}

enum fbc_err fbc_acpi_find_dsdt(const uint8_t *data, size_t size, size_t *at,
                                uint32_t *len)
{
    uint32_t found = 0;
    size_t i, where = 0;

    for ( i = 0; size - i >= HEADER; i++ )
    {
        uint32_t n = data[i] == 'D' ? dsdt_len(data + i, size - i) : 0;

        if ( !n )
            continue;
        if ( found )
            return FBC_ERR_RANGE;
        found = n;
        where = i;
        /* Nor may one lie within another. */
    }
    if ( !found )
        return FBC_ERR_MAGIC;
    *at = where;
    *len = found;

    return FBC_OK;
}
