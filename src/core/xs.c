/* SPDX-License-Identifier: GPL-2.0-only */
/* What a guest's frontends publish in XenStore. */
#include "core/xs.h"

/* struct xsd_sockmsg: type, req_id, tx_id, len. */
#define OFF_TYPE 0
#define OFF_LEN  12
#define XS_WRITE 11

struct text {
    const uint8_t *p;
    size_t len;
};

void fbc_xs_init(struct fbc_xs *xs, uint16_t domid)
{
    memset(xs, 0, sizeof(*xs));
    xs->domid = domid;
}

/* Takes s off the front of t. */
static bool skip(struct text *t, const char *s)
{
    size_t i;

    for ( i = 0; s[i]; i++ )
        if ( i == t->len || t->p[i] != (uint8_t)s[i] )
            return false;

    t->p += i;
    t->len -= i;

    return true;
}

static bool is(struct text t, const char *s)
{
    return skip(&t, s) && !t.len;
}

/* Takes a canonical decimal number off the front of t. */
static bool skip_number(struct text *t, uint64_t *value)
{
    uint64_t v = 0;
    size_t i;

    for ( i = 0; i < t->len && t->p[i] >= '0' && t->p[i] <= '9'; i++ )
    {
        unsigned int digit = t->p[i] - '0';

        if ( i && !v )
            return false;       /* leading zero */
        if ( v > (~(uint64_t)0 - digit) / 10 )
            return false;
        v = v * 10 + digit;
    }
    if ( !i )
        return false;

    t->p += i;
    t->len -= i;
    *value = v;

    return true;
}

static enum fbc_xs_key find_key(struct text path, uint16_t domid,
                                enum fbc_xs_dev *dev)
{
    uint64_t id;

    if ( skip(&path, "/local/domain/") &&
         (!skip_number(&path, &id) || id != domid || !skip(&path, "/")) )
        return FBC_XS_NONE;

    if ( skip(&path, "device/vfb/0/") )
        *dev = FBC_XS_VFB;
    else if ( skip(&path, "device/vkbd/0/") )
        *dev = FBC_XS_VKBD;
    else
        return FBC_XS_NONE;

    if ( is(path, "page-ref") )
        return FBC_XS_PAGE_REF;
    if ( is(path, "event-channel") )
        return FBC_XS_EVENT_CHANNEL;
    if ( is(path, "state") )
        return FBC_XS_STATE;
    if ( is(path, "protocol") )
        return FBC_XS_PROTOCOL;

    return FBC_XS_NONE;
}

/* A whole message was seen; its payload's start is in buf. */
static void message(const struct fbc_xs *xs, struct fbc_xs_write *w)
{
    size_t kept = xs->len < FBC_XS_KEEP ? xs->len : FBC_XS_KEEP;
    struct text path = { xs->buf, 0 }, value;

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
        w->value = xs->len == kept && is(value, "x86_64-abi");
    }
    else if ( xs->len == kept && skip_number(&value, &w->value) )
        w->valid = !value.len;

    if ( !w->valid )
        w->value = 0;
}

static void header(struct fbc_xs *xs)
{
    xs->type = fbc_get32(xs->buf + OFF_TYPE);
    xs->len = fbc_get32(xs->buf + OFF_LEN);
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
            continue;
        }

        xs->in_payload = false;
        xs->have = 0;
        message(xs, w);
        if ( w->key != FBC_XS_NONE )
            return done;
    }

    return len;
}
