/* SPDX-License-Identifier: GPL-2.0-only */
/* Linux console fonts. */
#include "parse/picture/psf.h"

#define PSF1_HEAD      4        /* magic u16, mode u8, glyph height u8 */
#define PSF1_MODE_512  0x01
#define PSF1_MODE_TABLE 0x06    /* a table, with or without sequences */
#define PSF1_MODE_ALL  0x07
#define PSF2_HEAD      32
#define PSF2_HAS_TABLE 0x01

static const uint8_t magic1[2] = { 0x36, 0x04 };
static const uint8_t magic2[4] = { 0x72, 0xb5, 0x4a, 0x86 };

/* The bitmaps start at head and must fit. */
static enum fbc_err place(const uint8_t *data, size_t len, uint64_t head,
                          bool table, struct fbc_psf *t)
{
    uint64_t need;

    if ( !t->width || t->width > FBC_PSF_MAX_WIDTH || !t->height ||
         t->height > FBC_PSF_MAX_HEIGHT || !t->glyphs ||
         t->glyphs > FBC_PSF_MAX_GLYPHS )
        return FBC_ERR_RANGE;

    t->row_bytes = (t->width + 7) / 8;
    need = head + (uint64_t)t->glyphs * t->height * t->row_bytes;
    if ( len < need || (len > need && !table) )
        return FBC_ERR_LENGTH;
    t->bits = data + head;

    return FBC_OK;
}

static enum fbc_err parse1(const uint8_t *data, size_t len, struct fbc_psf *t)
{
    uint8_t mode;

    if ( len < PSF1_HEAD )
        return FBC_ERR_LENGTH;

    mode = data[2];
    if ( mode & ~PSF1_MODE_ALL )
        return FBC_ERR_VERSION;
    t->width = 8;
    t->height = data[3];
    t->glyphs = mode & PSF1_MODE_512 ? 512 : 256;

    return place(data, len, PSF1_HEAD, mode & PSF1_MODE_TABLE, t);
}

static enum fbc_err parse2(const uint8_t *data, size_t len, struct fbc_psf *t)
{
    uint32_t head, flags, glyph_bytes;
    enum fbc_err err;

    if ( len < PSF2_HEAD )
        return FBC_ERR_LENGTH;
    if ( fbc_get32(data + 4) )
        return FBC_ERR_VERSION;

    head = fbc_get32(data + 8);
    flags = fbc_get32(data + 12);
    t->glyphs = fbc_get32(data + 16);
    glyph_bytes = fbc_get32(data + 20);
    t->height = fbc_get32(data + 24);
    t->width = fbc_get32(data + 28);
    if ( head < PSF2_HEAD )
        return FBC_ERR_RANGE;

    err = place(data, len, head, flags & PSF2_HAS_TABLE, t);
    if ( !err && glyph_bytes != t->height * t->row_bytes )
        err = FBC_ERR_RANGE;

    return err;
}

enum fbc_err fbc_psf_parse(const uint8_t *data, size_t len, struct fbc_psf *f)
{
    struct fbc_psf t = { 0 };
    enum fbc_err err;

    if ( len >= sizeof(magic1) && !memcmp(data, magic1, sizeof(magic1)) )
        err = parse1(data, len, &t);
    else if ( len >= sizeof(magic2) && !memcmp(data, magic2, sizeof(magic2)) )
        err = parse2(data, len, &t);
    else
        err = FBC_ERR_MAGIC;

    if ( !err )
        *f = t;

    return err;
}
