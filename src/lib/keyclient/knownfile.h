/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The file of known hosts, which is always replaced as a whole.  What an older
 * version wrote (parse/attest/knownhosts_old.h) is read as records; the first
 * change writes them, and leaves the old text in a file with ".old" appended.
 */
#ifndef FBC_LIB_KNOWNFILE_H
#define FBC_LIB_KNOWNFILE_H

#include <limits.h>

#include "lib/base/fail.h"

struct fbc_known_file {
    char path[PATH_MAX];        /* if locked: not that of a symbolic link */
    char *text;                 /* records; NULL if len is 0 */
    size_t len;
    bool old;                   /* an older version wrote raw */
    uint8_t *raw;
    size_t raw_len;
    int lock;                   /* -1: none */
};

/*
 * A file that does not exist is empty.  locked: nobody else writes it before
 * fbc_known_unload(); gives up after 10 seconds.
 */
int FBC_MUST_CHECK fbc_known_load(struct fbc_known_file *f, const char *path,
                                  bool locked, struct fbc_error *e);
void fbc_known_unload(struct fbc_known_file *f);

/* text with [start, end) replaced becomes the file, which is locked. */
int FBC_MUST_CHECK fbc_known_rewrite(const struct fbc_known_file *f,
                                     size_t start, size_t end,
                                     const char *record, size_t len,
                                     struct fbc_error *e);

/* Converts the file if it is an old one, *old, which is set in any case. */
int FBC_MUST_CHECK fbc_known_upgrade(const char *path, bool *old,
                                     struct fbc_error *e);

/* Makes the directories that a path needs, but not its last part. */
int FBC_MUST_CHECK fbc_known_make_dirs(const char *path, struct fbc_error *e);

#endif /* FBC_LIB_KNOWNFILE_H */
