/* SPDX-License-Identifier: GPL-2.0-only */
/* Records on disk. */
#include "lib/verify/attest_file.h"

#include "lib/base/io.h"
#include "lib/base/oddtext.h"
#include "lib/base/secmem.h"

int fbc_fail_record(struct fbc_error *e, const char *path, enum fbc_err err,
                    unsigned int line)
{
    fbc_fail_core(e, path, err);
    if ( line )
        fbc_fail(e, e->status, path, "line %u: %s", line, fbc_strerror(err));
    else if ( err == FBC_ERR_CHECKSUM )
        fbc_fail(e, e->status, path, "its values contradict each other");

    return -1;
}

int fbc_fail_untouched(struct fbc_error *e, const char *path)
{
    fbc_fail(e, FBC_EXIT_INPUT, path, "PCR 0, 2 or 7 is all 00 or ff: nothing "
             "was measured into it");

    return fbc_hint(e, "the firmware does not extend the SHA-256 bank: switch "
                    "it on in its setup; fbcrypt-provision(7), step 4");
}

/* r NULL: golden values; secret NULL: none is in it. */
static int read_record(const struct fbc_record *r, const char *path,
                       const char *secret, void *out, struct fbc_error *e)
{
    unsigned int line = 0;
    enum fbc_err err;
    const char *odd;
    uint8_t *text;
    size_t len;

    if ( secret ? fbc_file_read_secret(path, secret, FBC_RECORD_MAX_FILE,
                                       &text, &len, e)
                : fbc_file_read(path, FBC_RECORD_MAX_FILE, &text, &len, e) )
        return -1;
    err = r ? fbc_record_parse(r, (char *)text, len, out, &line)
            : fbc_golden_parse((char *)text, len, out, &line);
    odd = fbc_odd_text(text, len);
    fbc_secret_free(text, FBC_RECORD_MAX_FILE + 1);
    if ( err && odd )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "%s", odd);
    if ( !r && err == FBC_ERR_RANGE )
        return fbc_fail_untouched(e, path);
    if ( err )
        return fbc_fail_record(e, path, err, line);

    return 0;
}

int fbc_record_read(const struct fbc_record *r, const char *path, void *out,
                    struct fbc_error *e)
{
    return read_record(r, path, NULL, out, e);
}

int fbc_record_read_secret(const struct fbc_record *r, const char *path,
                           const char *what, void *out, struct fbc_error *e)
{
    return read_record(r, path, what, out, e);
}

int fbc_golden_read(const char *path, struct fbc_golden *g,
                    struct fbc_error *e)
{
    return read_record(NULL, path, NULL, g, e);
}

int fbc_record_put(const struct fbc_record *r, const void *in,
                   const char *comment, const char *path,
                   struct fbc_outfile *out, struct fbc_error *e)
{
    char *text = fbc_secret_alloc(FBC_RECORD_MAX_FILE);
    int rc = -1;
    size_t len;

    if ( !text )
        return fbc_fail_errno(e, path);
    len = fbc_record_encode(r, in, text, FBC_RECORD_MAX_FILE);
    if ( !len )
        fbc_fail(e, FBC_EXIT_INPUT, path, "cannot be written as %s",
                 r->title);
    else if ( !fbc_outfile_open(out, path, e) )
    {
        if ( fbc_write(out->fd, comment, strlen(comment)) ||
             fbc_write(out->fd, text, len) )
            fbc_fail_errno(e, out->is_stdout ? "stdout" : path);
        else
            rc = fbc_outfile_sync(out, e);
        if ( rc )
            fbc_outfile_abort(out);
    }
    fbc_secret_free(text, FBC_RECORD_MAX_FILE);

    return rc;
}

int fbc_record_write(const struct fbc_record *r, const void *in,
                     const char *comment, const char *path, bool replace,
                     struct fbc_error *e)
{
    struct fbc_outfile out;

    return fbc_record_put(r, in, comment, path, &out, e) ||
           fbc_outfile_commit(&out, replace, e) ? -1 : 0;
}
