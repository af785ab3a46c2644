/* SPDX-License-Identifier: GPL-2.0-only */
/* One writer at a time of a file that is always replaced as a whole. */
#ifndef FBC_LIB_FILELOCK_H
#define FBC_LIB_FILELOCK_H

#include "lib/base/fail.h"

/*
 * Locks the file of this name against others who call this, until *fd is
 * closed; whoever waited finds what was put in its place.  *fd is -1 where
 * there is no such file, or none that can be locked.  FBC_EXIT_TIMEOUT: held
 * by another process for more than 10 seconds.
 */
int FBC_MUST_CHECK fbc_filelock(const char *path, int *fd,
                                struct fbc_error *e);

#endif /* FBC_LIB_FILELOCK_H */
