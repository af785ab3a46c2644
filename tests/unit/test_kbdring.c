/* SPDX-License-Identifier: GPL-2.0-only */
/* The event ring of a xenkbd page and of its shadow, and what passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/fbif.h"
#include "core/kbdring.h"

#define BOTH (FBC_KBDRING_TELL_GUEST | FBC_KBDRING_TELL_DOM0)
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct pair {
    uint8_t *guest, *dom0;
    struct fbc_kbdring r;
    struct fbc_kbdif_limits limits;
    struct fbc_inputbox box;
};

static struct pair pair_new(uint32_t guest_index)
{
    struct pair p = { calloc(1, FBC_PAGE), calloc(1, FBC_PAGE),
                      .limits = { 800, 600 },
                      .box = { .mode = FBC_INPUTBOX_PLAIN } };

    assert_non_null(p.guest);
    assert_non_null(p.dom0);
    fbc_put32(p.guest + FBC_KBDIF_IN_CONS, guest_index);
    fbc_put32(p.guest + FBC_KBDIF_IN_PROD, guest_index);
    memset(&p.r, 0xa5, sizeof(p.r));
    fbc_kbdring_init(&p.r, p.guest);

    return p;
}

static void pair_free(struct pair *p)
{
    free(p->guest);
    free(p->dom0);
}

static unsigned int pump(struct pair *p)
{
    return fbc_kbdring_pump(&p->r, p->guest, p->dom0, &p->limits, &p->box,
                            0);
}

static uint8_t *slot(uint8_t *page, uint32_t index)
{
    return page + FBC_KBDIF_IN_OFF + index % FBC_KBDIF_IN_LEN *
           FBC_KBDIF_EVENT_LEN;
}

/* A backend, as QEMU's xenfb_kbd_event(). */
static bool dom0_send(uint8_t *p, const uint8_t *ev)
{
    uint32_t prod = fbc_get32(p + FBC_KBDIF_IN_PROD);

    if ( prod - fbc_get32(p + FBC_KBDIF_IN_CONS) == FBC_KBDIF_IN_LEN )
        return false;
    memcpy(slot(p, prod), ev, FBC_KBDIF_EVENT_LEN);
    fbc_put32(p + FBC_KBDIF_IN_PROD, prod + 1);

    return true;
}

/* An event whose place in the sequence can be told: 0x2ff of them. */
static bool dom0_key(uint8_t *p, uint32_t number)
{
    uint8_t ev[FBC_KBDIF_EVENT_LEN] = { FBC_KBDIF_KEY, 1 };

    fbc_put32(ev + 4, 1 + number % (FBC_KBDIF_KEYS - 1));

    return dom0_send(p, ev);
}

static bool dom0_bad(uint8_t *p)
{
    static const uint8_t ev[FBC_KBDIF_EVENT_LEN] = { 99 };

    return dom0_send(p, ev);
}

/* A frontend, as Linux's input_handler(), one event. */
static bool guest_take(uint8_t *p, uint8_t ev[FBC_KBDIF_EVENT_LEN])
{
    uint32_t cons = fbc_get32(p + FBC_KBDIF_IN_CONS);

    if ( cons == fbc_get32(p + FBC_KBDIF_IN_PROD) )
        return false;
    memcpy(ev, slot(p, cons), FBC_KBDIF_EVENT_LEN);
    fbc_put32(p + FBC_KBDIF_IN_CONS, cons + 1);

    return true;
}

/* Fails unless the next event is number. */
static void guest_key(uint8_t *p, uint32_t number)
{
    uint8_t ev[FBC_KBDIF_EVENT_LEN];

    assert_true(guest_take(p, ev));
    assert_int_equal(ev[0], FBC_KBDIF_KEY);
    assert_int_equal(fbc_get32(ev + 4), 1 + number % (FBC_KBDIF_KEYS - 1));
}

/* Events waiting on a page's in ring. */
static uint32_t waiting(const uint8_t *p)
{
    return fbc_get32(p + FBC_KBDIF_IN_PROD) -
           fbc_get32(p + FBC_KBDIF_IN_CONS);
}

static void in_order(void **state)
{
    struct pair p = pair_new(0);
    uint32_t sent = 0, got = 0, i, n;

    (void)state;
    assert_int_equal(pump(&p), 0);
    for ( i = 0; i < 1000; i++ )
    {
        uint32_t before = waiting(p.dom0), was = waiting(p.guest), moved;
        unsigned int done;

        for ( n = i * 37 % 60; n-- && dom0_key(p.dom0, sent); sent++ )
            before++;
        done = pump(&p);
        moved = before - waiting(p.dom0);
        assert_int_equal(done, moved ? BOTH : 0);
        assert_int_equal(waiting(p.guest), was + moved);
        for ( n = i * 23 % 60; n-- && got < p.r.passed; got++ )
            guest_key(p.guest, got);
    }
    assert_true(got > 20000);
    assert_int_equal(p.r.passed, sent - waiting(p.dom0));
    assert_int_equal(p.r.dropped, 0);
    assert_int_equal(p.r.lost, 0);
    pair_free(&p);
}

/* Type, second byte, three words; 800 x 600. */
struct said {
    uint8_t type, second;
    uint32_t word[3];
    bool passes;
};

#define NEG(n) ((uint32_t)-(n))

static const struct said said[] = {
    { FBC_KBDIF_KEY, 1, { 1 }, true },
    { FBC_KBDIF_KEY, 0, { 30 }, true },
    { FBC_KBDIF_KEY, 2, { 30 }, true },
    { FBC_KBDIF_KEY, 255, { 0x110 }, true },
    { FBC_KBDIF_KEY, 1, { 0x2ff }, true },
    { FBC_KBDIF_KEY, 1, { 0 }, false },
    { FBC_KBDIF_KEY, 1, { 0x300 }, false },
    { FBC_KBDIF_KEY, 0, { 0x10001 }, false },
    { FBC_KBDIF_KEY, 1, { 0x7fffffff }, false },
    { FBC_KBDIF_KEY, 1, { 0xffffffff }, false },

    { FBC_KBDIF_POS, 0, { 0, 0, 0 }, true },
    { FBC_KBDIF_POS, 0, { 799, 599, 0 }, true },
    { FBC_KBDIF_POS, 0, { 1, 2, NEG(1) }, true },
    { FBC_KBDIF_POS, 0, { 1, 2, 32767 }, true },
    { FBC_KBDIF_POS, 0, { 1, 2, NEG(32767) }, true },
    { FBC_KBDIF_POS, 0, { 1, 2, 32768 }, false },
    { FBC_KBDIF_POS, 0, { 1, 2, NEG(32768) }, false },
    { FBC_KBDIF_POS, 0, { 800, 0, 0 }, false },
    { FBC_KBDIF_POS, 0, { 0, 600, 0 }, false },
    { FBC_KBDIF_POS, 0, { NEG(1), 0, 0 }, false },
    { FBC_KBDIF_POS, 0, { 0, NEG(1), 0 }, false },
    { FBC_KBDIF_POS, 0, { 0x80000000, 0, 0 }, false },

    { FBC_KBDIF_MOTION, 0, { 0, 0, 0 }, true },
    { FBC_KBDIF_MOTION, 0, { 32767, NEG(32767), NEG(1) }, true },
    { FBC_KBDIF_MOTION, 0, { 32768, 0, 0 }, false },
    { FBC_KBDIF_MOTION, 0, { 0, NEG(32768), 0 }, false },
    { FBC_KBDIF_MOTION, 0, { 0, 0, 0x7fffffff }, false },
    { FBC_KBDIF_MOTION, 0, { 0x80000000, 0, 0 }, false },

    { FBC_KBDIF_MTOUCH, 0, { 0, 1, 1 }, false },
    { FBC_KBDIF_MTOUCH, 3, { 0, 0, 0 }, false },
    { 0, 1, { 30 }, false },
    { 2, 1, { 30 }, false },
    { 6, 1, { 30 }, false },
    { 0x83, 1, { 30 }, false },
    { 255, 1, { 30 }, false },
};

/* Each reserved byte of dom0's event is set; the guest sees none of them. */
static void checked(void **state)
{
    uint8_t raw[FBC_KBDIF_EVENT_LEN], ev[FBC_KBDIF_EVENT_LEN];
    uint8_t want[FBC_KBDIF_EVENT_LEN];
    struct pair p = pair_new(0);
    uint64_t passed = 0, i;
    unsigned int w, words;

    (void)state;
    for ( i = 0; i < COUNT(said); i++ )
    {
        const struct said *s = &said[i];
        bool key = s->type == FBC_KBDIF_KEY;

        words = key ? 1 : 3;
        memset(raw, 0xff, sizeof(raw));
        memset(want, 0, sizeof(want));
        raw[0] = want[0] = s->type;
        if ( key )
        {
            raw[1] = s->second;
            want[1] = s->second ? 1 : 0;
        }
        for ( w = 0; w < words; w++ )
        {
            fbc_put32(raw + 4 + w * 4, s->word[w]);
            fbc_put32(want + 4 + w * 4, s->word[w]);
        }

        memset(slot(p.guest, p.r.prod), 0xee, FBC_KBDIF_EVENT_LEN);
        assert_true(dom0_send(p.dom0, raw));
        assert_int_equal(pump(&p), s->passes ? BOTH : FBC_KBDRING_TELL_DOM0);
        passed += s->passes;
        assert_int_equal(p.r.passed, passed);
        assert_int_equal(p.r.dropped, i + 1 - passed);
        assert_int_equal(waiting(p.dom0), 0);
        assert_int_equal(guest_take(p.guest, ev), s->passes);
        if ( s->passes )
            assert_memory_equal(ev, want, sizeof(ev));
        else
            assert_int_equal(slot(p.guest, p.r.prod)[0], 0xee);
    }
    pair_free(&p);
}

static bool at(uint32_t width, uint32_t height, uint32_t x, uint32_t y)
{
    struct fbc_kbdif_limits limits = { width, height };
    uint8_t raw[FBC_KBDIF_USED_LEN] = { FBC_KBDIF_POS };
    uint8_t ev[FBC_KBDIF_EVENT_LEN];

    fbc_put32(raw + 4, x);
    fbc_put32(raw + 8, y);

    return fbc_kbdif_event(raw, &limits, ev);
}

static void limits(void **state)
{
    (void)state;
    assert_true(at(0, 0, 32767, 32767));
    assert_false(at(0, 0, 32768, 0));
    assert_false(at(0, 0, 0, 32768));
    assert_false(at(0, 0, 0xffffffff, 0));
    assert_true(at(1, 0, 0, 32767));
    assert_false(at(1, 0, 1, 0));
    assert_true(at(0, 1, 32767, 0));
    assert_false(at(0, 1, 0, 1));
    /* Nothing that the caller says lets more pass. */
    assert_true(at(0xffffffff, 0xffffffff, 32767, 32767));
    assert_false(at(0xffffffff, 0xffffffff, 32768, 0));
    assert_false(at(0xffffffff, 0xffffffff, 0, 0x80000000));
}

static void guest_full(void **state)
{
    struct pair p = pair_new(7);
    uint32_t i;

    (void)state;
    for ( i = 0; dom0_key(p.dom0, i); i++ )
        ;
    assert_int_equal(i, FBC_KBDIF_IN_LEN);
    assert_int_equal(pump(&p), BOTH);
    assert_int_equal(waiting(p.guest), FBC_KBDIF_IN_LEN);

    /* As many stay on the shadow's ring; then dom0 sees it full. */
    for ( ; dom0_key(p.dom0, i); i++ )
        assert_int_equal(pump(&p), 0);
    assert_int_equal(i, 2 * FBC_KBDIF_IN_LEN);
    assert_int_equal(waiting(p.dom0), FBC_KBDIF_IN_LEN);
    assert_int_equal(p.r.passed, FBC_KBDIF_IN_LEN);

    /* Room for one, for some, for all. */
    guest_key(p.guest, 0);
    assert_int_equal(pump(&p), BOTH);
    assert_int_equal(waiting(p.dom0), FBC_KBDIF_IN_LEN - 1);
    assert_int_equal(pump(&p), 0);
    for ( i = 1; i < 11; i++ )
        guest_key(p.guest, i);
    assert_int_equal(pump(&p), BOTH);
    assert_int_equal(waiting(p.dom0), FBC_KBDIF_IN_LEN - 11);
    for ( ; waiting(p.guest); i++ )
        guest_key(p.guest, i);
    assert_int_equal(pump(&p), BOTH);
    assert_int_equal(waiting(p.dom0), 0);
    for ( ; waiting(p.guest); i++ )
        guest_key(p.guest, i);
    assert_int_equal(i, 2 * FBC_KBDIF_IN_LEN);
    assert_int_equal(p.r.dropped, 0);
    pair_free(&p);
}

/* Whatever is bad waits, too: a full ring is a full ring. */
static void bounded(void **state)
{
    struct pair p = pair_new(0);
    uint32_t i;

    (void)state;
    for ( i = 0; dom0_bad(p.dom0); i++ )
        ;
    assert_int_equal(pump(&p), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(p.r.dropped, FBC_KBDIF_IN_LEN);
    assert_int_equal(waiting(p.guest), 0);

    for ( i = 0; dom0_key(p.dom0, i); i++ )
        ;
    assert_int_equal(pump(&p), BOTH);
    assert_true(dom0_bad(p.dom0));
    assert_int_equal(pump(&p), 0);
    assert_int_equal(p.r.dropped, FBC_KBDIF_IN_LEN);
    guest_key(p.guest, 0);
    assert_int_equal(pump(&p), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(p.r.dropped, FBC_KBDIF_IN_LEN + 1);
    pair_free(&p);
}

static const uint32_t senseless[] = {
    FBC_KBDIF_IN_LEN + 1, 1000, 0x7fffffff, 0x80000000, 0xffffffff,
};

static void guest_garbage(void **state)
{
    struct pair p = pair_new(1000);
    size_t i;

    (void)state;
    for ( i = 0; i < COUNT(senseless); i++ )
    {
        uint32_t n = (uint32_t)p.r.passed;

        assert_true(dom0_key(p.dom0, n));
        fbc_put32(p.guest + FBC_KBDIF_IN_CONS, p.r.prod - senseless[i]);
        assert_int_equal(pump(&p), 0);
        assert_int_equal(waiting(p.dom0), 1);
        assert_int_equal(fbc_get32(p.guest + FBC_KBDIF_IN_PROD), p.r.prod);

        /* And on it goes; where the event goes is our own to say. */
        fbc_put32(p.guest + FBC_KBDIF_IN_CONS, p.r.prod);
        fbc_put32(p.guest + FBC_KBDIF_IN_PROD, 0xdeadbeef);
        assert_int_equal(pump(&p), BOTH);
        assert_int_equal(fbc_get32(p.guest + FBC_KBDIF_IN_PROD), p.r.prod);
        guest_key(p.guest, n);
    }
    assert_int_equal(p.r.passed, COUNT(senseless));
    assert_int_equal(p.r.lost, 0);
    pair_free(&p);
}

static void dom0_garbage(void **state)
{
    struct pair p = pair_new(0);
    size_t i;

    (void)state;
    for ( i = 0; i < COUNT(senseless); i++ )
    {
        uint32_t prod = p.r.s_cons + senseless[i];

        fbc_put32(p.dom0 + FBC_KBDIF_IN_PROD, prod);
        assert_int_equal(pump(&p), FBC_KBDRING_TELL_DOM0);
        assert_int_equal(p.r.lost, i + 1);
        assert_int_equal(fbc_get32(p.dom0 + FBC_KBDIF_IN_CONS), prod);
        assert_int_equal(waiting(p.guest), 0);
        assert_int_equal(pump(&p), 0);

        assert_true(dom0_key(p.dom0, (uint32_t)i));
        assert_int_equal(pump(&p), BOTH);
        guest_key(p.guest, (uint32_t)i);
    }
    assert_int_equal(p.r.dropped, 0);

    /* Exactly a ring's worth makes sense. */
    fbc_put32(p.dom0 + FBC_KBDIF_IN_PROD, p.r.s_cons + FBC_KBDIF_IN_LEN);
    (void)pump(&p);
    assert_int_equal(p.r.lost, COUNT(senseless));
    assert_int_equal(p.r.passed + p.r.dropped,
                     COUNT(senseless) + FBC_KBDIF_IN_LEN);

    /* dom0 cannot have an event twice by moving its index back. */
    for ( i = 0; i < 3; i++ )
        guest_take(p.guest, (uint8_t[FBC_KBDIF_EVENT_LEN]){ 0 });
    fbc_put32(p.dom0 + FBC_KBDIF_IN_CONS, p.r.s_cons - 3);
    assert_int_equal(pump(&p), 0);
    pair_free(&p);
}

/*
 * Indices run over 2^32, which is no multiple of 51: the slot jumps there, and
 * no event that the guest has not taken is overwritten.
 */
static void wraps(void **state)
{
    uint32_t lag, start = (uint32_t)-200;

    (void)state;
    for ( lag = 1; lag <= FBC_KBDIF_IN_LEN; lag++ )
    {
        struct pair p = pair_new(start);
        uint32_t sent = 0, got = 0;

        while ( got < 400 )
        {
            while ( sent - got < lag && dom0_key(p.dom0, sent) )
            {
                sent++;
                (void)pump(&p);
            }
            (void)pump(&p);
            guest_key(p.guest, got);
            got++;
        }
        assert_int_equal(p.r.passed, sent - waiting(p.dom0));
        pair_free(&p);
    }

    /* The shadow's: one by one, as events come. */
    {
        struct pair p = pair_new(0);

        p.r.s_cons = start;
        fbc_put32(p.dom0 + FBC_KBDIF_IN_CONS, start);
        fbc_put32(p.dom0 + FBC_KBDIF_IN_PROD, start);
        for ( lag = 0; lag < 400; lag++ )
        {
            assert_true(dom0_key(p.dom0, lag));
            assert_int_equal(pump(&p), BOTH);
            guest_key(p.guest, lag);
        }
        assert_int_equal(p.r.s_cons, start + 400);
        pair_free(&p);
    }
}

/* Apart from the ring's slots, three words are all that is ever written. */
static void touched(void **state)
{
    struct pair p = pair_new(0);
    uint8_t *guest = malloc(FBC_PAGE), *dom0 = malloc(FBC_PAGE);
    uint32_t i;

    (void)state;
    memset(p.guest, 0x33, FBC_PAGE);
    memset(p.dom0, 0x44, FBC_PAGE);
    fbc_put32(p.guest + FBC_KBDIF_IN_CONS, 5);
    fbc_put32(p.guest + FBC_KBDIF_IN_PROD, 5);
    fbc_put32(p.guest + FBC_KBDIF_OUT_CONS, 3);
    fbc_put32(p.guest + FBC_KBDIF_OUT_PROD, 0xfffffff0);
    memset(p.dom0, 0, 16);
    fbc_kbdring_init(&p.r, p.guest);
    for ( i = 0; i < 10; i++ )
        assert_true(dom0_key(p.dom0, i));
    memcpy(guest, p.guest, FBC_PAGE);
    memcpy(dom0, p.dom0, FBC_PAGE);
    assert_int_equal(pump(&p), BOTH);

    /* What the guest had to say is acknowledged; dom0 does not see it. */
    assert_int_equal(fbc_get32(p.guest + FBC_KBDIF_OUT_CONS), 0xfffffff0);
    fbc_put32(guest + FBC_KBDIF_OUT_CONS, 0xfffffff0);
    fbc_put32(guest + FBC_KBDIF_IN_PROD, 15);
    for ( i = 5; i < 15; i++ )
        memcpy(slot(guest, i), slot(p.guest, i), FBC_KBDIF_EVENT_LEN);
    fbc_put32(dom0 + FBC_KBDIF_IN_CONS, 10);
    assert_memory_equal(p.guest, guest, FBC_PAGE);
    assert_memory_equal(p.dom0, dom0, FBC_PAGE);
    pair_free(&p);
    free(guest);
    free(dom0);
}

/* Unread events of before stay the guest's, and count as taken room. */
static void stale(void **state)
{
    struct pair p = pair_new(100);
    uint32_t i;

    (void)state;
    memset(slot(p.guest, 60), 0x77, FBC_KBDIF_EVENT_LEN);
    fbc_put32(p.guest + FBC_KBDIF_IN_CONS, 60);
    fbc_kbdring_init(&p.r, p.guest);
    assert_int_equal(p.r.passed + p.r.dropped + p.r.lost, 0);
    assert_int_equal(p.r.s_cons, 0);
    for ( i = 0; dom0_key(p.dom0, i); i++ )
        ;
    assert_int_equal(pump(&p), BOTH);
    assert_int_equal(p.r.passed, FBC_KBDIF_IN_LEN - 40);
    assert_int_equal(slot(p.guest, 60)[0], 0x77);
    assert_int_equal(waiting(p.dom0), 40);
    pair_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "events arrive once and in order, and who is to know is told",
          in_order, 0, 0, 0 },
        { "what passes is checked and written anew", checked, 0, 0, 0 },
        { "positions lie on the screen", limits, 0, 0, 0 },
        { "what finds no room waits, whole, on the shadow's ring",
          guest_full, 0, 0, 0 },
        { "a call does a ring's worth of work", bounded, 0, 0, 0 },
        { "the guest's senseless index stops the ring, and it goes on",
          guest_garbage, 0, 0, 0 },
        { "dom0's senseless indices empty the ring, and it goes on",
          dom0_garbage, 0, 0, 0 },
        { "indices run over 2^32", wraps, 0, 0, 0 },
        { "nothing else of either page is written", touched, 0, 0, 0 },
        { "a page with a past", stale, 0, 0, 0 },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
