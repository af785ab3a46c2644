/* SPDX-License-Identifier: GPL-2.0-only */
/* From files to the log, without a guest. */
#include "lib/launch/expect.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/launch/image.h"

#define E820_RAM 1

/* Header, entries, and what follows them; entries are moved together later. */
static int write_log(const struct fbc_pvbuild *b, uint64_t maxmem,
                     struct fbc_expect *x, struct fbc_error *e)
{
    uint8_t *data = malloc(FBC_LAUNCHLOG_MAX), *tail;
    struct fbc_launch *l = malloc(sizeof(*l));
    uint8_t e820[FBC_LAUNCH_E820_LEN], cpu[FBC_LAUNCH_CPU_LEN];
    uint8_t start[FBC_LAUNCH_PAGE], digest[FBC_HASH_LEN];
    unsigned int level;
    int rc = -1;
    uint64_t pfn;

    if ( !data || !l )
    {
        fbc_fail_errno(e, "launch log");
        goto out;
    }

    fbc_launch_begin(l, data + FBC_LAUNCH_HEADER_LEN, FBC_LAUNCH_MAX_ENTRIES,
                     b->nr_pages);
    fbc_pvbuild_cpu(b, cpu);
    fbc_launch_fact(l, FBC_LAUNCH_LOG_CPU, 0, 1, cpu, sizeof(cpu));
    fbc_put64(e820, 0);
    fbc_put64(e820 + 8, maxmem << 20);
    fbc_put32(e820 + 16, E820_RAM);
    fbc_launch_fact(l, FBC_LAUNCH_LOG_E820, 0, 1, e820, sizeof(e820));
    fbc_pvbuild_page(b, b->start_info, &level, start);
    fbc_launch_fact(l, FBC_LAUNCH_LOG_START, b->start_info, 1, start,
                    sizeof(start));
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

    if ( fbc_launch_end(l, FBC_LAUNCH_OK, 0, data, digest) )
    {
        fbc_fail(e, FBC_EXIT_INPUT, "launch log",
                 "kernel and ramdisk are too large to be measured");
        goto out;
    }

    tail = data + FBC_LAUNCH_HEADER_LEN + (size_t)l->nr * FBC_LAUNCH_ENTRY_LEN;
    memcpy(tail, cpu, sizeof(cpu));
    memcpy(tail + sizeof(cpu), e820, sizeof(e820));
    memcpy(tail + sizeof(cpu) + sizeof(e820), start, sizeof(start));
    tail += sizeof(cpu) + sizeof(e820) + sizeof(start);

    x->len = (size_t)(tail - data);
    if ( fbc_launchlog_parse(data, x->len, &x->log) )
    {
        fbc_fail_core(e, "launch log", FBC_ERR_CRYPTO);
        goto out;
    }
    x->data = data;
    data = NULL;
    rc = 0;

 out:
    free(l);
    free(data);
    return rc;
}

static int lay_out(const struct fbc_guest *g, const struct fbc_image *kernel,
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
    if ( fbc_pvbuild_layout(b) )
        return fbc_fail(e, FBC_EXIT_INPUT, "--memory",
                        "too little for this kernel and ramdisk");

    return 0;
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
    struct fbc_expect n = { 0 };
    int rc = -1;

    if ( fbc_image_open(&kernel, g->kernel, e) ||
         fbc_image_kernel(&kernel, g->kernel, e) ||
         open_ramdisk(g, &ramdisk, e) ||
         lay_out(g, &kernel, &ramdisk, &n.build, e) ||
         write_log(&n.build, g->maxmem ? g->maxmem : g->memory, &n, e) )
        goto out;

    /* What is left names ranges only. */
    n.build.kernel.image = NULL;
    n.build.ramdisk = NULL;
    *x = n;
    rc = 0;

 out:
    fbc_image_close(&kernel);
    fbc_image_close(&ramdisk);
    return rc;
}

void fbc_expect_free(struct fbc_expect *x)
{
    free(x->data);
    memset(x, 0, sizeof(*x));
}

int fbc_expect_is_gzip(const struct fbc_guest *g, bool *gzip,
                       struct fbc_error *e)
{
    struct fbc_image ramdisk;

    *gzip = false;
    if ( !g->ramdisk )
        return 0;
    if ( fbc_image_open(&ramdisk, g->ramdisk, e) )
        return -1;
    *gzip = fbc_image_is_gzip(&ramdisk);
    fbc_image_close(&ramdisk);

    return 0;
}
