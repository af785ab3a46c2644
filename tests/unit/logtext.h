/* SPDX-License-Identifier: GPL-2.0-only */
/* A whole decision log in memory, checked line by line. */
#ifndef FBC_TEST_LOGTEXT_H
#define FBC_TEST_LOGTEXT_H

#include "parse/attest/decision.h"

/* *at: the line that is wrong; the title is line 1. */
static inline enum fbc_err log_check(const char *text, size_t len,
                                     struct fbc_log_span *s, size_t *at)
{
    const size_t title = sizeof(FBC_DECISION_TITLE) - 1;
    enum fbc_err err = FBC_OK;
    const char *end;
    size_t n;

    memset(s, 0, sizeof(*s));
    *at = 1;
    if ( len < title || memcmp(text, FBC_DECISION_TITLE, title) )
        return FBC_ERR_MAGIC;
    for ( text += title, len -= title; len && !err; text += n, len -= n )
    {
        ++*at;
        end = memchr(text, '\n', len);
        n = end ? (size_t)(end - text) + 1 : len;
        err = fbc_log_next(s, text, n);
    }

    return err;
}

#endif /* FBC_TEST_LOGTEXT_H */
