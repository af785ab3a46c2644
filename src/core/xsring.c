/* SPDX-License-Identifier: GPL-2.0-only */
/* Proxy of a guest's XenStore page. */
#include "core/xsring.h"
#include "core/sharedpage.h"

/* struct xenstore_domain_interface */
#define OFF_REQ       0
#define OFF_RSP       1024
#define OFF_REQ_CONS  2048
#define OFF_REQ_PROD  2052
#define OFF_RSP_CONS  2056
#define OFF_RSP_PROD  2060
#define OFF_SERVER    2064      /* features, connection, error */
#define SERVER_WORDS  3
#define SERVER_RECONNECTION 1   /* XENSTORE_SERVER_FEATURE_RECONNECTION */

/* Bytes moved in one call: neither side can keep us here. */
#define MOVE_MAX      (8 * FBC_XS_RING)

/*
 * The guest sends no event when it sees us still at work: our index must be
 * out before we look at its index for the last time.
 */
static void order_all(void)
{
    __sync_synchronize();
}

static uint32_t min32(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Bytes in a ring, 0 when its indices make no sense. */
static uint32_t used(uint32_t prod, uint32_t cons)
{
    return prod - cons <= FBC_XS_RING ? prod - cons : 0;
}

static uint32_t space(uint32_t prod, uint32_t cons)
{
    return prod - cons <= FBC_XS_RING ? FBC_XS_RING - (prod - cons) : 0;
}

static void ring_get(uint8_t *dst, const void *page, uint32_t off,
                     uint32_t idx, uint32_t len)
{
    const uint8_t *ring = (const uint8_t *)page + off;
    uint32_t at = idx % FBC_XS_RING, n = min32(len, FBC_XS_RING - at);

    memcpy(dst, ring + at, n);
    memcpy(dst + n, ring, len - n);
}

static void ring_put(void *page, uint32_t off, uint32_t idx,
                     const uint8_t *src, uint32_t len)
{
    uint8_t *ring = (uint8_t *)page + off;
    uint32_t at = idx % FBC_XS_RING, n = min32(len, FBC_XS_RING - at);

    memcpy(ring + at, src, n);
    memcpy(ring, src + n, len - n);
}

void fbc_xsring_init(struct fbc_xsring *r, uint16_t domid, const void *real,
                     const void *shadow)
{
    memset(r, 0, sizeof(*r));
    r->req_cons = fbc_page_load(real, OFF_REQ_CONS);
    r->rsp_prod = fbc_page_load(real, OFF_RSP_PROD);
    r->s_req_prod = fbc_page_load(shadow, OFF_REQ_PROD);
    r->s_rsp_cons = fbc_page_load(shadow, OFF_RSP_CONS);
    fbc_xs_init(&r->xs, domid);
}

static bool flush_held(struct fbc_xsring *r, void *shadow)
{
    uint32_t n = min32(r->held_len,
                       space(r->s_req_prod,
                             fbc_page_load(shadow, OFF_REQ_CONS)));

    if ( !n )
        return false;

    ring_put(shadow, OFF_REQ, r->s_req_prod, r->held, n);
    fbc_page_order();
    r->s_req_prod += n;
    fbc_page_store(shadow, OFF_REQ_PROD, r->s_req_prod);
    r->held_len -= n;
    memmove(r->held, r->held + n, r->held_len);

    return true;
}

bool fbc_xsring_requests(struct fbc_xsring *r, void *real, void *shadow,
                         struct fbc_xs_write *w)
{
    uint32_t total = 0;
    bool moved = false;

    w->key = FBC_XS_NONE;

    while ( total < MOVE_MAX )
    {
        uint32_t avail, n;

        moved |= flush_held(r, shadow);
        if ( r->held_len )
            break;

        avail = used(fbc_page_load(real, OFF_REQ_PROD), r->req_cons);
        if ( !avail )
            break;

        fbc_page_order();
        ring_get(r->held, real, OFF_REQ, r->req_cons, avail);
        fbc_page_order();
        n = (uint32_t)fbc_xs_feed(&r->xs, r->held, avail, w);
        r->held_len = n;
        r->req_cons += n;
        fbc_page_store(real, OFF_REQ_CONS, r->req_cons);
        order_all();
        total += n;
        moved = true;

        if ( w->key != FBC_XS_NONE )
            break;
    }

    return moved;
}

bool fbc_xsring_answers(struct fbc_xsring *r, void *real, void *shadow)
{
    uint8_t buf[256];
    uint32_t total = 0, i;

    for ( i = 0; i < SERVER_WORDS; i++ )
    {
        uint32_t word = fbc_page_load(shadow, OFF_SERVER + i * 4);

        /* A guest that resets the ring would do it on one side only. */
        if ( !i )
            word &= ~(uint32_t)SERVER_RECONNECTION;
        if ( word != fbc_page_load(real, OFF_SERVER + i * 4) )
            fbc_page_store(real, OFF_SERVER + i * 4, word);
    }

    while ( total < MOVE_MAX )
    {
        uint32_t n = used(fbc_page_load(shadow, OFF_RSP_PROD), r->s_rsp_cons);

        n = min32(n, space(r->rsp_prod, fbc_page_load(real, OFF_RSP_CONS)));
        n = min32(n, sizeof(buf));
        if ( !n )
            break;

        fbc_page_order();
        ring_get(buf, shadow, OFF_RSP, r->s_rsp_cons, n);
        ring_put(real, OFF_RSP, r->rsp_prod, buf, n);
        fbc_page_order();
        r->s_rsp_cons += n;
        r->rsp_prod += n;
        fbc_page_store(shadow, OFF_RSP_CONS, r->s_rsp_cons);
        fbc_page_store(real, OFF_RSP_PROD, r->rsp_prod);
        order_all();
        total += n;
    }

    return total;
}
