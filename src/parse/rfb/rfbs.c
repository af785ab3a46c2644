/* SPDX-License-Identifier: GPL-2.0-only */
/* Viewers' messages. */
#include "parse/rfb/rfbs.h"
#include "core/be.h"
#include "parse/rfb/rfbc.h"

enum {                          /* client to server */
    SET_PIXEL_FORMAT = 0,
    SET_ENCODINGS = 2,
    UPDATE_REQUEST = 3,
    KEY_EVENT = 4,
    POINTER_EVENT = 5,
    CUT_TEXT = 6,
    QEMU = 255,
};

#define QEMU_KEY_EVENT 0

/* Bits that a colour's maximum takes; 0: not one less than a power of two. */
static uint32_t colour_bits(uint32_t max)
{
    uint32_t bits = 0;

    while ( bits < 16 && max >> bits )
        bits++;

    return max == (1u << bits) - 1 ? bits : 0;
}

/* p: the 16 bytes of a pixel format. */
static bool format_ok(uint8_t *p)
{
    uint32_t bpp = p[0], i;

    if ( bpp != 8 && bpp != 16 && bpp != 32 )
        return false;
    if ( !p[3] )                /* colour map */
        return bpp == 8;

    for ( i = 0; i < 3; i++ )
    {
        uint32_t bits = colour_bits(fbc_get_be16(p + 4 + 2 * i));

        if ( !bits || p[10 + i] + bits > bpp )
            return false;
    }
    /* Some viewers say 32 where they mean 24; then nothing is converted. */
    if ( bpp == 32 )
        p[1] = 24;

    return true;
}

/* Is this one kept?  *e may be replaced. */
static bool take_encoding(int32_t *e, struct fbc_rfbs_message *m)
{
    int32_t most = FBC_RFB_COMPRESS_0 + FBC_RFBS_COMPRESSION;

    switch ( *e )
    {
    case FBC_RFB_RAW:
    case FBC_RFB_HEXTILE:
    case FBC_RFB_ZLIB:
    case FBC_RFB_TIGHT:         /* without a quality level: lossless */
    case FBC_RFB_ZRLE:
    case FBC_RFB_LAST_RECT:
        return true;

    case FBC_RFB_DESKTOP_SIZE:
        m->resize = true;
        return true;

    case FBC_RFB_QEMU_KEY:
        m->key_ext = true;
        return false;
    }

    if ( *e < FBC_RFB_COMPRESS_0 || *e > FBC_RFB_COMPRESS_0 + 9 )
        return false;
    if ( *e > most )
        *e = most;

    return true;
}

static void filter_encodings(uint8_t *buf, struct fbc_rfbs_message *m)
{
    uint32_t n = fbc_get_be16(buf + 2), kept = 0, i;

    for ( i = 0; i < n; i++ )
    {
        int32_t e = (int32_t)fbc_get_be32(buf + 4 + 4 * i);

        if ( take_encoding(&e, m) )
            fbc_put_be32(buf + 4 + 4 * kept++, (uint32_t)e);
    }
    if ( n && !kept )
        fbc_put_be32(buf + 4 + 4 * kept++, FBC_RFB_RAW);
    fbc_put_be16(buf + 2, (uint16_t)kept);
    m->server_len = 4 + 4 * kept;
}

static enum fbc_err set_pixel_format(uint8_t *buf, struct fbc_rfbs_message *m)
{
    m->server_len = m->len;

    return format_ok(buf + 4) ? FBC_OK : FBC_ERR_RANGE;
}

static enum fbc_err set_encodings(uint8_t *buf, size_t len,
                                  struct fbc_rfbs_message *m)
{
    uint32_t n = fbc_get_be16(buf + 2);

    m->len = 4 + 4 * n;
    if ( n > FBC_RFBS_ENCODINGS )
        return FBC_ERR_RANGE;
    if ( len < m->len )
        return FBC_ERR_PENDING;

    m->kind = FBC_RFBS_ENCODINGS_SET;
    filter_encodings(buf, m);

    return FBC_OK;
}

static enum fbc_err cut_text(const uint8_t *buf, struct fbc_rfbs_message *m)
{
    m->kind = FBC_RFBS_TEXT;
    m->skip = fbc_get_be32(buf + 4);

    return m->skip > FBC_RFBS_MAX_TEXT ? FBC_ERR_RANGE : FBC_OK;
}

static void key(const uint8_t *buf, struct fbc_rfbs_message *m)
{
    m->kind = FBC_RFBS_KEY;
    m->down = buf[1];
    m->keysym = fbc_get_be32(buf + 4);
}

static void pointer(const uint8_t *buf, struct fbc_rfbs_message *m)
{
    m->kind = FBC_RFBS_POINTER;
    m->buttons = buf[1];
    m->x = fbc_get_be16(buf + 2);
    m->y = fbc_get_be16(buf + 4);
}

static enum fbc_err key_ext(const uint8_t *buf, struct fbc_rfbs_message *m)
{
    if ( buf[1] != QEMU_KEY_EVENT )
        return FBC_ERR_FORMAT;

    m->kind = FBC_RFBS_KEY;
    m->down = fbc_get_be16(buf + 2);
    m->keysym = fbc_get_be32(buf + 4);
    m->keycode = fbc_get_be32(buf + 8);

    return FBC_OK;
}

/* Length of a message, or of what tells its length; 0: unknown type. */
static size_t head_len(uint8_t type)
{
    switch ( type )
    {
    case SET_PIXEL_FORMAT: return 20;
    case SET_ENCODINGS:    return 4;
    case UPDATE_REQUEST:   return 10;
    case KEY_EVENT:        return 8;
    case POINTER_EVENT:    return 6;
    case CUT_TEXT:         return 8;
    case QEMU:             return 12;
    }

    return 0;
}

enum fbc_err fbc_rfbs_next(uint8_t *buf, size_t len,
                           struct fbc_rfbs_message *m)
{
    struct fbc_rfbs_message t = { .kind = FBC_RFBS_SERVER };
    enum fbc_err err = FBC_OK;

    if ( !len )
        return FBC_ERR_PENDING;
    t.len = head_len(buf[0]);
    if ( !t.len )
        return FBC_ERR_FORMAT;
    if ( len < t.len )
        return FBC_ERR_PENDING;

    switch ( buf[0] )
    {
    case SET_PIXEL_FORMAT: err = set_pixel_format(buf, &t); break;
    case SET_ENCODINGS:    err = set_encodings(buf, len, &t); break;
    case UPDATE_REQUEST:   t.server_len = t.len; break;
    case KEY_EVENT:        key(buf, &t); break;
    case POINTER_EVENT:    pointer(buf, &t); break;
    case CUT_TEXT:         err = cut_text(buf, &t); break;
    case QEMU:             err = key_ext(buf, &t); break;
    }
    if ( !err )
        *m = t;

    return err;
}

static bool digits(const uint8_t *p, uint32_t n)
{
    while ( n && *p >= '0' && *p <= '9' )
        p++, n--;

    return !n;
}

enum fbc_err
fbc_rfbs_version(uint8_t version[static FBC_RFBS_VERSION_LEN])
{
    const char *known = "003.008";
    uint32_t minor;

    if ( memcmp(version, "RFB ", 4) || !digits(version + 4, 3) ||
         version[7] != '.' || !digits(version + 8, 3) || version[11] != '\n' )
        return FBC_ERR_FORMAT;
    if ( memcmp(version + 4, "003", 3) )
        return FBC_ERR_VERSION;

    minor = (version[8] - '0') * 100u + (version[9] - '0') * 10u +
            (version[10] - '0');
    if ( minor < 7 )
        known = "003.003";
    else if ( minor == 7 )
        known = "003.007";
    else if ( minor == 889 )
        known = "003.889";
    memcpy(version + 4, known, 7);

    return FBC_OK;
}
