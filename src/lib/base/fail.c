/* SPDX-License-Identifier: GPL-2.0-only */
/* Fills in what went wrong. */
#include "lib/base/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

static void set_what(struct fbc_error *e, enum fbc_exit status,
                     const char *what)
{
    memset(e, 0, sizeof(*e));
    e->status = status;
    snprintf(e->what, sizeof(e->what), "%s", what);
}

int fbc_fail(struct fbc_error *e, enum fbc_exit status, const char *what,
             const char *why, ...)
{
    va_list ap;

    set_what(e, status, what);
    va_start(ap, why);
    vsnprintf(e->why, sizeof(e->why), why, ap);
    va_end(ap);

    return -1;
}

int fbc_fail_errno(struct fbc_error *e, const char *what)
{
    int saved = errno;

    set_what(e, FBC_EXIT_ENV, what);
    snprintf(e->why, sizeof(e->why), "%s", strerror(saved));

    return -1;
}

int fbc_fail_core(struct fbc_error *e, const char *what, enum fbc_err err)
{
    enum fbc_exit status = FBC_EXIT_INPUT;

    if ( err == FBC_ERR_VERSION )
        status = FBC_EXIT_VERSION;
    else if ( err == FBC_ERR_CRYPTO || err == FBC_ERR_NOMEM ||
              err == FBC_ERR_NO_ENTROPY )
        status = FBC_EXIT_ENV;

    return fbc_fail(e, status, what, "%s", fbc_strerror(err));
}

int fbc_hint(struct fbc_error *e, const char *hint, ...)
{
    va_list ap;

    va_start(ap, hint);
    vsnprintf(e->hint, sizeof(e->hint), hint, ap);
    va_end(ap);

    return -1;
}
