/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The commands of fbc-launch(1).  Each returns its exit status, or -1 with *e
 * filled.
 */
#ifndef FBC_LIB_LAUNCH_CMD_H
#define FBC_LIB_LAUNCH_CMD_H

#include "lib/base/json.h"
#include "lib/launch/compare.h"
#include "lib/launch/expect.h"

struct fbc_launch_args {
    struct fbc_guest guest;
    bool gunzip_given, gunzip, type_given, rebooted_given, json;
    const char *output;         /* NULL: none */
    const char *log[2];         /* "-": standard input */
};

typedef int fbc_launch_cmd(const struct fbc_launch_args *a,
                           struct fbc_error *e);
fbc_launch_cmd fbc_launch_compute, fbc_launch_check;
fbc_launch_cmd fbc_launch_show, fbc_launch_diff;

/* A log in memory of its own; set to 0 before. */
struct fbc_logfile {
    uint8_t *data;
    size_t len;
    struct fbc_launchlog log;
};

int FBC_MUST_CHECK fbc_logfile_read(const char *path, struct fbc_logfile *f,
                                    struct fbc_error *e);
void fbc_logfile_free(struct fbc_logfile *f);

/*
 * Does it matter, and is not said, whether the toolstack unpacks the ramdisk?
 * One of which it would unpack a part is taken as it is, with a warning.
 */
int FBC_MUST_CHECK fbc_launch_gzip(const struct fbc_launch_args *a, bool *open,
                                   struct fbc_error *e);

/* Warns of what makes a right digest worthless. */
void fbc_launch_warn(const struct fbc_guest *g);

/* {"schema", "ok", "digest": NULL: null. */
void fbc_launch_json(struct fbc_json *j, bool ok, const uint8_t *digest);

void fbc_launch_print(const uint8_t *digest, const char *remark);

/*
 * Prints what differs: the exit status, which is 0 only if got has the digest
 * that is wanted; NULL: of no guest.
 */
int fbc_launch_report(const struct fbc_launch_args *a,
                      const struct fbc_launchlog *got,
                      const struct fbc_launchlog *want,
                      const struct fbc_compare *c);

#endif /* FBC_LIB_LAUNCH_CMD_H */
