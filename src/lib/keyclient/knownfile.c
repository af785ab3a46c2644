/* SPDX-License-Identifier: GPL-2.0-only */
/* The file of known hosts: read, locked, converted, replaced. */
#include "lib/keyclient/knownfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/outfile.h"
#include "lib/base/secmem.h"
#include "lib/verify/attest_file.h"
#include "parse/attest/knownhosts_old.h"

#define LOCK_SECONDS 10
#define COPIES 9                /* of old files, before it is too many */

int fbc_known_make_dirs(const char *path, struct fbc_error *e)
{
    char dir[PATH_MAX];
    size_t i;

    for ( i = 0; path[i] && i < sizeof(dir) - 1; i++ )
    {
        if ( i && path[i] == '/' )
        {
            dir[i] = 0;
            if ( mkdir(dir, 0700) && errno != EEXIST )
                return fbc_fail_errno(e, dir);
        }
        dir[i] = path[i];
    }

    return 0;
}

/* The lock is a file of its own, since the file itself is replaced. */
static int lock(const char *path, char real[static PATH_MAX],
                struct fbc_error *e)
{
    char name[PATH_MAX];
    unsigned int i;
    int fd;

    if ( (!realpath(path, real) &&
          snprintf(real, PATH_MAX, "%s", path) >= PATH_MAX) ||
         snprintf(name, sizeof(name), "%s.lock", real) >= (int)sizeof(name) )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "name is too long");
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if ( fd < 0 )
        return fbc_fail_errno(e, name);

    for ( i = 0; flock(fd, LOCK_EX | LOCK_NB); i++ )
    {
        if ( (errno != EWOULDBLOCK && errno != EINTR) ||
             i == LOCK_SECONDS * 20 )
        {
            fbc_fail(e, FBC_EXIT_TIMEOUT, name, "is locked by another "
                     "process for more than %u seconds", LOCK_SECONDS);
            close(fd);
            return -1;
        }
        poll(NULL, 0, 50);
    }

    return fd;
}

/* What was read, as records. */
static int convert(struct fbc_known_file *f, struct fbc_error *e)
{
    unsigned int line;
    enum fbc_err err;
    char *text;

    text = fbc_secret_alloc(FBC_KNOWN_MAX_FILE);
    if ( !text )
        return fbc_fail_errno(e, f->path);
    err = fbc_known_convert((char *)f->raw, f->raw_len, text,
                            FBC_KNOWN_MAX_FILE, &f->len, &line);
    if ( err )
    {
        fbc_secret_free(text, FBC_KNOWN_MAX_FILE);
        return fbc_fail_record(e, f->path, err, line);
    }
    f->text = text;
    f->old = true;

    return 0;
}

int fbc_known_load(struct fbc_known_file *f, const char *path, bool locked,
                   struct fbc_error *e)
{
    memset(f, 0, sizeof(*f));
    f->lock = -1;
    if ( locked && (f->lock = lock(path, f->path, e)) < 0 )
        return -1;
    if ( !locked && snprintf(f->path, sizeof(f->path), "%s", path) >=
         (int)sizeof(f->path) )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "name is too long");
    if ( access(f->path, F_OK) && errno == ENOENT )
        return 0;

    if ( fbc_file_read(f->path, FBC_KNOWN_MAX_FILE, &f->raw, &f->raw_len, e) )
        goto fail;
    if ( !fbc_known_is_old((char *)f->raw, f->raw_len) )
    {
        f->text = (char *)f->raw;
        f->len = f->raw_len;
    }
    else if ( convert(f, e) )
        goto fail;

    return 0;

 fail:
    fbc_known_unload(f);
    return -1;
}

void fbc_known_unload(struct fbc_known_file *f)
{
    if ( f->old )
        fbc_secret_free(f->text, FBC_KNOWN_MAX_FILE);
    fbc_secret_free(f->raw, FBC_KNOWN_MAX_FILE + 1);
    if ( f->lock >= 0 )
        close(f->lock);
    f->text = NULL;
    f->raw = NULL;
    f->old = false;
    f->lock = -1;
}

struct piece {
    const void *data;
    size_t len;
};

/* A file of three pieces, there as a whole or not at all. */
static int put_file(const char *path, const struct piece piece[static 3],
                    bool replace, struct fbc_error *e)
{
    struct fbc_outfile out;
    unsigned int i;

    if ( fbc_outfile_open(&out, path, e) )
        return -1;
    for ( i = 0; i < 3; i++ )
        if ( piece[i].len && fbc_write(out.fd, piece[i].data, piece[i].len) )
        {
            fbc_fail_errno(e, path);
            fbc_outfile_abort(&out);
            return -1;
        }

    return fbc_outfile_commit(&out, replace, e);
}

/* Keeps what an older version wrote beside the file. */
static int keep_old(const struct fbc_known_file *f, struct fbc_error *e)
{
    struct piece piece[3] = { { f->raw, f->raw_len } };
    char name[PATH_MAX + 8];
    unsigned int i;

    for ( i = 0; i < COPIES; i++ )
    {
        snprintf(name, sizeof(name), i ? "%s.old.%u" : "%s.old", f->path, i);
        if ( access(name, F_OK) )
            break;
    }
    if ( strlen(name) >= PATH_MAX )
        return fbc_fail(e, FBC_EXIT_INPUT, f->path, "name is too long");

    return put_file(name, piece, false, e);
}

int fbc_known_rewrite(const struct fbc_known_file *f, size_t start,
                      size_t end, const char *record, size_t len,
                      struct fbc_error *e)
{
    const struct piece piece[3] = {
        { f->text, start }, { record, len },
        { f->text ? f->text + end : NULL, f->len - end },
    };

    return f->old && keep_old(f, e) ? -1 : put_file(f->path, piece, true, e);
}

int fbc_known_upgrade(const char *path, bool *old, struct fbc_error *e)
{
    struct fbc_known_file f;
    int rc = 0;

    *old = false;
    if ( fbc_known_load(&f, path, false, e) )
        return -1;
    *old = f.old;
    fbc_known_unload(&f);
    if ( !*old )
        return 0;

    if ( fbc_known_load(&f, path, true, e) )
        return -1;
    /* Another process may have done it meanwhile. */
    *old = f.old;
    if ( f.old )
        rc = fbc_known_rewrite(&f, f.len, f.len, NULL, 0, e);
    fbc_known_unload(&f);

    return rc;
}
