/* SPDX-License-Identifier: GPL-2.0-only */
/* What the commands of fbc-launch share. */
#include "lib/launch/launch_cmd.h"

#include "lib/base/cli.h"
#include "lib/base/io.h"
#include "lib/base/secmem.h"
#include "parse/launch/lint.h"
#include "parse/text/hex.h"

int fbc_logfile_read(const char *path, struct fbc_logfile *f,
                     struct fbc_error *e)
{
    enum fbc_err err;

    if ( fbc_file_read(path, FBC_LAUNCHLOG_MAX, &f->data, &f->len, e) )
        return -1;
    err = fbc_launchlog_parse(f->data, f->len, &f->log);

    return err ? fbc_fail_core(e, path, err) : 0;
}

void fbc_logfile_free(struct fbc_logfile *f)
{
    if ( f->data )
        fbc_secret_free(f->data, FBC_LAUNCHLOG_MAX + 1);
}

int fbc_launch_gzip(const struct fbc_launch_args *a, bool *open,
                    struct fbc_error *e)
{
    bool gzip, part;

    if ( fbc_expect_is_gzip(&a->guest, &gzip, &part, e) )
        return -1;
    *open = gzip && !part && !a->gunzip_given;
    if ( part && !a->gunzip_given )
        fbc_cli_warn("--ramdisk: a .gz of several parts, of which Xen 4.19 and "
                     "older unpack the first only: --gunzip yes if that is "
                     "meant");

    return 0;
}

void fbc_launch_warn(const struct fbc_guest *g)
{
    const char *what[FBC_LINT_MAX];
    size_t len = strlen(g->cmdline), i, n;

    if ( !g->pvh && len > FBC_LAUNCH_SI_CMDLINE_LEN - 1 )
    {
        len = FBC_LAUNCH_SI_CMDLINE_LEN - 1;
        fbc_cli_warn("--cmdline: a PV guest gets the first %zu bytes", len);
    }
    n = fbc_lint_cmdline(g->cmdline, len, what);
    for ( i = 0; i < n; i++ )
        fbc_cli_warn("--cmdline: %s", what[i]);
}

void fbc_launch_json(struct fbc_json *j, bool ok, const uint8_t *digest)
{
    fbc_json_begin(j, stdout, "fbcrypt/launch/1", ok);
    if ( digest )
        fbc_json_hex(j, "digest", digest, FBC_HASH_LEN);
    else
        fbc_json_null(j, "digest");
}

void fbc_launch_print(const uint8_t *digest, const char *remark)
{
    char text[2 * FBC_HASH_LEN + 1];

    *fbc_hex_write(text, digest, FBC_HASH_LEN) = 0;
    printf("%s%s\n", text, remark);
}

int fbc_launch_report(const struct fbc_launch_args *a,
                      const struct fbc_launchlog *got,
                      const struct fbc_launchlog *want,
                      const struct fbc_compare *c)
{
    bool ok = !c->lines && !got->state && want && !want->state &&
              !memcmp(got->digest, want->digest, FBC_HASH_LEN);
    struct fbc_json j;
    size_t i;

    if ( a->json )
    {
        fbc_launch_json(&j, ok, got->state ? NULL : got->digest);
        fbc_json_str(&j, "state", fbc_launchlog_why(got->state));
        fbc_json_open(&j, "differences", '[');
        for ( i = 0; i < c->lines; i++ )
            fbc_json_str(&j, NULL, c->line[i]);
        fbc_json_close(&j, ']');
        fbc_json_uint(&j, "more", c->more);
        fbc_json_end(&j);
    }
    else
    {
        for ( i = 0; i < c->lines; i++ )
            printf("%s\n", c->line[i]);
        if ( c->more )
            printf("and %zu more\n", c->more);
    }

    return ok ? FBC_EXIT_OK : FBC_EXIT_NO;
}
