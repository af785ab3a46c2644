/* SPDX-License-Identifier: GPL-2.0-only */
/* The header of a binary PPM. */
#include "parse/picture/ppm.h"

#define MAXVAL 255u

enum { MAGIC_P, MAGIC_6, WIDTH, HEIGHT, MAXIMUM };

void fbc_ppm_begin(struct fbc_ppm *p)
{
    memset(p, 0, sizeof(*p));
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* A number has ended. */
static enum fbc_err finish(struct fbc_ppm *p)
{
    uint32_t v = p->value;

    p->value = 0;
    p->digits = false;

    switch ( p->field++ )
    {
    case WIDTH:
        p->width = v;
        return v ? FBC_ERR_PENDING : FBC_ERR_SIZE;

    case HEIGHT:
        p->height = v;
        return v ? FBC_ERR_PENDING : FBC_ERR_SIZE;

    default:
        p->maxval = v;
        return v == MAXVAL ? FBC_OK : FBC_ERR_RANGE;
    }
}

static enum fbc_err feed_number(struct fbc_ppm *p, uint8_t c)
{
    if ( p->comment )
    {
        p->comment = c != '\n' && c != '\r';
        return FBC_ERR_PENDING;
    }

    if ( c >= '0' && c <= '9' )
    {
        p->digits = true;
        /* Cannot wrap: it stops at the first value that is too large. */
        p->value = p->value * 10 + (c - '0');
        if ( p->value > FBC_PPM_MAX_SIDE )
            return p->field == MAXIMUM ? FBC_ERR_RANGE : FBC_ERR_SIZE;
        return FBC_ERR_PENDING;
    }

    if ( p->digits )
        return is_space(c) ? finish(p) : FBC_ERR_FORMAT;

    if ( c == '#' )
        p->comment = true;
    else if ( !is_space(c) )
        return FBC_ERR_FORMAT;

    return FBC_ERR_PENDING;
}

enum fbc_err fbc_ppm_feed(struct fbc_ppm *p, uint8_t c)
{
    if ( ++p->taken > FBC_PPM_MAX_HEADER )
        return FBC_ERR_FORMAT;

    if ( p->field <= MAGIC_6 )
    {
        if ( c != "P6"[p->field] )
            return FBC_ERR_MAGIC;
        p->field++;
        return FBC_ERR_PENDING;
    }

    return feed_number(p, c);
}
