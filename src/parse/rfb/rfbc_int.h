/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the parts of the RFB client.  Handlers take what they can of the
 * source; FBC_ERR_PENDING: more must come first, and the source is empty.
 */
#ifndef FBC_PARSE_RFBC_INT_H
#define FBC_PARSE_RFBC_INT_H

#include "parse/rfb/rfbc.h"

/* Notes why and returns err. */
enum fbc_err fbc_rfbc_refuse(struct fbc_rfbc *c, enum fbc_err err,
                             const char *why, int64_t number);

/* States up to FBC_RFBC_NAME. */
enum fbc_err fbc_rfbc_hello(struct fbc_rfbc *c, struct fbc_src *s);

/* States from FBC_RFBC_HEAD to FBC_RFBC_SKIP_SCREENS. */
enum fbc_err fbc_rfbc_update(struct fbc_rfbc *c, struct fbc_src *s);

/* Passes over c->skip bytes. */
enum fbc_err fbc_rfbc_skip(struct fbc_rfbc *c, struct fbc_src *s);

/* A new size, checked; the picture is to come. */
enum fbc_err fbc_rfbc_size(struct fbc_rfbc *c, uint32_t width,
                           uint32_t height);

/* Decoders of c->rect; FBC_OK: call again, or done if c->decoded. */
enum fbc_err fbc_rfbc_raw(struct fbc_rfbc *c, struct fbc_src *s);
enum fbc_err fbc_rfbc_hextile(struct fbc_rfbc *c, struct fbc_src *s);
enum fbc_err fbc_rfbc_zlib(struct fbc_rfbc *c, struct fbc_src *s);
enum fbc_err fbc_rfbc_tight(struct fbc_rfbc *c, struct fbc_src *s);
enum fbc_err fbc_rfbc_zrle(struct fbc_rfbc *c, struct fbc_src *s);

/*
 * Inflates c->zip.left bytes of the source in steps, and feeds a decoder that
 * sets c->decoded.  FBC_OK: call again, or all done if fbc_rfbc_unzipped().
 */
enum fbc_err fbc_rfbc_unzip(struct fbc_rfbc *c, struct fbc_src *s,
                            enum fbc_err (*decode)(struct fbc_rfbc *,
                                                   struct fbc_src *));
enum fbc_err fbc_rfbc_unzip_begin(struct fbc_rfbc *c, unsigned int stream,
                                  uint32_t len);

static inline bool fbc_rfbc_unzipped(const struct fbc_rfbc *c)
{
    return c->decoded && !c->zip.left && !c->zip.more;
}

/* A place in the rectangle. */
static inline uint8_t *fbc_rfbc_at(const struct fbc_rfbc *c, uint32_t x,
                                   uint32_t y)
{
    return c->pic + (c->rect.y + y) * c->stride + (c->rect.x + x) * 4u;
}

/* c->tx, ty: the next tile of that size, or c->decoded. */
void fbc_rfbc_first_tile(struct fbc_rfbc *c, uint16_t size);
void fbc_rfbc_next_tile(struct fbc_rfbc *c, uint16_t size);

#endif /* FBC_PARSE_RFBC_INT_H */
