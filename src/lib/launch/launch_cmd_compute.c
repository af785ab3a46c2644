/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-launch compute: the digest that a guest of these files has. */
#include "lib/launch/launch_cmd.h"

#include <string.h>

#include "lib/base/cli.h"
#include "lib/base/io.h"
#include "lib/base/outfile.h"

static int write_out(const char *path, const struct fbc_expect *x,
                     struct fbc_error *e)
{
    struct fbc_outfile out;

    if ( !strcmp(path, "-") && fbc_cli_binary_stdout(e) )
        return -1;
    if ( fbc_outfile_open(&out, path, e) )
        return -1;
    if ( fbc_write(out.fd, x->data, x->len) )
        fbc_fail_errno(e, path);
    else if ( !fbc_outfile_commit(&out, true, e) )
        return 0;
    fbc_outfile_abort(&out);

    return -1;
}

/* The log must not take the place of what it is made from. */
static int check_output(const char *path, const struct fbc_guest *g,
                        struct fbc_error *e)
{
    return fbc_outfile_not_file(path, g->kernel, e) ||
           fbc_outfile_not_file(path, g->ramdisk, e) ||
           fbc_outfile_not_file(path, g->libxl, e) ||
           fbc_outfile_not_file(path, g->dsdt, e) ? -1 : 0;
}

/* A ramdisk that some toolstacks unpack has two digests. */
int fbc_launch_compute(const struct fbc_launch_args *a, struct fbc_error *e)
{
    static const char *const remarks[] = {
        "  ramdisk as it is (Xen 4.20 and newer)",
        "  ramdisk unpacked (Xen 4.19 and older)",
    };
    bool to_stdout = a->output && !strcmp(a->output, "-");
    struct fbc_guest g = a->guest;
    struct fbc_expect x[2] = { { .data = NULL }, { .data = NULL } };
    unsigned int first = a->gunzip, last = a->gunzip, i;
    struct fbc_json j;
    bool open;
    int rc = -1;

    if ( (a->output && check_output(a->output, &g, e)) ||
         fbc_launch_gzip(a, &open, e) )
        return -1;
    if ( open )
    {
        if ( a->output )
        {
            fbc_fail(e, FBC_EXIT_USAGE, "--gunzip",
                     "needed with -o: the ramdisk is a .gz");
            return fbc_hint(e, "yes for Xen 4.19 and older, no for newer");
        }
        first = 0;
        last = 1;
    }
    for ( i = first; i <= last; i++ )
    {
        g.gunzip = i;
        if ( fbc_expect(&g, &x[i], e) )
            goto out;
    }
    fbc_launch_warn(&g);
    if ( a->output && write_out(a->output, &x[first], e) )
        goto out;

    if ( a->json )
    {
        fbc_launch_json(&j, true, first == last ? x[first].log.digest : NULL);
        fbc_json_open(&j, "digests", '[');
        for ( i = first; i <= last; i++ )
            fbc_json_hex(&j, NULL, x[i].log.digest, FBC_HASH_LEN);
        fbc_json_close(&j, ']');
        fbc_json_end(&j);
    }
    else if ( !to_stdout )
        for ( i = first; i <= last; i++ )
            fbc_launch_print(x[i].log.digest, first == last ? "" : remarks[i]);
    rc = 0;

 out:
    fbc_expect_free(&x[0]);
    fbc_expect_free(&x[1]);
    return rc;
}
