/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest's frontends publish in XenStore. */
#include "core/xs.h"
#include "core/xspath.h"

#define XS_WRITE 11

void fbc_xs_init(struct fbc_xs *xs, uint16_t domid)
{
    memset(xs, 0, sizeof(*xs));
    xs->domid = domid;
}

static enum fbc_xs_key find_key(struct fbc_text path, uint16_t domid,
                                enum fbc_xs_dev *dev)
{
    if ( !fbc_text_own(&path, domid) )
        return FBC_XS_NONE;

    if ( fbc_text_skip(&path, "device/vfb/0/") )
        *dev = FBC_XS_VFB;
    else if ( fbc_text_skip(&path, "device/vkbd/0/") )
        *dev = FBC_XS_VKBD;
    else
        return FBC_XS_NONE;

    if ( fbc_text_is(path, "page-ref") )
        return FBC_XS_PAGE_REF;
    if ( fbc_text_is(path, "event-channel") )
        return FBC_XS_EVENT_CHANNEL;
    if ( fbc_text_is(path, "state") )
        return FBC_XS_STATE;
    if ( fbc_text_is(path, "protocol") )
        return FBC_XS_PROTOCOL;

    return FBC_XS_NONE;
}

/* A whole message was seen; its payload's start is in buf. */
static void message(struct fbc_xs *xs, struct fbc_xs_write *w)
{
    size_t kept = xs->len < FBC_XS_KEEP ? xs->len : FBC_XS_KEEP;
    struct fbc_text path = { xs->buf, 0 }, value;

    xs->in_payload = false;
    xs->have = 0;
    fbc_xsdoor_asked(&xs->door, xs->id,
                     fbc_xsdoor_refuses(xs->type, xs->buf, kept, xs->domid));
    if ( xs->type != XS_WRITE )
        return;

    while ( path.len < kept && path.p[path.len] )
        path.len++;
    if ( path.len == kept )
        return;

    w->key = find_key(path, xs->domid, &w->dev);
    if ( w->key == FBC_XS_NONE )
        return;

    value.p = path.p + path.len + 1;
    value.len = kept - path.len - 1;
    if ( value.len && !value.p[value.len - 1] )
        value.len--;

    if ( w->key == FBC_XS_PROTOCOL )
    {
        w->valid = true;
        w->value = xs->len == kept && fbc_text_is(value, "x86_64-abi");
    }
    else if ( xs->len == kept && fbc_text_skip_number(&value, &w->value) )
        w->valid = !value.len;

    if ( !w->valid )
        w->value = 0;
}

static void header(struct fbc_xs *xs)
{
    xs->type = fbc_get32(xs->buf + FBC_XS_OFF_TYPE);
    xs->id = fbc_get32(xs->buf + FBC_XS_OFF_ID);
    xs->len = fbc_get32(xs->buf + FBC_XS_OFF_LEN);
    xs->have = 0;
    xs->in_payload = xs->len;
    xs->broken = xs->len > FBC_XS_PAYLOAD_MAX;
}

size_t fbc_xs_feed(struct fbc_xs *xs, const uint8_t *data, size_t len,
                   struct fbc_xs_write *w)
{
    size_t done = 0;

    memset(w, 0, sizeof(*w));
    w->key = FBC_XS_NONE;

    while ( done < len && !xs->broken )
    {
        uint32_t end = xs->in_payload ? xs->len : FBC_XS_HEADER_LEN;
        size_t n = end - xs->have, keep;

        if ( !xs->in_payload && !xs->have &&
             xs->door.nr == FBC_XSDOOR_ASKED )
            return done;
        if ( n > len - done )
            n = len - done;

        keep = xs->have < FBC_XS_KEEP ? FBC_XS_KEEP - xs->have : 0;
        if ( keep > n )
            keep = n;
        if ( keep )
            memcpy(xs->buf + xs->have, data + done, keep);
        xs->have += (uint32_t)n;
        done += n;

        if ( xs->have < end )
            break;
        if ( !xs->in_payload )
        {
            header(xs);
            if ( xs->in_payload )
                continue;
        }
        message(xs, w);
        if ( w->key != FBC_XS_NONE )
            return done;
    }

    return len;
}
