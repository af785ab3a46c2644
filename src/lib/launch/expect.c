/* SPDX-License-Identifier: GPL-2.0-only */
/* From files to the log, without a guest. */
#include "lib/launch/expect.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/launch/image.h"

#define MAX_LIBXL (16u << 20)

/* A log that is being written; what follows the entries is moved up later. */
struct draft {
    uint8_t *data;
    struct fbc_launch l;
    uint8_t cpu[FBC_LAUNCH_CPU_LEN];
    unsigned int nr_e820;
    uint8_t e820[FBC_PVHBUILD_E820][FBC_LAUNCH_E820_LEN];
    uint64_t start_pfn;
    uint8_t start[FBC_LAUNCH_PAGE];
};

static void add_e820(struct draft *d, uint64_t addr, uint64_t size,
                     uint32_t type)
{
    uint8_t *e = d->e820[d->nr_e820++];

    fbc_put64(e, addr);
    fbc_put64(e + 8, size);
    fbc_put32(e + 16, type);
}

static void facts(struct draft *d)
{
    struct fbc_launch *l = &d->l;

    fbc_launch_fact(l, FBC_LAUNCH_LOG_CPU, 0, 1, d->cpu, sizeof(d->cpu));
    fbc_launch_fact(l, FBC_LAUNCH_LOG_E820, 0, d->nr_e820, d->e820,
                    d->nr_e820 * sizeof(d->e820[0]));
    fbc_launch_fact(l, FBC_LAUNCH_LOG_START, d->start_pfn, 1, d->start,
                    sizeof(d->start));
}

static void draft_pv(struct draft *d, const struct fbc_pvbuild *b,
                     uint64_t maxmem)
{
    struct fbc_launch *l = &d->l;
    unsigned int level;
    uint64_t pfn;

    fbc_launch_begin(l, d->data + FBC_LAUNCH_HEADER_LEN,
                     FBC_LAUNCH_MAX_ENTRIES, b->nr_pages);
    fbc_pvbuild_cpu(b, d->cpu);
    add_e820(d, 0, maxmem << 20, FBC_E820_RAM);
    d->start_pfn = b->start_info;
    fbc_pvbuild_page(b, b->start_info, &level, d->start);
    facts(d);
    fbc_launch_range(l, FBC_LAUNCH_LOG_P2M, b->p2m_seg.pfn,
                     (uint32_t)b->p2m_pages);
    fbc_launch_range(l, FBC_LAUNCH_LOG_CHANNEL, b->store, 1);
    fbc_launch_range(l, FBC_LAUNCH_LOG_CHANNEL, b->console, 1);

    for ( pfn = 0; pfn < b->pfn_end; pfn++ )
    {
        enum fbc_pvbuild_kind kind =
            fbc_pvbuild_page(b, pfn, &level, l->link.page);

        if ( kind == FBC_PVBUILD_TABLE ||
             (kind == FBC_PVBUILD_DATA && !fbc_launch_is_zero(l->link.page)) )
            fbc_launch_page(l, pfn, (uint8_t)level);
    }
}

static void draft_pvh(struct draft *d, const struct fbc_pvhbuild *b)
{
    struct fbc_launch *l = &d->l;
    unsigned int i;
    uint64_t pfn, n;

    fbc_launch_begin_pvh(l, d->data + FBC_LAUNCH_HEADER_LEN,
                         FBC_LAUNCH_MAX_ENTRIES);
    fbc_pvhbuild_cpu(b, d->cpu);
    for ( i = 0; i < b->nr_e820; i++ )
        add_e820(d, b->e820[i].addr, b->e820[i].size, b->e820[i].type);
    d->start_pfn = b->start_pfn;
    fbc_pvhbuild_page(b, b->start_pfn, d->start);
    facts(d);
    fbc_launch_range(l, FBC_LAUNCH_LOG_CHANNEL, b->store, 1);
    fbc_launch_range(l, FBC_LAUNCH_LOG_CHANNEL, b->console, 1);

    for ( i = 0; i < b->nr_runs; i++ )
        for ( n = 0; n < b->run[i].count; n++ )
        {
            pfn = b->run[i].first + n;
            if ( !fbc_launch_have(l, pfn) )
                l->failed = true;
            if ( !fbc_pvhbuild_used(b, pfn) || pfn == b->start_pfn )
                continue;
            fbc_pvhbuild_page(b, pfn, l->link.page);
            if ( !fbc_launch_is_zero(l->link.page) )
                fbc_launch_page(l, pfn, FBC_LAUNCH_DATA);
        }
}

static int write_log(struct fbc_expect *x, uint64_t maxmem,
                     struct fbc_error *e)
{
    struct draft *d = calloc(1, sizeof(*d));
    uint8_t digest[FBC_HASH_LEN], *tail;
    size_t e820;
    int rc = -1;

    if ( !d || !(d->data = malloc(FBC_LAUNCHLOG_MAX)) )
    {
        fbc_fail_errno(e, "launch log");
        goto out;
    }
    if ( x->pvh )
        draft_pvh(d, &x->pvhbuild);
    else
        draft_pv(d, &x->build, maxmem);

    if ( fbc_launch_end(&d->l, FBC_LAUNCH_OK, 0, d->data, digest) )
    {
        fbc_fail(e, FBC_EXIT_INPUT, "launch log",
                 "kernel and ramdisk are too large to be measured");
        goto out;
    }

    e820 = d->nr_e820 * sizeof(d->e820[0]);
    tail = d->data + FBC_LAUNCH_HEADER_LEN +
           (size_t)d->l.nr * FBC_LAUNCH_ENTRY_LEN;
    memcpy(tail, d->cpu, sizeof(d->cpu));
    memcpy(tail + sizeof(d->cpu), d->e820, e820);
    memcpy(tail + sizeof(d->cpu) + e820, d->start, sizeof(d->start));
    tail += sizeof(d->cpu) + e820 + sizeof(d->start);

    x->len = (size_t)(tail - d->data);
    if ( fbc_launchlog_parse(d->data, x->len, &x->log) )
    {
        fbc_fail_core(e, "launch log", FBC_ERR_CRYPTO);
        goto out;
    }
    x->data = d->data;
    d->data = NULL;
    rc = 0;

 out:
    if ( d )
        free(d->data);
    free(d);
    return rc;
}

static int unfit(struct fbc_error *e)
{
    fbc_fail(e, FBC_EXIT_INPUT, "--memory",
             "too little for this kernel and ramdisk");
    return 1;
}

static int lay_out_pv(const struct fbc_guest *g, const struct fbc_image *kernel,
                      const struct fbc_image *ramdisk, struct fbc_pvbuild *b,
                      struct fbc_error *e)
{
    enum fbc_err err = fbc_pvelf_parse(kernel->data, kernel->len, &b->kernel);

    if ( err )
    {
        fbc_fail_core(e, g->kernel, err);
        e->status = FBC_EXIT_INPUT;
        return fbc_hint(e, "a 64-bit Linux with CONFIG_XEN_PV, as vmlinuz or "
                        "vmlinux");
    }
    b->nr_pages = g->memory << (20 - 12);
    b->cmdline = g->cmdline;
    b->ramdisk = ramdisk->data;
    b->ramdisk_len = ramdisk->len;

    return fbc_pvbuild_layout(b) ? unfit(e) : 0;
}

/* The DSDT in file, which is it, or has it. */
static int find_dsdt(const struct fbc_guest *g, const struct fbc_image *file,
                     struct fbc_acpi *a, struct fbc_error *e)
{
    enum fbc_err err;
    size_t at;

    if ( g->dsdt )
    {
        if ( !fbc_acpi_is_dsdt(file->data, file->len) )
            return fbc_fail(e, FBC_EXIT_INPUT, g->dsdt, "no DSDT of Xen's");
        a->dsdt = file->data;
        a->dsdt_len = (uint32_t)file->len;
        return 0;
    }

    if ( file->len > MAX_LIBXL )
        return fbc_fail(e, FBC_EXIT_INPUT, g->libxl, "larger than 16 MiB");
    err = fbc_acpi_find_dsdt(file->data, file->len, &at, &a->dsdt_len);
    if ( err )
        return fbc_fail(e, FBC_EXIT_INPUT, g->libxl, err == FBC_ERR_RANGE
                        ? "has several DSDTs: which one is meant?"
                        : "has no DSDT of Xen's");
    a->dsdt = file->data + at;

    return 0;
}

static int lay_out_pvh(const struct fbc_guest *g,
                       const struct fbc_image *kernel,
                       const struct fbc_image *ramdisk, struct fbc_expect *x,
                       struct fbc_error *e)
{
    struct fbc_pvhbuild *b = &x->pvhbuild;
    struct fbc_image dsdt = { 0 };
    enum fbc_err err = fbc_pvelf_parse_pvh(kernel->data, kernel->len,
                                           &b->kernel);
    int rc = -1;

    if ( err )
    {
        fbc_fail_core(e, g->kernel, err);
        e->status = FBC_EXIT_INPUT;
        return fbc_hint(e, "a 64-bit Linux with CONFIG_PVH, as vmlinuz or "
                        "vmlinux, or firmware for PVH guests");
    }
    if ( !g->dsdt && !g->libxl )
    {
        fbc_fail(e, FBC_EXIT_USAGE, "--libxl", "needed for a PVH guest");
        return fbc_hint(e, "libxenlight.so of the host's distribution, or "
                        "--dsdt");
    }
    x->acpi = calloc(1, sizeof(*x->acpi));
    if ( !x->acpi )
        return fbc_fail_errno(e, "ACPI");
    x->acpi->maxvcpus = (unsigned int)(g->maxvcpus ? g->maxvcpus
                                       : g->vcpus ? g->vcpus : 1);
    x->acpi->vcpus = g->vcpus ? (unsigned int)g->vcpus : 1;
    x->acpi->again = g->again;

    if ( fbc_image_open(&dsdt, g->dsdt ? g->dsdt : g->libxl, e) ||
         find_dsdt(g, &dsdt, x->acpi, e) )
        goto out;
    if ( fbc_acpi_build(x->acpi) )
    {
        fbc_fail(e, FBC_EXIT_USAGE, "--vcpus", "too many, or more than there "
                 "can be");
        goto out;
    }
    b->acpi = x->acpi;
    b->nr_pages = g->memory << (20 - 12);
    b->cmdline = g->cmdline;
    b->ramdisk = ramdisk->data;
    b->ramdisk_len = ramdisk->len;
    b->nvs = g->nvs;
    rc = fbc_pvhbuild_layout(b) ? unfit(e) : 0;

 out:
    x->acpi->dsdt = NULL;
    fbc_image_close(&dsdt);
    return rc;
}

static int open_ramdisk(const struct fbc_guest *g, struct fbc_image *ramdisk,
                        struct fbc_error *e)
{
    struct fbc_image packed;
    int rc;

    if ( !g->ramdisk )
        return 0;
    if ( fbc_image_open(ramdisk, g->ramdisk, e) )
        return -1;
    if ( !g->gunzip || !fbc_image_is_gzip(ramdisk) )
        return 0;
    packed = *ramdisk;
    memset(ramdisk, 0, sizeof(*ramdisk));
    rc = fbc_image_gunzip(&packed, ramdisk, g->ramdisk, e);
    fbc_image_close(&packed);

    return rc;
}

int fbc_expect(const struct fbc_guest *g, struct fbc_expect *x,
               struct fbc_error *e)
{
    struct fbc_image kernel = { 0 }, ramdisk = { 0 };
    struct fbc_expect n = { .pvh = g->pvh };
    int rc = -1;

    if ( fbc_image_open(&kernel, g->kernel, e) ||
         fbc_image_kernel(&kernel, g->kernel, e) ||
         open_ramdisk(g, &ramdisk, e) )
        goto out;
    rc = g->pvh ? lay_out_pvh(g, &kernel, &ramdisk, &n, e)
         : lay_out_pv(g, &kernel, &ramdisk, &n.build, e);
    if ( !rc )
        rc = write_log(&n, g->maxmem ? g->maxmem : g->memory, e);
    if ( rc )
        goto out;

    /* What is left names ranges only. */
    n.build.kernel.image = n.pvhbuild.kernel.image = NULL;
    n.build.ramdisk = n.pvhbuild.ramdisk = NULL;
    *x = n;

 out:
    if ( rc )
        free(n.acpi);
    fbc_image_close(&kernel);
    fbc_image_close(&ramdisk);
    return rc;
}

const char *fbc_expect_name(const void *arg, uint64_t pfn)
{
    const struct fbc_expect *x = arg;

    return x->pvh ? fbc_pvhbuild_name(&x->pvhbuild, pfn)
                  : fbc_pvbuild_name(&x->build, pfn);
}

void fbc_expect_free(struct fbc_expect *x)
{
    free(x->data);
    free(x->acpi);
    memset(x, 0, sizeof(*x));
}

int fbc_expect_is_gzip(const struct fbc_guest *g, bool *gzip, bool *part,
                       struct fbc_error *e)
{
    struct fbc_image ramdisk;

    *gzip = *part = false;
    if ( !g->ramdisk )
        return 0;
    if ( fbc_image_open(&ramdisk, g->ramdisk, e) )
        return -1;
    *gzip = fbc_image_is_gzip(&ramdisk);
    *part = fbc_image_gzip_goes_on(&ramdisk);
    fbc_image_close(&ramdisk);

    return 0;
}
