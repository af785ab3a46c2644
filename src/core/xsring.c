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

#define XS_WATCH_EVENT 15
#define XS_ERROR       16

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

/*
 * These two indices are ours to write.  A guest that has written one begins a
 * ring anew, as firmware does that hands the page on to the system it starts,
 * and xenstored, which has no other copy, would go on from there.
 */
static void follow(uint32_t *index, const void *real, uint32_t off)
{
    *index = fbc_page_load(real, off);
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
    follow(&r->req_cons, real, OFF_REQ_CONS);

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
        if ( !n )
            break;
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

static uint32_t take_answer(struct fbc_xsring *r, void *shadow, uint8_t *dst,
                            uint32_t most)
{
    uint32_t n = min32(most, used(fbc_page_load(shadow, OFF_RSP_PROD),
                                  r->s_rsp_cons));

    fbc_page_order();
    ring_get(dst, shadow, OFF_RSP, r->s_rsp_cons, n);
    fbc_page_order();
    r->s_rsp_cons += n;
    fbc_page_store(shadow, OFF_RSP_CONS, r->s_rsp_cons);

    return n;
}

static void give_answer(struct fbc_xsring *r, void *real, const uint8_t *src,
                        uint32_t n)
{
    ring_put(real, OFF_RSP, r->rsp_prod, src, n);
    fbc_page_order();
    r->rsp_prod += n;
    fbc_page_store(real, OFF_RSP_PROD, r->rsp_prod);
}

/* The header is whole: what does the guest get? */
static void answer_begins(struct fbc_xsring *r)
{
    static const char error[] = "ENOENT";

    r->head_len = FBC_XS_HEADER_LEN;
    r->ans_left = fbc_get32(r->head + FBC_XS_OFF_LEN);
    r->ans_broken = r->ans_left > FBC_XS_PAYLOAD_MAX;
    r->ans_refused = fbc_get32(r->head + FBC_XS_OFF_TYPE) != XS_WATCH_EVENT &&
                     !fbc_xsdoor_answer(&r->xs.door,
                                        fbc_get32(r->head + FBC_XS_OFF_ID));
    if ( !r->ans_refused )
        return;

    fbc_put32(r->head + FBC_XS_OFF_TYPE, XS_ERROR);
    fbc_put32(r->head + FBC_XS_OFF_LEN, sizeof(error));
    memcpy(r->head + FBC_XS_HEADER_LEN, error, sizeof(error));
    r->head_len += sizeof(error);
}

/* A part of an answer, at most room bytes; false: nothing was moved. */
static bool move_answer(struct fbc_xsring *r, void *real, void *shadow,
                        uint32_t room)
{
    uint8_t buf[256];
    uint32_t n;

    if ( !room || r->ans_broken )
        return false;

    if ( r->head_have < FBC_XS_HEADER_LEN )
    {
        n = take_answer(r, shadow, r->head + r->head_have,
                        FBC_XS_HEADER_LEN - r->head_have);
        r->head_have += n;
        if ( r->head_have == FBC_XS_HEADER_LEN )
            answer_begins(r);

        return n;
    }

    if ( r->head_given < r->head_len )
    {
        n = min32(r->head_len - r->head_given, room);
        give_answer(r, real, r->head + r->head_given, n);
        r->head_given += n;
    }
    else
    {
        n = min32(r->ans_left, sizeof(buf));
        if ( !r->ans_refused )
            n = min32(n, room);
        n = take_answer(r, shadow, buf, n);
        if ( !r->ans_refused )
            give_answer(r, real, buf, n);
        r->ans_left -= n;
    }
    if ( r->head_given == r->head_len && !r->ans_left )
        r->head_have = r->head_given = 0;

    return n;
}

bool fbc_xsring_answers(struct fbc_xsring *r, void *real, void *shadow)
{
    uint32_t total, i;
    bool moved = false;

    for ( i = 0; i < SERVER_WORDS; i++ )
    {
        uint32_t word = fbc_page_load(shadow, OFF_SERVER + i * 4);

        /* A guest that resets the ring would do it on one side only. */
        if ( !i )
            word &= ~(uint32_t)SERVER_RECONNECTION;
        if ( word != fbc_page_load(real, OFF_SERVER + i * 4) )
            fbc_page_store(real, OFF_SERVER + i * 4, word);
    }

    follow(&r->rsp_prod, real, OFF_RSP_PROD);
    for ( total = 0; total < MOVE_MAX / FBC_XS_HEADER_LEN; total++ )
    {
        if ( !move_answer(r, real, shadow,
                          space(r->rsp_prod,
                                fbc_page_load(real, OFF_RSP_CONS))) )
            break;
        order_all();
        moved = true;
    }

    return moved;
}
