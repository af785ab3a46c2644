/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cage of a process that decodes what an attacker sends, and holds keys.
 *
 * After fbc_confine() it can use the descriptors that it has, accept viewers,
 * map memory that is not executable, and end.  Anything that reaches out ends
 * it at once: sockets, connections, programs, signals, other processes'
 * memory.  Files cannot be opened but, for reading, below one directory.
 */
#ifndef FBC_LIB_CONFINE_H
#define FBC_LIB_CONFINE_H

#include "lib/base/fail.h"

struct fbc_confined {
    bool landlock;              /* the kernel has it */
    int landlock_abi;
};

/*
 * For good, and for all that it may start.  dir: an open directory below which
 * regular files may be read, -1: none.  No core dumps, no ptrace(2).  Seccomp
 * is a must; Landlock, which alone can tell files apart, is used if the kernel
 * has it.
 */
int FBC_MUST_CHECK fbc_confine(int dir, struct fbc_confined *c,
                               struct fbc_error *e);

#endif /* FBC_LIB_CONFINE_H */
