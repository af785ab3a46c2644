/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-launch check, diff: what is other than it should be? */
#include "lib/launch/launch_cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What was not said is as in the log. */
static void fill_in(const struct fbc_launch_args *a,
                    const struct fbc_launchlog *l, struct fbc_guest *g)
{
    uint64_t ram = 0, n;
    bool huge = false;
    uint32_t i;

    if ( !a->type_given )
        g->pvh = l->type == FBC_LAUNCH_PVH;
    for ( i = 0; i < l->nr_e820 && l->e820; i++ )
    {
        const uint8_t *e = l->e820 + (size_t)i * FBC_LAUNCH_E820_LEN;

        n = fbc_get32(e + 16) == FBC_E820_RAM ? fbc_get64(e + 8) : 0;
        huge |= __builtin_add_overflow(ram, n, &ram);
        if ( fbc_get32(e + 16) == FBC_E820_NVS )
            g->nvs = true;
    }
    if ( !g->memory && !huge )
        g->memory = g->pvh ? ram >> 20 : l->nr_pages >> 8;
    if ( !g->maxmem )
        g->maxmem = !g->pvh && l->nr_e820 == 1 ? ram >> 20 : g->memory;
}

/* Is the ramdisk as large as in the log? */
static bool same_module(const struct fbc_launchlog *l,
                        const struct fbc_expect *x)
{
    uint64_t at = FBC_LAUNCH_SI_MOD_START;

    if ( x->pvh )
        at = fbc_get64(x->log.start + FBC_LAUNCH_HSI_MODLIST) -
             (x->pvhbuild.start_pfn << 12);

    return at <= FBC_LAUNCH_PAGE - 16 &&
           !memcmp(l->start + at, x->log.start + at, 16);
}

/* What the guest is if this, which was not said, is otherwise. */
static int try_other(const struct fbc_guest *g, const struct fbc_launchlog *l,
                     bool by_digest, struct fbc_expect *x,
                     struct fbc_error *e)
{
    struct fbc_expect y = { .data = NULL };
    int rc = fbc_expect(g, &y, e);

    if ( rc )
        return rc < 0 ? -1 : 0;
    if ( by_digest ? !memcmp(l->digest, y.log.digest, FBC_HASH_LEN)
                   : same_module(l, &y) )
    {
        fbc_expect_free(x);
        *x = y;
        return 1;
    }
    fbc_expect_free(&y);

    return 0;
}

/* 1: as fbc_expect(). */
static int expect(const struct fbc_launch_args *a, struct fbc_guest *g,
                  const struct fbc_launchlog *l, bool open,
                  struct fbc_expect *x, struct fbc_error *e)
{
    int rc;

    g->gunzip = open || a->gunzip;
    rc = fbc_expect(g, x, e);
    if ( rc > 0 && open )
    {
        g->gunzip = open = false;
        rc = fbc_expect(g, x, e);
    }
    if ( rc )
        return rc;
    if ( open && l->start && l->type == x->log.type &&
         memcmp(l->digest, x->log.digest, FBC_HASH_LEN) )
    {
        /* Then as newer toolstacks do it?  Which, start_info may not tell. */
        g->gunzip = false;
        rc = try_other(g, l, !memcmp(l->start, x->log.start, FBC_LAUNCH_PAGE),
                       x, e);
        g->gunzip = !rc;
    }
    if ( rc >= 0 && g->pvh && !a->rebooted_given && !l->state &&
         memcmp(l->digest, x->log.digest, FBC_HASH_LEN) )
    {
        g->again = true;
        rc = try_other(g, l, true, x, e);
    }

    return rc < 0 ? -1 : 0;
}

/* No guest of these files has the memory that is in the log. */
static void say_memory(uint64_t mib, struct fbc_compare *c)
{
    char line[FBC_COMPARE_LINE] = "memory: none, or more than there can be";

    memset(c, 0, sizeof(*c));
    if ( mib )
        snprintf(line, sizeof(line), "memory: the log has %" PRIu64 " MiB, "
                 "which do not fit this kernel and ramdisk", mib);
    fbc_compare_line(c, line);
}

int fbc_launch_check(const struct fbc_launch_args *a, struct fbc_error *e)
{
    struct fbc_logfile f = { .data = NULL };
    struct fbc_compare *c = malloc(sizeof(*c));
    struct fbc_expect x = { .data = NULL };
    struct fbc_guest g = a->guest;
    bool open;
    int rc = -1, unfit = 0;

    if ( !c )
        return fbc_fail_errno(e, "check");
    if ( fbc_logfile_read(a->log[0], &f, e) ||
         fbc_launch_gzip(a, &open, e) )
        goto out;
    fill_in(a, &f.log, &g);

    if ( g.memory )
        unfit = expect(a, &g, &f.log, open, &x, e);
    if ( unfit < 0 || (unfit && a->guest.memory) )
        goto out;

    if ( x.data )
        fbc_compare_logs(&f.log, &x.log, fbc_expect_name, &x, c);
    else if ( f.log.state )     /* there is but that to say */
        fbc_compare_logs(&f.log, &f.log, NULL, NULL, c);
    else
        say_memory(g.memory, c);

    rc = fbc_launch_report(a, &f.log, x.data ? &x.log : NULL, c);
    if ( rc == FBC_EXIT_OK )
    {
        fbc_launch_warn(&g);
        if ( !a->json )
            fbc_launch_print(f.log.digest, "");
    }

 out:
    fbc_expect_free(&x);
    fbc_logfile_free(&f);
    free(c);
    return rc;
}

int fbc_launch_diff(const struct fbc_launch_args *a, struct fbc_error *e)
{
    struct fbc_logfile f[2] = { { .data = NULL }, { .data = NULL } };
    struct fbc_compare *c = malloc(sizeof(*c));
    int rc = -1;

    if ( !c )
        return fbc_fail_errno(e, "diff");
    if ( !fbc_logfile_read(a->log[0], &f[0], e) &&
         !fbc_logfile_read(a->log[1], &f[1], e) )
    {
        fbc_compare_logs(&f[1].log, &f[0].log, NULL, NULL, c);
        rc = fbc_launch_report(a, &f[1].log, &f[0].log, c);
    }
    fbc_logfile_free(&f[0]);
    fbc_logfile_free(&f[1]);
    free(c);

    return rc;
}
