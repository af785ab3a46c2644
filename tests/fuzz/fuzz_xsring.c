/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile guest and a hostile dom0 on the two XenStore pages.  Each byte of
 * an input is an operation (OP below); its operands follow.
 *
 * The watcher inside the proxy is compared with a second one that is fed all
 * bytes that xenstored gets to see, in other pieces: what xenstored can read
 * as a write was reported, with the same value, before it could read it.  And
 * what the guest gets is what dom0 answered to what it asked, or an error.
 */
#include <stdlib.h>

#include "core/xsring.h"
#include "fuzzin.h"

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

#define PAGE     4096
#define REQ_CONS 2048
#define REQ_PROD 2052
#define RSP      1024
#define RSP_CONS 2056
#define RSP_PROD 2060
#define SERVER   2064
#define DOMID    3

enum op {
    OP_GUEST_BYTES,             /* u8 count, bytes: sent as a guest does */
    OP_GUEST_WRITE,             /* u8 which path, u32: a whole message */
    OP_GUEST_WORD,              /* u8 place, u32 value */
    OP_GUEST_NEAR,              /* u8 place, i16 from our own index */
    OP_DOM0_WORD,
    OP_DOM0_NEAR,
    OP_DOM0_READ,               /* u8 count */
    OP_DOM0_ANSWER,             /* u8 count, bytes */
    OP_GUEST_READ,
    OP_REQUESTS,
    OP_ANSWERS,
    OP_JUMP,                    /* u32: the guest starts anew there */
    OPS,
};

struct world {
    uint8_t *real, *shadow;
    struct fbc_xsring r;
    struct fbc_xs check;        /* sees what xenstored sees */
    uint32_t checked;           /* shadow index up to which it has */
    struct fbc_xs_write reported;
    bool due;                   /* a reported write was not shown yet */

    struct fbc_xs asked;        /* sees what was taken from the guest */
    uint8_t head[16];           /* of dom0's present answer */
    uint32_t head_have, left;
    bool passes;
    uint8_t want[4096];         /* what the guest is to get next */
    uint32_t wanted;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t place(struct in *in)
{
    uint8_t v = u8(in);

    return v < 192 ? REQ_CONS + v % 7 * 4u : v * 16u;
}

static void push(uint8_t *page, uint32_t ring, uint32_t prod_off,
                 const uint8_t *p, uint32_t n)
{
    uint32_t prod = fbc_get32(page + prod_off), i;

    for ( i = 0; i < n; i++ )
        page[ring + (prod + i) % FBC_XS_RING] = p[i];
    fbc_put32(page + prod_off, prod + n);
}

static void push_input(struct in *in, uint8_t *page, uint32_t ring,
                       uint32_t prod_off)
{
    uint32_t n = u8(in);

    if ( n > in->left )
        n = (uint32_t)in->left;
    push(page, ring, prod_off, in->p, n);
    in->p += n;
    in->left -= n;
}

static void push_write(struct in *in, uint8_t *page)
{
    static const char *const paths[] = {
        "device/vfb/0/page-ref", "device/vfb/0/event-channel",
        "device/vkbd/0/state", "/local/domain/3/device/vfb/0/state",
        "device/vfb/0/protocol", "/local/domain/4/device/vfb/0/state",
        "device/vbd/51712/state", "device/vfb/0/page-ref/",
        "device/vkbd/1/state", "backend/vbd/0/1/state", "device/vdispl/0",
    };
    const char *path = paths[u8(in) % 11];
    uint32_t v = u32(in), at = 16 + (uint32_t)strlen(path) + 1, n = 0;
    uint8_t msg[128] = { 11 }, digits[10];

    memcpy(msg + 16, path, strlen(path));
    do {
        digits[n++] = (uint8_t)('0' + v % 10);
        v /= 10;
    } while ( v );
    while ( n )
        msg[at++] = digits[--n];
    fbc_put32(msg + 12, at - 16);
    push(page, 0, REQ_PROD, msg, at);
}

static void ask(struct world *w, const uint8_t *ring, uint32_t from)
{
    struct fbc_xs_write wr;

    for ( ; from != w->r.req_cons; from++ )
        CHECK(fbc_xs_feed(&w->asked, ring + from % FBC_XS_RING, 1, &wr) == 1);
}

static void want(struct world *w, const void *p, uint32_t n)
{
    CHECK(w->wanted + n <= sizeof(w->want));
    memcpy(w->want + w->wanted, p, n);
    w->wanted += n;
}

/* A byte of dom0's answers was taken. */
static void said(struct world *w, uint8_t byte)
{
    if ( w->head_have == 16 )
    {
        if ( w->passes )
            want(w, &byte, 1);
        if ( !--w->left )
            w->head_have = 0;
        return;
    }
    w->head[w->head_have++] = byte;
    if ( w->head_have < 16 )
        return;

    w->left = fbc_get32(w->head + 12);
    w->passes = fbc_get32(w->head) == 15;
    if ( !w->passes )
        w->passes = fbc_xsdoor_answer(&w->asked.door, fbc_get32(w->head + 4));
    if ( w->left > FBC_XS_PAYLOAD_MAX )
        return;
    if ( !w->passes )
    {
        fbc_put32(w->head, 16);
        fbc_put32(w->head + 12, 7);
    }
    want(w, w->head, 16);
    if ( !w->passes )
        want(w, "ENOENT", 7);
    if ( !w->left )
        w->head_have = 0;
}

/* Feeds the second watcher with what has been shown since the last time. */
static void check_shown(struct world *w)
{
    struct fbc_xs_write wr;

    CHECK(w->r.s_req_prod - w->checked <= 9 * FBC_XS_RING);
    while ( w->checked != w->r.s_req_prod )
    {
        uint8_t byte = w->shadow[w->checked % FBC_XS_RING];

        w->check.door.nr = w->check.door.shut = 0;
        CHECK(fbc_xs_feed(&w->check, &byte, 1, &wr) == 1);
        w->checked++;
        if ( wr.key == FBC_XS_NONE )
            continue;
        CHECK(w->due);
        w->due = false;
        CHECK(wr.dev == w->reported.dev && wr.key == w->reported.key &&
              wr.valid == w->reported.valid &&
              wr.value == w->reported.value);
    }
}

static void requests(struct world *w)
{
    uint8_t *shadow = malloc(PAGE), ring[FBC_XS_RING];
    uint32_t cons = fbc_get32(w->real + REQ_CONS), prod = w->r.s_req_prod;
    uint32_t held = w->r.held_len;
    struct fbc_xs_write wr;

    CHECK(shadow);
    memcpy(shadow, w->shadow, PAGE);
    memcpy(ring, w->real, sizeof(ring));

    /* More than a ring at once would hide bytes from the second watcher. */
    CHECK(fbc_xsring_requests(&w->r, w->real, w->shadow, &wr) ==
          (w->r.req_cons != cons || w->r.s_req_prod != prod));
    CHECK(w->r.held_len <= FBC_XS_RING);
    CHECK(w->r.s_req_prod - prod <= FBC_XS_RING);
    CHECK(held + (w->r.req_cons - cons) ==
          w->r.held_len + (w->r.s_req_prod - prod));
    CHECK(!memcmp(w->shadow + RSP, shadow + RSP, REQ_PROD - RSP));
    CHECK(!memcmp(w->shadow + RSP_CONS, shadow + RSP_CONS,
                  PAGE - RSP_CONS));
    free(shadow);

    ask(w, ring, cons);
    check_shown(w);
    if ( wr.key == FBC_XS_NONE )
        return;
    CHECK(!w->due && w->r.held_len);
    w->reported = wr;
    w->due = true;
}

static void answers(struct world *w)
{
    uint8_t *real = malloc(PAGE);
    uint32_t cons = w->r.s_rsp_cons, prod = fbc_get32(w->real + RSP_PROD), n;

    CHECK(real);
    memcpy(real, w->real, PAGE);
    CHECK(fbc_xsring_answers(&w->r, w->real, w->shadow) ==
          (w->r.rsp_prod != prod || w->r.s_rsp_cons != cons));
    CHECK(w->r.rsp_prod - prod <= FBC_XS_RING);
    CHECK(w->r.s_rsp_cons - cons <= FBC_XS_RING);
    for ( ; cons != w->r.s_rsp_cons; cons++ )
        said(w, w->shadow[RSP + cons % FBC_XS_RING]);
    CHECK(w->r.rsp_prod - prod <= w->wanted);
    for ( n = 0; prod != w->r.rsp_prod; prod++, n++ )
        CHECK(w->real[RSP + prod % FBC_XS_RING] == w->want[n]);
    memmove(w->want, w->want + n, w->wanted - n);
    w->wanted -= n;
    CHECK(w->wanted <= 23);
    CHECK(!memcmp(w->real, real, RSP));
    CHECK(!memcmp(w->real + REQ_CONS, real + REQ_CONS, 12));
    CHECK(fbc_get32(w->real + SERVER) ==
          (fbc_get32(w->shadow + SERVER) & ~(uint32_t)1));
    CHECK(!memcmp(w->real + SERVER + 4, w->shadow + SERVER + 4, 8));
    CHECK(!memcmp(w->real + SERVER + 12, real + SERVER + 12,
                  PAGE - SERVER - 12));
    free(real);
}

static void begin(struct world *w, uint32_t at)
{
    memset(w->real, 0, PAGE);
    memset(w->shadow, 0, PAGE);
    fbc_put32(w->real + REQ_CONS, at);
    fbc_put32(w->real + REQ_PROD, at);
    fbc_put32(w->real + RSP_CONS, ~at);
    fbc_put32(w->real + RSP_PROD, ~at);
    fbc_put32(w->shadow + REQ_CONS, at * 3);
    fbc_put32(w->shadow + REQ_PROD, at * 3);
    fbc_xsring_init(&w->r, DOMID, w->real, w->shadow);
    fbc_xs_init(&w->check, DOMID);
    fbc_xs_init(&w->asked, DOMID);
    w->head_have = w->wanted = 0;
    w->checked = w->r.s_req_prod;
    w->due = false;
}

/* As far as what is there reaches. */
static void consume(uint8_t *page, uint32_t cons_off, uint32_t most)
{
    uint32_t cons = fbc_get32(page + cons_off);
    uint32_t n = fbc_get32(page + cons_off + 4) - cons;

    fbc_put32(page + cons_off, cons + (n < most ? n : most));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct in in = { data, size };
    struct world *w = calloc(1, sizeof(*w));
    uint32_t at, v;

    CHECK(w);
    w->real = malloc(PAGE);
    w->shadow = malloc(PAGE);
    CHECK(w->real && w->shadow);
    begin(w, 0);

    while ( in.left )
        switch ( (enum op)(u8(&in) % OPS) )
        {
        case OP_GUEST_BYTES:
            push_input(&in, w->real, 0, REQ_PROD);
            break;

        case OP_GUEST_WRITE:
            push_write(&in, w->real);
            break;

        case OP_GUEST_WORD:
            at = place(&in);
            fbc_put32(w->real + at, u32(&in));
            break;

        case OP_GUEST_NEAR:
            at = place(&in);
            v = at == RSP_CONS ? w->r.rsp_prod : w->r.req_cons;
            v += (uint32_t)(int8_t)u8(&in) * 256;
            fbc_put32(w->real + at, v + u8(&in));
            break;

        case OP_DOM0_WORD:
            at = place(&in);
            fbc_put32(w->shadow + at, u32(&in));
            break;

        case OP_DOM0_NEAR:
            at = place(&in);
            v = at == REQ_CONS ? w->r.s_req_prod : w->r.s_rsp_cons;
            v += (uint32_t)(int8_t)u8(&in) * 256;
            fbc_put32(w->shadow + at, v + u8(&in));
            break;

        case OP_DOM0_READ:
            consume(w->shadow, REQ_CONS, u8(&in) * 4u);
            break;

        case OP_DOM0_ANSWER:
            push_input(&in, w->shadow, RSP, RSP_PROD);
            break;

        case OP_GUEST_READ:
            consume(w->real, RSP_CONS, u8(&in) * 4u);
            break;

        case OP_REQUESTS:
            requests(w);
            break;

        case OP_ANSWERS:
            answers(w);
            break;

        case OP_JUMP:
            begin(w, u32(&in));
            break;

        case OPS:
            break;
        }
    free(w->real);
    free(w->shadow);
    free(w);

    return 0;
}
