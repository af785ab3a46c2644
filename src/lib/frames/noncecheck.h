/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Looks for the one thing that would break the cipher: two different contents
 * of a tile, or of a coded band, that both verify under one key and counter.
 */
#ifndef FBC_LIB_NONCECHECK_H
#define FBC_LIB_NONCECHECK_H

#include "core/cells.h"
#include "core/header.h"
#include "lib/base/fail.h"

struct fbc_noncecheck_entry;

struct fbc_noncecheck {         /* keep it in secret memory */
    const uint8_t *session;     /* the session key, the caller's */
    bool keyed;
    struct fbc_header header;   /* of the keys in use */
    struct fbc_aead aead;
    uint8_t buf[FBC_CODED_MAX]; /* a tile, or a coded band */
    struct fbc_noncecheck_entry *table;
    size_t size, used;
    uint64_t seen;              /* verified tiles looked at */
    uint64_t reused;            /* of these, with a counter used before */
    uint32_t tile;              /* the first of them */
    uint64_t counter;
};

void fbc_noncecheck_init(struct fbc_noncecheck *c, const uint8_t *session);
void fbc_noncecheck_clear(struct fbc_noncecheck *c);

/*
 * A picture that fbc_view_update() took, with the header that the view has of
 * it.  shadow as there.
 * FBC_ERR_NOMEM, FBC_ERR_CRYPTO.
 */
enum fbc_err FBC_MUST_CHECK
fbc_noncecheck_feed(struct fbc_noncecheck *c, const struct fbc_header *h,
                    const uint8_t *shadow, size_t stride);

#endif /* FBC_LIB_NONCECHECK_H */
