/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inline scripts and styles of an HTML page, as a Content-Security-Policy
 * names them by their SHA-256 (CSP3, 2.3.1; HTML 13.2.5).
 *
 * Comments are passed over, attributes are read as HTML does.  What a browser
 * takes for a script in some other way is not found: it then does not run.
 */
#ifndef FBC_PARSE_INLINE_H
#define FBC_PARSE_INLINE_H

#include "core/fbc.h"

enum fbc_inline_kind {
    FBC_INLINE_SCRIPT,
    FBC_INLINE_STYLE,
};

struct fbc_inline {
    enum fbc_inline_kind kind;
    const char *p;              /* in the page: all between the tags */
    size_t len;
};

/*
 * The next one at or after *pos, which moves on behind it.  False: there is
 * none; *pos is len then.
 */
bool FBC_MUST_CHECK fbc_inline_next(const char *page, size_t len, size_t *pos,
                                    struct fbc_inline *out);

#endif /* FBC_PARSE_INLINE_H */
