/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-launch check, diff: what is other than it should be? */
#include "lib/launch/launch_cmd.h"

#include <stdlib.h>
#include <string.h>

int fbc_launch_check(const struct fbc_launch_args *a, struct fbc_error *e)
{
    struct fbc_logfile f = { .data = NULL };
    struct fbc_expect x = { .data = NULL };
    struct fbc_compare *c = malloc(sizeof(*c));
    struct fbc_guest g = a->guest;
    bool gzip;
    int rc = -1;

    if ( !c )
        return fbc_fail_errno(e, "check");
    if ( fbc_logfile_read(a->log[0], &f, e) ||
         fbc_expect_is_gzip(&g, &gzip, e) )
        goto out;
    if ( !g.memory )
        g.memory = f.log.nr_pages >> 8;
    if ( !g.maxmem )
        g.maxmem = f.log.e820 && f.log.nr_e820 == 1
                   ? fbc_get64(f.log.e820 + 8) >> 20 : g.memory;

    g.gunzip = gzip && (!a->gunzip_given || a->gunzip);
    if ( fbc_expect(&g, &x, e) )
        goto out;
    if ( gzip && !a->gunzip_given && f.log.start &&
         memcmp(f.log.start, x.log.start, FBC_LAUNCH_PAGE) )
    {
        /* It was not this start_info: then the one of newer toolstacks? */
        struct fbc_expect y;

        g.gunzip = false;
        if ( fbc_expect(&g, &y, e) )
            goto out;
        if ( !memcmp(f.log.start + FBC_LAUNCH_SI_MOD_START,
                     y.log.start + FBC_LAUNCH_SI_MOD_START, 16) )
        {
            fbc_expect_free(&x);
            x = y;
        }
        else
            fbc_expect_free(&y);
    }

    fbc_compare_logs(&f.log, &x.log, &x.build, c);
    rc = fbc_launch_report(a, &f.log, c);
    if ( rc == FBC_EXIT_OK )
    {
        fbc_launch_warn(g.cmdline);
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
        fbc_compare_logs(&f[1].log, &f[0].log, NULL, c);
        rc = fbc_launch_report(a, &f[1].log, c);
    }
    fbc_logfile_free(&f[0]);
    fbc_logfile_free(&f[1]);
    free(c);

    return rc;
}
