/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A tenant who sends in one slot, a guest, and a dom0 between them: every
 * event that the guest gets is compared with what the tenant sealed.
 */
#ifndef FBC_TEST_INPUTWORLD_H
#define FBC_TEST_INPUTWORLD_H

#include "core/fbif.h"
#include "core/kbdring.h"
#include "must.h"

#define IW_W       800              /* the guest's screen, and its shadow */
#define IW_H       600
#define IW_SW      800
#define IW_SH      639
#define IW_RECORDS 32               /* a connection has, at most */
#define IW_CONNS   4                /* kept for replays */

struct iw_conn {
    struct fbc_input_conn conn;
    uint64_t seq;
    uint8_t hello[FBC_INPUT_RECORD_LEN];
    unsigned int sealed;
    struct fbc_input in[IW_RECORDS];
    uint8_t record[IW_RECORDS][FBC_INPUT_RECORD_LEN];
};

struct iw {
    uint8_t *guest, *dom0;
    struct fbc_kbdring r;
    struct fbc_inputbox box;
    struct fbc_kbdif_limits limits;
    uint64_t now;
    uint64_t got;                   /* events of records, checked */
    uint8_t key[FBC_KEY_LEN];
    unsigned int slot, conns;       /* the newest is conns - 1 */
    struct iw_conn conn[IW_CONNS];
};

/* Events as a list; what is expected, or what came. */
struct iw_events {
    unsigned int nr;
    struct {
        uint8_t type, pressed;
        uint32_t a, b, c;
    } ev[FBC_KBDIF_IN_LEN + 16];
};

static inline void iw_add(struct iw_events *e, uint8_t type, uint8_t pressed,
                          uint32_t a, uint32_t b, uint32_t c)
{
    if ( e->nr < sizeof(e->ev) / sizeof(e->ev[0]) )
    {
        e->ev[e->nr].type = type;
        e->ev[e->nr].pressed = pressed;
        e->ev[e->nr].a = a;
        e->ev[e->nr].b = b;
        e->ev[e->nr].c = c;
        e->nr++;
    }
}

static inline void iw_buttons(struct iw_events *e, uint8_t *held, uint8_t now)
{
    unsigned int i;

    for ( i = 0; i < 8; i++ )
        if ( (*held ^ now) & 1u << i )
            iw_add(e, FBC_KBDIF_KEY, !!(now & 1u << i), 0x110 + i, 0, 0);
    *held = now;
}

/* What a record means to the guest, said a second time. */
static inline void iw_means(struct iw_events *e, const struct fbc_input *in,
                            uint8_t *held)
{
    switch ( in->kind )
    {
    case FBC_INPUT_KEY:
        iw_add(e, FBC_KBDIF_KEY, in->key[0].down, in->key[0].code, 0, 0);
        if ( in->key[1].code )
            iw_add(e, FBC_KBDIF_KEY, in->key[1].down, in->key[1].code, 0, 0);
        break;

    case FBC_INPUT_POINTER:
        if ( in->x >= IW_W || in->y >= IW_H )
            break;
        iw_add(e, FBC_KBDIF_POS, 0, in->x, in->y, 0u - (uint32_t)in->wheel);
        iw_buttons(e, held, in->buttons);
        break;

    case FBC_INPUT_CHALLENGE:
        break;

    case FBC_INPUT_BYE:
        iw_buttons(e, held, 0);
        break;
    }
}

static inline uint8_t *iw_slot(uint8_t *page, uint32_t index)
{
    return page + FBC_KBDIF_IN_OFF + index % FBC_KBDIF_IN_LEN *
           FBC_KBDIF_EVENT_LEN;
}

/* False: this connection has all that it can have. */
static inline bool iw_seal(struct iw *w, const struct fbc_input *in)
{
    struct iw_conn *c = &w->conn[w->conns - 1];

    if ( c->sealed == IW_RECORDS )
        return false;
    MUST(!fbc_input_seal(&c->conn, c->sealed + 1, in, c->record[c->sealed]));
    c->in[c->sealed++] = *in;

    return true;
}

static inline void iw_free(struct iw *w)
{
    free(w->guest);
    free(w->dom0);
}

/* dom0 puts an event on its ring, full or not. */
static inline void iw_event(struct iw *w, uint8_t type, uint8_t pressed,
                            uint32_t a, uint32_t b)
{
    uint32_t prod = fbc_get32(w->dom0 + FBC_KBDIF_IN_PROD);
    uint8_t *ev = iw_slot(w->dom0, prod);

    memset(ev, 0xff, FBC_KBDIF_EVENT_LEN);
    ev[0] = type;
    ev[1] = pressed;
    fbc_put32(ev + 4, a);
    fbc_put32(ev + 8, b);
    fbc_put32(ev + 12, 0);
    fbc_put32(w->dom0 + FBC_KBDIF_IN_PROD, prod + 1);
}

/* Points first to end - 1 of a record. */
static inline void iw_points(struct iw *w, const uint8_t *record,
                             unsigned int first, unsigned int end)
{
    struct fbc_point p[FBC_CARRIER_POINTS];

    MUST(!fbc_carrier_points(record, IW_SW, IW_SH, p));
    for ( ; first < end; first++ )
        iw_event(w, FBC_KBDIF_POS, 0, p[first].x, p[first].y);
}

static inline bool iw_same(const struct iw_events *a,
                           const struct iw_events *b)
{
    unsigned int i;

    if ( a->nr != b->nr )
        return false;
    for ( i = 0; i < a->nr; i++ )
        if ( a->ev[i].type != b->ev[i].type ||
             a->ev[i].pressed != b->ev[i].pressed ||
             a->ev[i].a != b->ev[i].a || a->ev[i].b != b->ev[i].b ||
             a->ev[i].c != b->ev[i].c )
            return false;

    return true;
}

static inline struct iw_conn *iw_find(struct iw *w, uint64_t seq)
{
    unsigned int i;

    for ( i = 0; i < w->conns; i++ )
        if ( w->conn[i].seq == seq )
            return &w->conn[i];

    return NULL;
}

/* Records from + 1 to to of c, NULL: there are none. */
static inline void iw_span(struct iw_events *e, const struct iw_conn *c,
                           uint64_t from, uint64_t to, uint8_t *held)
{
    for ( ; c && from < to; from++ )
        iw_means(e, &c->in[from], held);
}

/*
 * The hypervisor's turn.  What came is what the connection that was there had
 * next, then, if there is another one now, what that one had from its first
 * record on.
 */
static inline unsigned int iw_pump(struct iw *w)
{
    struct fbc_inputslot old = w->box.slot[w->slot], *s;
    struct iw_conn *was = iw_find(w, old.seq), *is;
    struct iw_events came = { 0 }, want;
    uint32_t i = w->r.prod;
    unsigned int done;
    uint64_t n;
    uint8_t held;

    done = fbc_kbdring_pump(&w->r, w->guest, w->dom0, &w->limits, &w->box,
                            w->now);
    MUST(w->r.prod - i <= FBC_KBDIF_IN_LEN);
    MUST(!w->r.dropped);
    for ( ; i != w->r.prod; i++ )
    {
        const uint8_t *ev = iw_slot(w->guest, i);

        iw_add(&came, ev[0], ev[1], fbc_get32(ev + 4), fbc_get32(ev + 8),
               fbc_get32(ev + 12));
        w->got++;
    }

    s = &w->box.slot[w->slot];
    if ( s->hello == old.hello )
    {
        want.nr = 0;
        held = old.buttons;
        MUST(s->counter >= old.counter);
        iw_span(&want, was, old.counter, s->counter, &held);
        MUST(s->counter == old.counter || was);
        MUST(iw_same(&want, &came) && held == s->buttons);
        return done;
    }

    MUST(s->hello > old.hello);
    is = iw_find(w, s->hello);
    MUST(is && s->counter <= is->sealed);
    for ( n = old.counter; n <= (was ? was->sealed : old.counter); n++ )
    {
        want.nr = 0;
        held = old.buttons;
        iw_span(&want, was, old.counter, n, &held);
        iw_buttons(&want, &held, 0);
        iw_span(&want, is, 0, s->counter, &held);
        if ( iw_same(&want, &came) && held == s->buttons )
            return done;
    }
    /* Two hellos in one turn: only what the last one's had can be told. */
    want.nr = 0;
    held = 0;
    iw_span(&want, is, 0, s->counter, &held);
    MUST(want.nr <= came.nr && held == s->buttons);
    memmove(came.ev, came.ev + (came.nr - want.nr),
            want.nr * sizeof(came.ev[0]));
    came.nr = want.nr;
    MUST(iw_same(&want, &came));

    return done;
}

/*
 * The tenant connects anew.  Of a connection that is forgotten nothing may be
 * under way: nobody could say what it was.
 */
static inline void iw_connect(struct iw *w)
{
    struct iw_conn *c;
    uint64_t seq = w->conns ? w->conn[w->conns - 1].seq : 1000;

    if ( w->conns == IW_CONNS )
    {
        (void)iw_pump(w);
        memset(&w->box.carrier, 0, sizeof(w->box.carrier));
        memset(w->dom0 + FBC_KBDIF_IN_OFF, 0,
               FBC_KBDIF_IN_LEN * FBC_KBDIF_EVENT_LEN);
        memmove(w->conn, w->conn + 1, sizeof(w->conn) - sizeof(w->conn[0]));
        w->conns--;
    }
    c = &w->conn[w->conns++];
    memset(c, 0, sizeof(*c));
    c->seq = fbc_input_seq(seq + 7);
    MUST(!fbc_input_hello(w->key, w->slot, c->seq, &c->conn, c->hello));
}

static inline void iw_new(struct iw *w, enum fbc_inputbox_mode mode)
{
    memset(w, 0, sizeof(*w));
    w->guest = calloc(1, FBC_PAGE);
    w->dom0 = calloc(1, FBC_PAGE);
    MUST(w->guest && w->dom0);
    w->limits = (struct fbc_kbdif_limits){ IW_W, IW_H };
    w->now = 5;
    memset(w->key, 0x5a, sizeof(w->key));
    w->slot = 3;
    fbc_kbdring_init(&w->r, w->guest);
    fbc_inputbox_session(&w->box, mode);
    fbc_inputbox_epoch(&w->box, w->key, IW_SW, IW_SH);
    iw_connect(w);
}

static inline void iw_guest_takes(struct iw *w, uint32_t n)
{
    uint32_t cons = fbc_get32(w->guest + FBC_KBDIF_IN_CONS);
    uint32_t there = fbc_get32(w->guest + FBC_KBDIF_IN_PROD) - cons;

    fbc_put32(w->guest + FBC_KBDIF_IN_CONS, cons + (n < there ? n : there));
}

/* A record out of any number, so that most fields take part. */
static inline struct fbc_input iw_input(uint32_t v)
{
    struct fbc_input in = { .kind = FBC_INPUT_KEY };

    switch ( v % 8 )
    {
    case 0:
        in.kind = FBC_INPUT_CHALLENGE;
        in.challenge = 1 + v;
        break;

    case 1:
        in.kind = v & 0x300 ? FBC_INPUT_POINTER : FBC_INPUT_BYE;
        in.x = v & 0x300 ? IW_W - 1 : 0;
        break;

    case 2: case 3: case 4:
        in.kind = FBC_INPUT_POINTER;
        in.x = (uint16_t)(v / 8 % (IW_W + 4));
        in.y = (uint16_t)(v / 64 % (IW_H + 4));
        in.buttons = (uint8_t)(v / 512);
        in.wheel = (int8_t)(v / 4096 % 16 - 8);
        break;

    case 5:
        in.key[1].code = (uint16_t)(1 + v / 4096 % (FBC_KBDIF_KEYS - 1));
        in.key[1].down = v & 32;
        /* fallthrough */
    default:
        in.key[0].code = (uint16_t)(1 + v / 16 % (FBC_KBDIF_KEYS - 1));
        in.key[0].down = v & 8;
        break;
    }

    return in;
}

#endif /* FBC_TEST_INPUTWORLD_H */
