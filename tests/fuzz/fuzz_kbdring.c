/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile guest and a hostile dom0 on the two xenkbd pages.  Each byte of an
 * input is an operation (OP below); its operands follow.
 */
#include <stdlib.h>

#include "core/fbif.h"
#include "core/kbdring.h"
#include "fuzzin.h"

#define CHECK(cond) do { if ( !(cond) ) abort(); } while ( 0 )

enum op {
    OP_GUEST_WORD,              /* u8 place, u32 value */
    OP_DOM0_WORD,
    OP_GUEST_NEAR,              /* u8 place, i8 from our own index */
    OP_DOM0_NEAR,
    OP_EVENT,                   /* 16 bytes, then dom0's index moves */
    OP_PUMP,
    OP_GUEST_TAKE,
    OP_LIMITS,                  /* u32 width, u32 height */
    OP_JUMP,                    /* u32: all indices start again there */
    OPS,
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
    uint8_t *guest, *dom0;
    struct fbc_kbdring r;
    struct fbc_kbdif_limits limits;
    struct fbc_inputbox box;    /* plain: fuzz_input.c has the other */
};

/* The indices more often than the rest of the page. */
static uint32_t place(struct in *in)
{
    uint8_t v = u8(in);

    return v < 128 ? v % 4 * 4 : v * 16u;
}

static uint32_t slot(uint32_t index)
{
    return FBC_KBDIF_IN_OFF + index % FBC_KBDIF_IN_LEN * FBC_KBDIF_EVENT_LEN;
}

/* dom0 fills all that it may, reserved bytes, too. */
static void event(struct in *in, struct world *w)
{
    uint32_t prod = fbc_get32(w->dom0 + FBC_KBDIF_IN_PROD), i;
    uint8_t *ev = w->dom0 + slot(prod);

    memset(ev, 0xff, FBC_KBDIF_EVENT_LEN);
    for ( i = 0; i < FBC_KBDIF_USED_LEN; i++ )
        ev[i] = u8(in);
    fbc_put32(w->dom0 + FBC_KBDIF_IN_PROD, prod + 1);
}

static bool small(uint32_t v)
{
    int32_t n = (int32_t)v;

    return n >= -FBC_KBDIF_REL_MAX && n <= FBC_KBDIF_REL_MAX;
}

static bool on_screen(uint32_t v, uint32_t limit)
{
    return v <= FBC_KBDIF_ABS_MAX && (!limit || v < limit);
}

/* What the guest may find in a slot that we wrote. */
static void check_event(const uint8_t *ev, const struct fbc_kbdif_limits *l)
{
    uint32_t v[3], i, used = ev[0] == FBC_KBDIF_KEY ? 8 : 16;

    for ( i = 0; i < 3; i++ )
        v[i] = fbc_get32(ev + 4 + i * 4);
    for ( i = used; i < FBC_KBDIF_EVENT_LEN; i++ )
        CHECK(!ev[i]);
    CHECK(!ev[2] && !ev[3]);

    switch ( ev[0] )
    {
    case FBC_KBDIF_MOTION:
        CHECK(!ev[1] && small(v[0]) && small(v[1]) && small(v[2]));
        break;

    case FBC_KBDIF_KEY:
        CHECK(ev[1] <= 1 && v[0] && v[0] < FBC_KBDIF_KEYS);
        break;

    case FBC_KBDIF_POS:
        CHECK(!ev[1] && on_screen(v[0], l->width) &&
              on_screen(v[1], l->height) && small(v[2]));
        break;

    default:
        CHECK(false);
    }
}

/* Every byte of both pages is what it was, or what it may have become. */
static void pump(struct world *w)
{
    struct fbc_kbdring old = w->r;
    uint8_t *guest = malloc(FBC_PAGE), *dom0 = malloc(FBC_PAGE);
    uint32_t s_prod = fbc_get32(w->dom0 + FBC_KBDIF_IN_PROD);
    uint32_t cons = fbc_get32(w->guest + FBC_KBDIF_IN_CONS);
    uint64_t put, taken, i;
    unsigned int done;

    CHECK(guest && dom0);
    memcpy(guest, w->guest, FBC_PAGE);
    memcpy(dom0, w->dom0, FBC_PAGE);
    done = fbc_kbdring_pump(&w->r, w->guest, w->dom0, &w->limits, &w->box, 0);

    put = w->r.passed - old.passed;
    taken = put + w->r.dropped - old.dropped;
    CHECK(taken <= FBC_KBDIF_IN_LEN);
    CHECK(w->r.prod == old.prod + (uint32_t)put);
    CHECK(!!(done & FBC_KBDRING_TELL_GUEST) == !!put);
    CHECK(!!(done & FBC_KBDRING_TELL_DOM0) == (w->r.s_cons != old.s_cons));
    if ( s_prod - old.s_cons > FBC_KBDIF_IN_LEN )
        CHECK(w->r.lost == old.lost + 1 && !taken && w->r.s_cons == s_prod);
    else
        CHECK(w->r.lost == old.lost &&
              w->r.s_cons == old.s_cons + (uint32_t)taken);

    if ( put )
    {
        CHECK(w->r.prod - cons <= FBC_KBDIF_IN_LEN);
        fbc_put32(guest + FBC_KBDIF_IN_PROD, w->r.prod);
    }
    for ( i = 0; i < put; i++ )
    {
        uint32_t at = slot(old.prod + (uint32_t)i);

        check_event(w->guest + at, &w->limits);
        memcpy(guest + at, w->guest + at, FBC_KBDIF_EVENT_LEN);
    }
    fbc_put32(guest + FBC_KBDIF_OUT_CONS,
              fbc_get32(guest + FBC_KBDIF_OUT_PROD));
    if ( w->r.s_cons != old.s_cons )
        fbc_put32(dom0 + FBC_KBDIF_IN_CONS, w->r.s_cons);
    CHECK(!memcmp(w->guest, guest, FBC_PAGE));
    CHECK(!memcmp(w->dom0, dom0, FBC_PAGE));
    free(guest);
    free(dom0);
}

static void jump(struct world *w, uint32_t v)
{
    fbc_put32(w->guest + FBC_KBDIF_IN_CONS, v);
    fbc_put32(w->guest + FBC_KBDIF_IN_PROD, v);
    fbc_put32(w->dom0 + FBC_KBDIF_IN_CONS, v);
    fbc_put32(w->dom0 + FBC_KBDIF_IN_PROD, v);
    fbc_kbdring_init(&w->r, w->guest);
    CHECK(w->r.prod == v && !w->r.passed && !w->r.s_cons);
    w->r.s_cons = v;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct in in = { data, size };
    struct world w = { calloc(1, FBC_PAGE), calloc(1, FBC_PAGE),
                       .limits = { 800, 600 },
                       .box = { .mode = FBC_INPUTBOX_PLAIN } };
    uint32_t at, v;

    CHECK(w.guest && w.dom0);
    fbc_kbdring_init(&w.r, w.guest);

    while ( in.left )
        switch ( (enum op)(u8(&in) % OPS) )
        {
        case OP_GUEST_WORD:
            at = place(&in);
            fbc_put32(w.guest + at, u32(&in));
            break;

        case OP_DOM0_WORD:
            at = place(&in);
            fbc_put32(w.dom0 + at, u32(&in));
            break;

        case OP_GUEST_NEAR:
            at = place(&in);
            fbc_put32(w.guest + at, w.r.prod + (uint32_t)(int8_t)u8(&in));
            break;

        case OP_DOM0_NEAR:
            at = place(&in);
            fbc_put32(w.dom0 + at, w.r.s_cons + (uint32_t)(int8_t)u8(&in));
            break;

        case OP_EVENT:
            event(&in, &w);
            break;

        case OP_PUMP:
            pump(&w);
            break;

        case OP_GUEST_TAKE:
            v = fbc_get32(w.guest + FBC_KBDIF_IN_CONS);
            if ( v != fbc_get32(w.guest + FBC_KBDIF_IN_PROD) )
                fbc_put32(w.guest + FBC_KBDIF_IN_CONS, v + 1);
            break;

        case OP_LIMITS:
            w.limits.width = u32(&in);
            w.limits.height = u32(&in);
            break;

        case OP_JUMP:
            jump(&w, u32(&in));
            break;

        case OPS:
            break;
        }
    free(w.guest);
    free(w.dom0);

    return 0;
}
