/* SPDX-License-Identifier: GPL-2.0-only */
/* RFB client: what comes through zlib, and the Zlib encoding itself. */
#include "parse/rfb/rfbc_int.h"

enum { BEGIN, DATA };

/*
 * No honest encoder needs more than this a pixel; inflate's work is bounded by
 * what comes in, so this only ends nonsense early.
 */
#define MAX_PER_PIXEL 8
#define MAX_EXTRA     65536

enum fbc_err fbc_rfbc_unzip_begin(struct fbc_rfbc *c, unsigned int stream,
                                  uint32_t len)
{
    if ( len > (uint64_t)c->rect.w * c->rect.h * MAX_PER_PIXEL + MAX_EXTRA )
        return fbc_rfbc_refuse(c, FBC_ERR_LENGTH,
                               "compressed data are too long for their "
                               "rectangle", len);
    c->zip.stream = stream;
    c->zip.left = len;
    c->zip.more = false;

    return FBC_OK;
}

/*
 * One call of inflate.  What is left over when the rectangle is full cannot be
 * more than the scratch buffer, and is refused: so much for zip bombs.
 */
enum fbc_err fbc_rfbc_unzip(struct fbc_rfbc *c, struct fbc_src *s,
                            enum fbc_err (*decode)(struct fbc_rfbc *,
                                                   struct fbc_src *))
{
    struct fbc_src in = { s->p, s->len }, out = { c->scratch, 0 };
    size_t before, used;
    enum fbc_err err;
    bool corrupt;

    if ( in.len > c->zip.left )
        in.len = c->zip.left;
    if ( !in.len && !c->zip.more && c->zip.left )
        return FBC_ERR_PENDING;

    before = in.len;
    out.len = sizeof(c->scratch);
    corrupt = c->inflate.run(c->inflate.arg, c->zip.stream, &in.p, &in.len,
                             c->scratch, &out.len);
    used = before - in.len;
    if ( !corrupt && in.len && !used && !out.len )
        return fbc_rfbc_refuse(c, FBC_ERR_FORMAT, "compressed data have ended",
                               -1);
    s->p += used;
    s->len -= used;
    c->zip.left -= (uint32_t)used;
    c->zip.more = out.len == sizeof(c->scratch);
    c->work += (uint32_t)out.len;

    while ( out.len && !c->decoded )
    {
        err = decode(c, &out);
        if ( err == FBC_ERR_PENDING )
            break;
        if ( err )
            return err;
    }
    if ( out.len )
        return fbc_rfbc_refuse(c, FBC_ERR_LENGTH,
                               "compressed data hold more than their "
                               "rectangle", -1);
    if ( corrupt )
        return fbc_rfbc_refuse(c, FBC_ERR_FORMAT,
                               "compressed data are corrupt", -1);
    if ( !c->zip.left && !c->zip.more && !c->decoded )
        return fbc_rfbc_refuse(c, FBC_ERR_LENGTH,
                               "compressed data hold less than their "
                               "rectangle", -1);

    return FBC_OK;
}

enum fbc_err fbc_rfbc_zlib(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p;

    if ( c->stage == DATA )
        return fbc_rfbc_unzip(c, s, fbc_rfbc_raw);

    p = fbc_gather(&c->gather, s, 4);
    if ( !p )
        return FBC_ERR_PENDING;
    c->stage = DATA;

    return fbc_rfbc_unzip_begin(c, FBC_INFLATE_ZLIB, fbc_get_be32(p));
}
