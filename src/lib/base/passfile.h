/* SPDX-License-Identifier: GPL-2.0-only */
/* Files that hold a password. */
#ifndef FBC_LIB_PASSFILE_H
#define FBC_LIB_PASSFILE_H

#include "lib/base/fail.h"

#define FBC_PASSWORD_MAX 64     /* with NUL */

/*
 * The first line of a regular file, not a symbolic link, that group and others
 * cannot read.  Empty and longer ones are refused.
 */
int FBC_MUST_CHECK fbc_passfile_read(const char *path,
                                     char password[static FBC_PASSWORD_MAX],
                                     struct fbc_error *e);

#endif /* FBC_LIB_PASSFILE_H */
