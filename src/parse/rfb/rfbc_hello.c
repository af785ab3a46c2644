/* SPDX-License-Identifier: GPL-2.0-only */
/* RFB client: version, security, initialisation (RFC 6143 7.1 to 7.3). */
#include "parse/rfb/rfbc_int.h"

#define VERSION_LEN   12
#define INIT_LEN      24
#define PIXEL_FORMAT  20

enum { SECURITY_FAILED = 0, SECURITY_NONE = 1, SECURITY_VNC = 2 };
enum { SET_PIXEL_FORMAT = 0, SET_ENCODINGS = 2 };

static void put_out(struct fbc_rfbc *c, const void *data, uint32_t len)
{
    if ( len > FBC_RFBC_OUT - c->out_len )
        len = FBC_RFBC_OUT - c->out_len;    /* never: what is put is fixed */
    memcpy(c->out + c->out_len, data, len);
    c->out_len += len;
}

static bool digits(const uint8_t *p)
{
    return p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9' &&
           p[2] >= '0' && p[2] <= '9';
}

static enum fbc_err version(struct fbc_rfbc *c, struct fbc_src *s)
{
    static const char *const ours[] = { "RFB 003.003\n", "RFB 003.007\n",
                                        "RFB 003.008\n" };
    const uint8_t *p = fbc_gather(&c->gather, s, VERSION_LEN);

    if ( !p )
        return FBC_ERR_PENDING;
    if ( memcmp(p, "RFB ", 4) || !digits(p + 4) || p[7] != '.' ||
         !digits(p + 8) || p[11] != '\n' )
        return fbc_rfbc_refuse(c, FBC_ERR_MAGIC, "not a VNC server", -1);
    if ( memcmp(p + 4, "003.003", 7) < 0 )
        return fbc_rfbc_refuse(c, FBC_ERR_VERSION,
                               "the server speaks a protocol before RFB 3.3",
                               -1);

    /* 3.4 to 3.6 were never defined and mean 3.3. */
    if ( memcmp(p + 4, "003.008", 7) >= 0 )
        c->minor = 8;
    else
        c->minor = memcmp(p + 4, "003.007", 7) ? 3 : 7;
    put_out(c, ours[c->minor == 3 ? 0 : c->minor - 6], VERSION_LEN);
    c->state = c->minor == 3 ? FBC_RFBC_SECURITY_33 : FBC_RFBC_TYPES;

    return FBC_OK;
}

static void client_init(struct fbc_rfbc *c)
{
    const uint8_t shared = c->shared;

    put_out(c, &shared, 1);
    c->state = FBC_RFBC_INIT;
}

/* offered: the one type of a 3.3 server, or all of the others. */
static enum fbc_err choose(struct fbc_rfbc *c)
{
    uint8_t type = c->password && c->offered & 2 ? SECURITY_VNC
                   : c->offered & 1              ? SECURITY_NONE
                                                 : SECURITY_FAILED;

    if ( type == SECURITY_FAILED )
        return fbc_rfbc_refuse(c, FBC_ERR_ALGORITHM,
                               c->offered & 2
                               ? "the server wants a password"
                               : "the server offers neither no security nor "
                                 "VNC authentication", -1);
    if ( c->minor > 3 )
        put_out(c, &type, 1);
    if ( type == SECURITY_VNC )
        c->state = FBC_RFBC_CHALLENGE;
    else if ( c->minor == 8 )
        c->state = FBC_RFBC_RESULT;
    else
        client_init(c);

    return FBC_OK;
}

static enum fbc_err failed(struct fbc_rfbc *c, const char *why)
{
    c->why = why;
    c->state = FBC_RFBC_REASON_LEN;

    return FBC_OK;
}

static enum fbc_err security_33(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 4);
    uint32_t type;

    if ( !p )
        return FBC_ERR_PENDING;
    type = fbc_get_be32(p);
    if ( type == SECURITY_FAILED )
        return failed(c, "the server wants no connection");
    c->offered = type == SECURITY_NONE ? 1 : type == SECURITY_VNC ? 2 : 0;

    return choose(c);
}

static enum fbc_err types(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 1);

    if ( !p )
        return FBC_ERR_PENDING;
    if ( !*p )
        return failed(c, "the server wants no connection");
    c->types = *p;
    c->state = FBC_RFBC_TYPE;

    return FBC_OK;
}

static enum fbc_err type(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 1);

    if ( !p )
        return FBC_ERR_PENDING;
    if ( *p == SECURITY_NONE )
        c->offered |= 1;
    if ( *p == SECURITY_VNC )
        c->offered |= 2;

    return --c->types ? FBC_OK : choose(c);
}

static enum fbc_err challenge(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, sizeof(c->challenge));

    if ( !p )
        return FBC_ERR_PENDING;
    memcpy(c->challenge, p, sizeof(c->challenge));
    c->event = FBC_RFBC_AUTH;
    c->state = FBC_RFBC_RESULT;

    return FBC_OK;
}

void fbc_rfbc_auth(struct fbc_rfbc *c, const uint8_t response[static 16])
{
    put_out(c, response, 16);
}

static enum fbc_err result(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 4);

    if ( !p )
        return FBC_ERR_PENDING;
    if ( fbc_get_be32(p) )
    {
        const char *why = c->password && c->offered & 2
                          ? "the server refuses the password"
                          : "the server wants no connection";

        return c->minor == 8 ? failed(c, why)
                             : fbc_rfbc_refuse(c, FBC_ERR_AUTH, why, -1);
    }
    client_init(c);

    return FBC_OK;
}

static enum fbc_err reason_len(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 4);

    if ( !p )
        return FBC_ERR_PENDING;
    c->skip = fbc_get_be32(p);
    if ( c->skip > FBC_RFBC_REASON )
        c->skip = FBC_RFBC_REASON;
    c->have = 0;
    c->state = FBC_RFBC_REASON_TEXT;

    return FBC_OK;
}

static enum fbc_err reason_text(struct fbc_rfbc *c, struct fbc_src *s)
{
    for ( ; c->skip && s->len; c->skip--, s->p++, s->len-- )
        c->reason[c->have++] = *s->p >= ' ' && *s->p <= '~' ? (char)*s->p
                                                            : '?';
    if ( c->skip )
        return FBC_ERR_PENDING;
    c->reason[c->have] = 0;

    return fbc_rfbc_refuse(c, FBC_ERR_AUTH, c->why, -1);
}

static enum fbc_err init(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, INIT_LEN);

    if ( !p )
        return FBC_ERR_PENDING;

    /* Its pixel format does not matter: it gets ours. */
    c->width = fbc_get_be16(p);
    c->height = fbc_get_be16(p + 2);
    c->skip = fbc_get_be32(p + 20);
    if ( c->skip > FBC_RFBC_MAX_NAME )
        return fbc_rfbc_refuse(c, FBC_ERR_LENGTH,
                               "the name of the screen is too long",
                               c->skip);
    c->state = FBC_RFBC_NAME;

    return FBC_OK;
}

static void ask(struct fbc_rfbc *c)
{
    /* 32 bits, depth 24, little-endian, true colour; maxima; shifts. */
    static const uint8_t format[PIXEL_FORMAT] = {
        SET_PIXEL_FORMAT, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255,
        16, 8, 0
    };
    static const int32_t all[] = {
        FBC_RFB_TIGHT, FBC_RFB_ZRLE, FBC_RFB_ZLIB, FBC_RFB_HEXTILE,
        FBC_RFB_RAW, FBC_RFB_COMPRESS_0, FBC_RFB_EXT_DESKTOP_SIZE,
        FBC_RFB_DESKTOP_SIZE, FBC_RFB_LAST_RECT, FBC_RFB_QEMU_KEY
    };
    const uint32_t n = sizeof(all) / sizeof(all[0]);
    uint8_t head[4] = { SET_ENCODINGS }, word[4];
    uint32_t i;

    put_out(c, format, sizeof(format));
    fbc_put_be16(head + 2, (uint16_t)n);
    put_out(c, head, sizeof(head));
    fbc_put_be32(word, (uint32_t)c->prefer);
    put_out(c, word, sizeof(word));
    for ( i = 0; i < n; i++ )
        if ( all[i] != c->prefer )
        {
            fbc_put_be32(word, (uint32_t)all[i]);
            put_out(c, word, sizeof(word));
        }
}

static enum fbc_err name(struct fbc_rfbc *c, struct fbc_src *s)
{
    if ( fbc_rfbc_skip(c, s) )
        return FBC_ERR_PENDING;

    ask(c);
    c->state = FBC_RFBC_MESSAGE;

    return fbc_rfbc_size(c, c->width, c->height);
}

enum fbc_err fbc_rfbc_hello(struct fbc_rfbc *c, struct fbc_src *s)
{
    switch ( c->state )
    {
    case FBC_RFBC_VERSION:
        return version(c, s);
    case FBC_RFBC_SECURITY_33:
        return security_33(c, s);
    case FBC_RFBC_TYPES:
        return types(c, s);
    case FBC_RFBC_TYPE:
        return type(c, s);
    case FBC_RFBC_CHALLENGE:
        return challenge(c, s);
    case FBC_RFBC_RESULT:
        return result(c, s);
    case FBC_RFBC_REASON_LEN:
        return reason_len(c, s);
    case FBC_RFBC_REASON_TEXT:
        return reason_text(c, s);
    case FBC_RFBC_INIT:
        return init(c, s);
    default:
        return name(c, s);
    }
}
