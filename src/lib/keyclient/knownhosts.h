/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Known hosts on disk (parse/attest/knownhosts.h), and what to think of a host
 * that presents itself, in the manner of ssh(1).
 */
#ifndef FBC_LIB_KNOWNHOSTS_H
#define FBC_LIB_KNOWNHOSTS_H

#include <limits.h>

#include "lib/base/fail.h"
#include "parse/attest/knownhosts.h"

/* ask: is strict where there is no terminal. */
enum fbc_pin_mode { FBC_PIN_ASK, FBC_PIN_ACCEPT_NEW, FBC_PIN_STRICT };

/* strict, accept-new or ask; false: none of these. */
bool FBC_MUST_CHECK fbc_pin_mode(const char *text, enum fbc_pin_mode *out);

/* $XDG_CONFIG_HOME or ~/.config, then /fbcrypt/known_hosts. */
int FBC_MUST_CHECK fbc_known_path(char path[static PATH_MAX],
                                  struct fbc_error *e);

enum fbc_pin {
    FBC_PIN_SAME,           /* EK and administrator as pinned, or (direct)
                               the hypervisor's key */
    FBC_PIN_NEW,            /* no record of this host */
    FBC_PIN_EK,             /* another EK */
    FBC_PIN_ADMIN,          /* this EK, registered by another administrator */
    FBC_PIN_SERIAL,         /* an older registration than one seen before */
    FBC_PIN_VMM,            /* direct: another hypervisor's key */
};

/*
 * Holds a host, as presented, against the file, which need not exist.  *line
 * is where its record starts and *pinned what that says, unless FBC_PIN_NEW.
 */
int FBC_MUST_CHECK fbc_known_check(const char *path,
                                   const struct fbc_known_host *shown,
                                   enum fbc_pin *pin,
                                   struct fbc_known_host *pinned,
                                   unsigned int *line, struct fbc_error *e);

/*
 * Writes a record of the host, in place of the one that is there.  *pinned is
 * what fbc_known_check() found, NULL: nothing; when another process pinned
 * something else meanwhile, this fails.  The file is replaced as a whole,
 * under a lock; its directory is made.
 */
int FBC_MUST_CHECK fbc_known_store(const char *path,
                                   const struct fbc_known_host *shown,
                                   const struct fbc_known_host *pinned,
                                   struct fbc_error *e);

/* Removes all records of a host, of one server or (NULL) any; counts them. */
int FBC_MUST_CHECK fbc_known_forget(const char *path, const char *server,
                                    const char *name, unsigned int *count,
                                    struct fbc_error *e);

/*
 * Asks on the terminal: "yes" is yes, and so is value, which the host shows
 * (a fingerprint, say; the part behind its colon will do).  -1: there is no
 * terminal.
 */
int FBC_MUST_CHECK fbc_known_ask(const char *question, const char *what,
                                 const char *value, bool *yes);

#endif /* FBC_LIB_KNOWNHOSTS_H */
