/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What key servers of one database tell each other (fbc-keyserver-formats(5),
 * channel fbcrypt_waits); every role of the database can say it.
 */
#ifndef FBC_PARSE_WAITNEWS_H
#define FBC_PARSE_WAITNEWS_H

#include "parse/attest/release.h"

#define FBC_SERVER_ID_LEN 16    /* digits that a server calls itself by */

struct fbc_wait_news {
    bool is_outcome;                    /* else a client begins to wait */
    char host[FBC_HOST_NAME_MAX + 1];
    uint8_t nonce[FBC_TPM_NONCE_LEN];
    char server[FBC_SERVER_ID_LEN + 1]; /* of an outcome; else "" */
};

/* "w HOST NONCE" or "a HOST NONCE SERVER"; false, and *n as it was. */
bool FBC_MUST_CHECK fbc_wait_news_parse(const char *text, size_t len,
                                        struct fbc_wait_news *n);

#endif /* FBC_PARSE_WAITNEWS_H */
