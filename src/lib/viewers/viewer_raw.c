/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Raw updates in the picture's own format, which is what a near viewer is
 * best served with.  libvncserver copies them twice on their way through the
 * file in memory; here it is once.
 */
#include "core/be.h"
#include "lib/viewers/viewer.h"

#include <unistd.h>

static uint8_t *put_rect(uint8_t *p, const rfbScreenInfo *s, const sraRect *r)
{
    size_t len = (size_t)(r->x2 - r->x1) * 4;
    int y;

    fbc_put_be16(p, (uint16_t)r->x1);
    fbc_put_be16(p + 2, (uint16_t)r->y1);
    fbc_put_be16(p + 4, (uint16_t)(r->x2 - r->x1));
    fbc_put_be16(p + 6, (uint16_t)(r->y2 - r->y1));
    fbc_put_be32(p + 8, rfbEncodingRaw);
    p += 12;
    for ( y = r->y1; y < r->y2; y++, p += len )
        memcpy(p, s->frameBuffer + (size_t)y * (size_t)s->paddedWidthInBytes +
                  (size_t)r->x1 * 4, len);

    return p;
}

static size_t length(sraRegionPtr region)
{
    sraRectangleIterator *i = sraRgnGetIterator(region);
    size_t len = 4;
    sraRect r;

    while ( sraRgnIteratorNext(i, &r) )
        len += 12 + (size_t)(r.x2 - r.x1) * (size_t)(r.y2 - r.y1) * 4;
    sraRgnReleaseIterator(i);

    return len;
}

/* Pages of the file must be there before they are written through the map. */
static bool make_room(struct fbc_viewer *v, size_t len)
{
    if ( len > FBC_VIEWER_OUT )
        return false;
    if ( len > v->out_room && ftruncate(v->out, (off_t)len) )
        return false;
    if ( len > v->out_room )
        v->out_room = len;

    return true;
}

static void put_update(struct fbc_viewer *v, sraRegionPtr region, size_t len)
{
    sraRectangleIterator *i = sraRgnGetIterator(region);
    uint8_t *p = v->map;
    sraRect r;

    p[0] = rfbFramebufferUpdate;
    p[1] = 0;
    fbc_put_be16(p + 2, (uint16_t)sraRgnCountRects(region));
    p += 4;
    while ( sraRgnIteratorNext(i, &r) )
        p = put_rect(p, v->cl->screen, &r);
    sraRgnReleaseIterator(i);
    v->out_len = len;
}

bool fbc_viewer_raw(struct fbc_viewer *v)
{
    rfbClientPtr cl = v->cl;
    sraRegionPtr region;
    size_t len;

    if ( cl->preferredEncoding != rfbEncodingRaw ||
         cl->translateFn != rfbTranslateNone || cl->newFBSizePending )
        return false;

    region = sraRgnCreateRgn(cl->modifiedRegion);
    if ( sraRgnAnd(region, cl->requestedRegion) )
    {
        len = length(region);
        if ( sraRgnCountRects(region) > UINT16_MAX || !make_room(v, len) )
        {
            sraRgnDestroy(region);
            return false;
        }
        put_update(v, region, len);
        sraRgnSubtract(cl->modifiedRegion, region);
        sraRgnMakeEmpty(cl->requestedRegion);
    }
    sraRgnDestroy(region);

    return true;
}
