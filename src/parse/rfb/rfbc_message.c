/* SPDX-License-Identifier: GPL-2.0-only */
/* RFB client: messages (RFC 6143 7.6). */
#include "parse/rfb/rfbc_int.h"

enum {
    MSG_UPDATE = 0,
    MSG_COLOURS = 1,
    MSG_BELL = 2,
    MSG_CUT_TEXT = 3,
};

#define EXTENDED     0x80000000u

static enum fbc_err cut_head(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 7);

    if ( !p )
        return FBC_ERR_PENDING;
    c->skip = fbc_get_be32(p + 3);
    if ( c->skip & EXTENDED )
        return fbc_rfbc_refuse(c, FBC_ERR_ALGORITHM,
                               "the server sends an extended clipboard, which "
                               "was not asked for", -1);
    if ( c->skip > FBC_RFBC_MAX_TEXT )
        return fbc_rfbc_refuse(c, FBC_ERR_LENGTH,
                               "the server's clipboard text is too long",
                               c->skip);
    c->state = FBC_RFBC_CUT_TEXT;

    return FBC_OK;
}

static enum fbc_err cut_text(struct fbc_rfbc *c, struct fbc_src *s)
{
    enum fbc_err err = fbc_rfbc_skip(c, s);

    if ( !err )
        c->state = FBC_RFBC_MESSAGE;

    return err;
}

static enum fbc_err message(struct fbc_rfbc *c, struct fbc_src *s)
{
    const uint8_t *p = fbc_gather(&c->gather, s, 1);

    if ( !p )
        return FBC_ERR_PENDING;

    switch ( *p )
    {
    case MSG_UPDATE:
        c->state = FBC_RFBC_HEAD;
        return FBC_OK;

    case MSG_BELL:
        c->event = FBC_RFBC_BELL;
        return FBC_OK;

    case MSG_CUT_TEXT:
        c->state = FBC_RFBC_CUT_HEAD;
        return FBC_OK;

    case MSG_COLOURS:
        return fbc_rfbc_refuse(c, FBC_ERR_DEPTH,
                               "the server sends a colour map: it has not "
                               "taken our pixel format", -1);
    }

    return fbc_rfbc_refuse(c, FBC_ERR_FORMAT,
                           "the server sends an unknown message", *p);
}

static enum fbc_err step(struct fbc_rfbc *c, struct fbc_src *s)
{
    switch ( c->state )
    {
    case FBC_RFBC_MESSAGE:
        return message(c, s);
    case FBC_RFBC_HEAD:
    case FBC_RFBC_RECT:
    case FBC_RFBC_PIXELS:
    case FBC_RFBC_SCREENS:
    case FBC_RFBC_SKIP_SCREENS:
        return fbc_rfbc_update(c, s);
    case FBC_RFBC_CUT_HEAD:
        return cut_head(c, s);
    case FBC_RFBC_CUT_TEXT:
        return cut_text(c, s);
    case FBC_RFBC_FAILED:
        return FBC_ERR_FORMAT;
    default:
        return fbc_rfbc_hello(c, s);
    }
}

enum fbc_err fbc_rfbc_feed(struct fbc_rfbc *c, struct fbc_src *in,
                           enum fbc_rfbc_event *event)
{
    enum fbc_err err = FBC_OK;

    c->event = FBC_RFBC_NONE;
    c->work = 0;
    while ( !err && c->event == FBC_RFBC_NONE )
    {
        const size_t before = in->len;

        if ( c->work >= c->work_max )
        {
            c->event = FBC_RFBC_WORKED;
            break;
        }
        err = step(c, in);
        c->work += (uint32_t)(before - in->len);
    }
    if ( err == FBC_ERR_PENDING )
        err = FBC_OK;
    if ( err )
        c->state = FBC_RFBC_FAILED;
    *event = err ? FBC_RFBC_NONE : c->event;

    return err;
}
