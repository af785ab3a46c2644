/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile guest and a hostile dom0 on the two xenfb pages.  Each byte of an
 * input is an operation (OP below); its operands follow.  What the ring hands
 * out goes on as in the hypervisor: parsed, and told to dom0.
 */
#include <stdlib.h>

#include "core/fbring.h"
#include "fuzzin.h"

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

enum op {
    OP_GUEST_WORD,              /* u8 place, u32 value */
    OP_DOM0_WORD,
    OP_GUEST_NEAR,              /* u8 place, i8 from our own index */
    OP_DOM0_NEAR,
    OP_GUEST_EVENT,             /* 40 bytes, then the index moves */
    OP_TAKE,
    OP_PUT,
    OP_DROP,
    OP_DOM0_TAKE,
    OP_JUMP,                    /* u32: all indices start again there */
    OPS,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The indices more often than the rest of the page. */
static uint32_t place(struct in *in)
{
    uint8_t v = u8(in);

    return v < 128 ? v % 4 * 4 : v * 16u;
}

static void guest_event(struct in *in, uint8_t *page)
{
    uint32_t prod = fbc_get32(page + FBC_FBIF_OUT_PROD), i;
    uint8_t *slot = page + FBC_FBIF_OUT_OFF +
                    prod % FBC_FBIF_OUT_LEN * FBC_FBIF_EVENT_LEN;

    for ( i = 0; i < FBC_FBIF_EVENT_LEN; i++ )
        slot[i] = u8(in);
    fbc_put32(page + FBC_FBIF_OUT_PROD, prod + 1);
}

/* One event, as the hypervisor takes it. */
static void take(struct fbc_fbring *r, uint8_t *page, struct fbc_fbif *fb,
                 struct fbc_geom *g)
{
    uint8_t ev[FBC_FBIF_EVENT_LEN];
    uint32_t cons = r->cons, prod = fbc_get32(page + FBC_FBIF_OUT_PROD);
    struct fbc_fbif_event e;

    switch ( fbc_fbring_take(r, page, ev) )
    {
    case FBC_FBRING_EMPTY:
        CHECK(r->cons == cons && prod == cons);
        return;

    case FBC_FBRING_LOST:
        CHECK(prod - cons > FBC_FBIF_OUT_LEN && r->cons == prod);
        break;

    case FBC_FBRING_EVENT:
        CHECK(prod - cons <= FBC_FBIF_OUT_LEN && r->cons == cons + 1);
        fbc_fbif_event(ev, fb, g, &e);
        if ( e.type == FBC_FBIF_UPDATE && e.rect.w )
        {
            CHECK(e.rect.h && e.rect.x + e.rect.w <= g->width &&
                  e.rect.y + e.rect.h <= g->height);
        }
        else if ( e.type == FBC_FBIF_RESIZE )
        {
            CHECK(e.fb.offset + (uint64_t)e.fb.line_length *
                  (e.fb.height - 1) + e.fb.width * 4 <= e.fb.mem_length);
            CHECK(e.fb.mem_length == fb->mem_length);
            *fb = e.fb;
            *g = e.geom;
        }
        break;
    }
    CHECK(fbc_get32(page + FBC_FBIF_OUT_CONS) == r->cons);
}

static void put(struct fbc_fbring *r, uint8_t *page, const struct fbc_geom *g)
{
    uint8_t ev[FBC_FBIF_EVENT_LEN], *before;
    uint32_t prod = r->s_prod, at = FBC_FBIF_OUT_OFF +
                    prod % FBC_FBIF_OUT_LEN * FBC_FBIF_EVENT_LEN, i;

    if ( !fbc_fbring_room(r, page) )
        return;
    CHECK(prod - fbc_get32(page + FBC_FBIF_OUT_CONS) < FBC_FBIF_OUT_LEN);

    before = malloc(FBC_PAGE);
    CHECK(before);
    memcpy(before, page, FBC_PAGE);
    fbc_fbif_put_resize(ev, g);
    fbc_fbring_put(r, page, ev);
    CHECK(r->s_prod == prod + 1);
    CHECK(fbc_get32(page + FBC_FBIF_OUT_PROD) == r->s_prod);
    CHECK(!memcmp(page + at, ev, sizeof(ev)));
    for ( i = 0; i < FBC_PAGE; i++ )
        CHECK(page[i] == before[i] || (i >= at && i < at + sizeof(ev)) ||
              (i >= FBC_FBIF_OUT_PROD && i < FBC_FBIF_OUT_PROD + 4));
    free(before);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct in in = { data, size };
    uint8_t *guest = calloc(1, FBC_PAGE), *dom0 = calloc(1, FBC_PAGE);
    struct fbc_fbif fb = { .width = 800, .height = 600, .line_length = 3200,
                           .mem_length = 2 << 20 };
    struct fbc_fbring r;
    struct fbc_geom g;
    uint32_t at, v;

    CHECK(guest && dom0);
    CHECK(!fbc_geom_init(&g, fb.width, fb.height));
    fbc_fbring_init(&r, guest);

    while ( in.left )
        switch ( (enum op)(u8(&in) % OPS) )
        {
        case OP_GUEST_WORD:
            at = place(&in);
            fbc_put32(guest + at, u32(&in));
            break;

        case OP_DOM0_WORD:
            at = place(&in);
            fbc_put32(dom0 + at, u32(&in));
            break;

        case OP_GUEST_NEAR:
            at = place(&in);
            fbc_put32(guest + at, r.cons + (uint32_t)(int8_t)u8(&in));
            break;

        case OP_DOM0_NEAR:
            at = place(&in);
            fbc_put32(dom0 + at, r.s_prod + (uint32_t)(int8_t)u8(&in));
            break;

        case OP_GUEST_EVENT:
            guest_event(&in, guest);
            break;

        case OP_TAKE:
            take(&r, guest, &fb, &g);
            break;

        case OP_PUT:
            put(&r, dom0, &g);
            break;

        case OP_DROP:
            fbc_fbring_drop_in(dom0);
            CHECK(fbc_get32(dom0 + FBC_FBIF_IN_CONS) ==
                  fbc_get32(dom0 + FBC_FBIF_IN_PROD));
            break;

        case OP_DOM0_TAKE:
            v = fbc_get32(dom0 + FBC_FBIF_OUT_CONS);
            if ( v != fbc_get32(dom0 + FBC_FBIF_OUT_PROD) )
                fbc_put32(dom0 + FBC_FBIF_OUT_CONS, v + 1);
            break;

        case OP_JUMP:
            v = u32(&in);
            fbc_put32(guest + FBC_FBIF_OUT_CONS, v);
            fbc_put32(guest + FBC_FBIF_OUT_PROD, v);
            fbc_fbring_init(&r, guest);
            r.s_prod = v;
            fbc_put32(dom0 + FBC_FBIF_OUT_CONS, v);
            break;

        case OPS:
            break;
        }
    free(guest);
    free(dom0);

    return 0;
}
