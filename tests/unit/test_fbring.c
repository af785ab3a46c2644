/* SPDX-License-Identifier: GPL-2.0-only */
/* The event rings of a xenfb page and of its shadow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/fbring.h"

static uint8_t *page(void)
{
    uint8_t *p = calloc(1, FBC_PAGE);

    assert_non_null(p);

    return p;
}

static uint8_t *slot(uint8_t *p, uint32_t index)
{
    return p + FBC_FBIF_OUT_OFF + index % FBC_FBIF_OUT_LEN *
           FBC_FBIF_EVENT_LEN;
}

static uint32_t get(const uint8_t *p, uint32_t off)
{
    return fbc_get32(p + off);
}

/* A guest's frontend, as Linux's xenfb_send_event(). */
static bool guest_send(uint8_t *p, uint32_t number)
{
    uint32_t prod = get(p, FBC_FBIF_OUT_PROD);

    if ( prod - get(p, FBC_FBIF_OUT_CONS) == FBC_FBIF_OUT_LEN )
        return false;
    memset(slot(p, prod), 0x5a, FBC_FBIF_EVENT_LEN);
    fbc_put32(slot(p, prod), number);
    fbc_put32(p + FBC_FBIF_OUT_PROD, prod + 1);

    return true;
}

/* A backend, as QEMU's xenfb_handle_events(). */
static bool dom0_take(uint8_t *p, uint32_t *number)
{
    uint32_t cons = get(p, FBC_FBIF_OUT_CONS);

    if ( get(p, FBC_FBIF_OUT_PROD) == cons )
        return false;
    *number = fbc_get32(slot(p, cons));
    fbc_put32(p + FBC_FBIF_OUT_CONS, cons + 1);

    return true;
}

static void in_order(void **state)
{
    uint8_t *p = page(), ev[FBC_FBIF_EVENT_LEN];
    struct fbc_fbring r;
    uint32_t sent = 0, got = 0, i;

    (void)state;
    fbc_fbring_init(&r, p);
    assert_int_equal(fbc_fbring_take(&r, p, ev), FBC_FBRING_EMPTY);
    for ( i = 0; i < 1000; i++ )
    {
        uint32_t n = i * 37 % 60;

        while ( n-- && guest_send(p, sent) )
            sent++;
        for ( n = i * 23 % 60;
              n-- && fbc_fbring_take(&r, p, ev) == FBC_FBRING_EVENT; got++ )
        {
            assert_int_equal(fbc_get32(ev), got);
            assert_int_equal(ev[FBC_FBIF_EVENT_LEN - 1], 0x5a);
            assert_int_equal(get(p, FBC_FBIF_OUT_CONS), got + 1);
        }
    }
    assert_true(got > 20000);
    free(p);
}

/*
 * Indices run over 2^32, which is no multiple of 51: the slot jumps there.
 * Everybody computes it alike, so events that are taken one by one arrive.
 */
static void guest_wraps(void **state)
{
    uint8_t *p = page(), ev[FBC_FBIF_EVENT_LEN];
    struct fbc_fbring r;
    uint32_t i;

    (void)state;
    fbc_put32(p + FBC_FBIF_OUT_CONS, (uint32_t)-120);
    fbc_put32(p + FBC_FBIF_OUT_PROD, (uint32_t)-120);
    fbc_fbring_init(&r, p);
    for ( i = 0; i < 240; i++ )
    {
        assert_true(guest_send(p, i));
        assert_int_equal(fbc_fbring_take(&r, p, ev), FBC_FBRING_EVENT);
        assert_int_equal(fbc_get32(ev), i);
        assert_int_equal(fbc_fbring_take(&r, p, ev), FBC_FBRING_EMPTY);
    }
    assert_int_equal(r.cons, 120);

    /* A full ring across the wrap: as many events as were sent. */
    fbc_put32(p + FBC_FBIF_OUT_CONS, (uint32_t)-20);
    fbc_put32(p + FBC_FBIF_OUT_PROD, (uint32_t)-20);
    fbc_fbring_init(&r, p);
    for ( i = 0; guest_send(p, i); i++ )
        ;
    assert_int_equal(i, FBC_FBIF_OUT_LEN);
    for ( i = 0; fbc_fbring_take(&r, p, ev) == FBC_FBRING_EVENT; i++ )
        ;
    assert_int_equal(i, FBC_FBIF_OUT_LEN);
    free(p);
}

static void lost(void **state)
{
    static const uint32_t ahead[] = {
        FBC_FBIF_OUT_LEN + 1, 1000, 0x7fffffff, 0x80000000, 0xffffffff,
    };
    uint8_t *p = page(), ev[FBC_FBIF_EVENT_LEN];
    struct fbc_fbring r;
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++ )
    {
        memset(p, 0, FBC_PAGE);
        fbc_put32(p + FBC_FBIF_OUT_CONS, 100);
        fbc_fbring_init(&r, p);
        fbc_put32(p + FBC_FBIF_OUT_PROD, 100 + ahead[i]);
        memset(ev, 0xa5, sizeof(ev));
        assert_int_equal(fbc_fbring_take(&r, p, ev), FBC_FBRING_LOST);
        assert_int_equal(ev[0], 0xa5);
        assert_int_equal(r.cons, 100 + ahead[i]);
        assert_int_equal(get(p, FBC_FBIF_OUT_CONS), 100 + ahead[i]);
        assert_int_equal(fbc_fbring_take(&r, p, ev), FBC_FBRING_EMPTY);

        /* And on it goes. */
        assert_true(guest_send(p, 7));
        assert_int_equal(fbc_fbring_take(&r, p, ev), FBC_FBRING_EVENT);
        assert_int_equal(fbc_get32(ev), 7);
    }

    /* Exactly a ring's worth makes sense. */
    fbc_put32(p + FBC_FBIF_OUT_PROD, r.cons + FBC_FBIF_OUT_LEN);
    for ( i = 0; fbc_fbring_take(&r, p, ev) == FBC_FBRING_EVENT; i++ )
        ;
    assert_int_equal(i, FBC_FBIF_OUT_LEN);
    free(p);
}

/* Our own index counts, not what the guest writes over it. */
static void cons_is_ours(void **state)
{
    uint8_t *p = page(), ev[FBC_FBIF_EVENT_LEN];
    struct fbc_fbring r;

    (void)state;
    fbc_fbring_init(&r, p);
    assert_true(guest_send(p, 1));
    assert_true(guest_send(p, 2));
    fbc_put32(p + FBC_FBIF_OUT_CONS, 0xdeadbeef);
    assert_int_equal(fbc_fbring_take(&r, p, ev), FBC_FBRING_EVENT);
    assert_int_equal(fbc_get32(ev), 1);
    assert_int_equal(get(p, FBC_FBIF_OUT_CONS), 1);
    fbc_put32(p + FBC_FBIF_OUT_CONS, 0);
    assert_int_equal(fbc_fbring_take(&r, p, ev), FBC_FBRING_EVENT);
    assert_int_equal(fbc_get32(ev), 2);
    free(p);
}

static void put(struct fbc_fbring *r, uint8_t *p, uint32_t number)
{
    uint8_t ev[FBC_FBIF_EVENT_LEN] = { 0 };

    fbc_put32(ev, number);
    fbc_fbring_put(r, p, ev);
}

static void shadow_full(void **state)
{
    uint8_t *p = page();
    struct fbc_fbring r = { 0, 0 };
    uint32_t i, n;

    (void)state;
    for ( i = 0; fbc_fbring_room(&r, p); i++ )
        put(&r, p, i);
    assert_int_equal(i, FBC_FBIF_OUT_LEN);
    assert_int_equal(get(p, FBC_FBIF_OUT_PROD), FBC_FBIF_OUT_LEN);

    assert_true(dom0_take(p, &n));
    assert_int_equal(n, 0);
    assert_true(fbc_fbring_room(&r, p));
    put(&r, p, i);
    assert_false(fbc_fbring_room(&r, p));
    for ( i = 1; dom0_take(p, &n); i++ )
        assert_int_equal(n, i);
    assert_int_equal(i, FBC_FBIF_OUT_LEN + 1);
    free(p);
}

/* No event is overwritten where the slot jumps, however slow dom0 is. */
static void shadow_wraps(void **state)
{
    uint32_t lag, start = (uint32_t)-200;

    (void)state;
    for ( lag = 1; lag <= FBC_FBIF_OUT_LEN; lag++ )
    {
        uint8_t *p = page();
        struct fbc_fbring r = { 0, start };
        uint32_t sent = 0, got = 0, n;

        fbc_put32(p + FBC_FBIF_OUT_CONS, start);
        fbc_put32(p + FBC_FBIF_OUT_PROD, start);
        while ( got < 400 )
        {
            while ( sent - got < lag && fbc_fbring_room(&r, p) )
                put(&r, p, sent++);
            assert_true(dom0_take(p, &n));
            assert_int_equal(n, got);
            got++;
        }
        assert_int_equal(r.s_prod, start + sent);
        free(p);
    }
}

static void dom0_garbage(void **state)
{
    uint8_t *p = page();
    struct fbc_fbring r = { 0, 1000 };
    uint32_t i, n = 0, rooms = 0;

    (void)state;
    for ( i = 0; i < 100000; i++ )
    {
        n = n * 1664525 + 1013904223;
        fbc_put32(p + FBC_FBIF_OUT_CONS, n);
        fbc_put32(p + FBC_FBIF_OUT_PROD, ~n);
        rooms += fbc_fbring_room(&r, p);
    }
    assert_true(rooms < 10);

    /* More taken than was given. */
    fbc_put32(p + FBC_FBIF_OUT_CONS, 1001);
    assert_false(fbc_fbring_room(&r, p));
    fbc_put32(p + FBC_FBIF_OUT_CONS, 1000 - FBC_FBIF_OUT_LEN);
    assert_false(fbc_fbring_room(&r, p));
    fbc_put32(p + FBC_FBIF_OUT_CONS, 1001 - FBC_FBIF_OUT_LEN);
    assert_true(fbc_fbring_room(&r, p));

    /* Its own index, never dom0's, says where the next event goes. */
    fbc_put32(p + FBC_FBIF_OUT_PROD, 77);
    put(&r, p, 5);
    assert_int_equal(get(p, FBC_FBIF_OUT_PROD), 1001);
    assert_int_equal(fbc_get32(slot(p, 1000)), 5);
    free(p);
}

static void in_ring(void **state)
{
    uint8_t *p = page(), *before = page();

    (void)state;
    fbc_put32(p + FBC_FBIF_IN_PROD, 0xfffffff0);
    fbc_put32(p + FBC_FBIF_IN_CONS, 3);
    memset(p + FBC_FBIF_IN_OFF, 0xff, FBC_FBIF_IN_LEN * FBC_FBIF_EVENT_LEN);
    memcpy(before, p, FBC_PAGE);
    fbc_fbring_drop_in(p);
    assert_int_equal(get(p, FBC_FBIF_IN_CONS), 0xfffffff0);
    fbc_put32(p + FBC_FBIF_IN_CONS, 3);
    assert_memory_equal(p, before, FBC_PAGE);
    free(p);
    free(before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "a guest's events arrive once and in order", in_order, 0, 0, 0 },
        { "a guest's indices run over 2^32", guest_wraps, 0, 0, 0 },
        { "senseless indices empty the ring, and it goes on", lost, 0, 0, 0 },
        { "the guest cannot move our index", cons_is_ours, 0, 0, 0 },
        { "a full shadow ring takes nothing more", shadow_full, 0, 0, 0 },
        { "the shadow's indices run over 2^32", shadow_wraps, 0, 0, 0 },
        { "dom0's garbage moves nothing of ours", dom0_garbage, 0, 0, 0 },
        { "dom0's input events are acknowledged unread", in_ring, 0, 0, 0 },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
