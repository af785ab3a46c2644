/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's end of sealed input, with a hostile dom0 before it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "inputworld.h"

static struct fbc_input key_in(uint16_t code, bool down)
{
    return (struct fbc_input){ .kind = FBC_INPUT_KEY,
                               .key = { { code, down } } };
}

/* What dom0 brings whole, at once. */
static unsigned int brings(struct iw *w, const uint8_t *record)
{
    iw_points(w, record, 0, FBC_CARRIER_POINTS);

    return iw_pump(w);
}

static struct iw_conn *newest(struct iw *w)
{
    return &w->conn[w->conns - 1];
}

static struct iw begin(enum fbc_inputbox_mode mode)
{
    struct iw w;

    iw_new(&w, mode);
    assert_int_equal(brings(&w, newest(&w)->hello),
                     FBC_KBDRING_RECORD | FBC_KBDRING_TELL_DOM0);

    return w;
}

static void in_order(void **state)
{
    struct iw w = begin(FBC_INPUTBOX_SEALED);
    struct fbc_manifest_input m;
    unsigned int i;

    (void)state;
    for ( i = 0; i < IW_RECORDS; i++ )
    {
        struct fbc_input in = key_in((uint16_t)(1 + i), true);

        assert_true(iw_seal(&w, &in));
        assert_int_equal(brings(&w, newest(&w)->record[i]),
                         FBC_KBDRING_RECORD | FBC_KBDRING_TELL_DOM0 |
                         FBC_KBDRING_TELL_GUEST);
        fbc_inputbox_report(&w.box, &m);
        assert_int_equal(m.ack[w.slot], i + 1);
        assert_int_equal(m.conn[w.slot], newest(&w)->seq & 0xffff);
        iw_guest_takes(&w, 1);
    }
    assert_int_equal(w.got, IW_RECORDS);
    assert_int_equal(w.box.stats.taken, IW_RECORDS + 1);
    assert_int_equal(w.box.stats.refused, 0);
    assert_int_equal(w.box.stats.discarded, 9 * (IW_RECORDS + 1));
    iw_free(&w);
}

/* Repeated, left out, exchanged, an older connection's. */
static void refused(void **state)
{
    struct iw w = begin(FBC_INPUTBOX_SEALED);
    struct iw_conn old;
    unsigned int i;

    (void)state;
    for ( i = 0; i < 3; i++ )
    {
        struct fbc_input in = key_in((uint16_t)(10 + i), true);

        assert_true(iw_seal(&w, &in));
    }
    old = *newest(&w);
    assert_int_equal(brings(&w, old.record[1]), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(brings(&w, old.record[2]), FBC_KBDRING_TELL_DOM0);
    (void)brings(&w, old.record[0]);
    assert_int_equal(w.got, 1);
    assert_int_equal(brings(&w, old.record[0]), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(brings(&w, old.record[2]), FBC_KBDRING_TELL_DOM0);
    (void)brings(&w, old.record[1]);
    (void)brings(&w, old.record[2]);
    assert_int_equal(w.got, 3);
    assert_int_equal(brings(&w, old.hello), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(w.box.slot[w.slot].counter, 3);

    /* A new connection: the old one's records are nobody's. */
    iw_connect(&w);
    (void)brings(&w, newest(&w)->hello);
    assert_int_equal(w.box.slot[w.slot].counter, 0);
    for ( i = 0; i < 3; i++ )
        assert_int_equal(brings(&w, old.record[i]), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(brings(&w, old.hello), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(w.got, 3);
    assert_int_equal(w.box.stats.refused, 9);
    iw_free(&w);
}

/* Withheld until its sender has given up, and may have said something else. */
static void too_late(void **state)
{
    struct iw w = begin(FBC_INPUTBOX_SEALED);
    struct fbc_manifest_input m;
    struct fbc_input in = key_in(28, true);
    unsigned int i;

    (void)state;
    for ( i = 0; i < 3; i++ )
        assert_true(iw_seal(&w, &in));
    w.now += FBC_INPUTBOX_IDLE_NS;
    (void)brings(&w, newest(&w)->record[0]);
    w.now += FBC_INPUTBOX_IDLE_NS;
    (void)brings(&w, newest(&w)->record[1]);
    assert_int_equal(w.got, 2);
    w.now += FBC_INPUTBOX_IDLE_NS + 1;
    for ( i = 0; i < 2; i++ )
        assert_int_equal(brings(&w, newest(&w)->record[2]),
                         FBC_KBDRING_TELL_DOM0);
    assert_int_equal(w.got, 2);
    /* As its sender is told, who greets anew. */
    fbc_inputbox_report(&w.box, &m);
    assert_int_equal(m.conn[w.slot], 0);
    assert_int_equal(brings(&w, newest(&w)->hello), FBC_KBDRING_TELL_DOM0);
    iw_connect(&w);
    (void)brings(&w, newest(&w)->hello);
    assert_true(iw_seal(&w, &in));
    (void)brings(&w, newest(&w)->record[0]);
    assert_int_equal(w.got, 3);
    iw_free(&w);
}

static unsigned int gaps(const struct iw *w)
{
    struct fbc_manifest_input m;

    fbc_inputbox_report(&w->box, &m);

    return m.gap;
}

/* From the first refusal of what comes next, or later, to the next one taken. */
static void told_of_gaps(void **state)
{
    struct iw w = begin(FBC_INPUTBOX_SEALED);
    uint8_t wrong[FBC_INPUT_RECORD_LEN];
    unsigned int i, slot = 1u << w.slot;

    (void)state;
    for ( i = 0; i < 4; i++ )
    {
        struct fbc_input in = key_in((uint16_t)(10 + i), true);

        assert_true(iw_seal(&w, &in));
    }
    assert_int_equal(gaps(&w), 0);
    (void)brings(&w, newest(&w)->record[1]);
    assert_int_equal(gaps(&w), slot);
    (void)brings(&w, newest(&w)->record[0]);
    assert_int_equal(gaps(&w), 0);
    (void)brings(&w, newest(&w)->record[0]);    /* that is no later one */
    assert_int_equal(gaps(&w), 0);
    memcpy(wrong, newest(&w)->record[1], sizeof(wrong));
    wrong[15] ^= 1;
    (void)brings(&w, wrong);
    assert_int_equal(gaps(&w), slot);
    (void)brings(&w, newest(&w)->record[1]);
    (void)brings(&w, newest(&w)->record[3]);
    assert_int_equal(gaps(&w), slot);
    iw_connect(&w);
    (void)brings(&w, newest(&w)->hello);
    assert_int_equal(gaps(&w), 0);

    /* No room is a gap, too. */
    for ( i = 0; i < 3; i++ )
    {
        struct fbc_input in = { .kind = FBC_INPUT_POINTER, .x = 1, .y = 2,
                                .buttons = i & 1 ? 0 : 0xff };

        assert_true(iw_seal(&w, &in));
        (void)brings(&w, newest(&w)->record[i]);
        assert_int_equal(gaps(&w), i ? slot : 0);
        if ( i == 1 )
            iw_guest_takes(&w, FBC_KBDIF_IN_LEN);
    }
    iw_free(&w);
}

static void own_events(struct iw *w)
{
    iw_event(w, FBC_KBDIF_KEY, 1, 30, 0);
    iw_event(w, FBC_KBDIF_KEY, 1, 0x110, 0);
    iw_event(w, FBC_KBDIF_POS, 0, 5, 5);
    iw_event(w, FBC_KBDIF_MOTION, 0, 1, 1);
}

/* What dom0 itself types. */
static void dom0_types(void **state)
{
    struct fbc_input in = key_in(30, true);
    struct iw w;

    (void)state;
    iw_new(&w, FBC_INPUTBOX_SEALED);
    own_events(&w);
    assert_int_equal(iw_pump(&w), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(w.box.stats.discarded, 4);
    iw_free(&w);

    /* Without a key, no record helps either. */
    iw_new(&w, FBC_INPUTBOX_SEALED);
    fbc_inputbox_session(&w.box, FBC_INPUTBOX_CLOSED);
    own_events(&w);
    assert_true(iw_seal(&w, &in));
    iw_points(&w, newest(&w)->hello, 0, FBC_CARRIER_POINTS);
    iw_points(&w, newest(&w)->record[0], 0, FBC_CARRIER_POINTS);
    assert_int_equal(iw_pump(&w), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(w.box.stats.discarded, 24);
    assert_int_equal(w.r.prod, 0);
    iw_free(&w);

    /* Where it may, it may until the first hello, of which nine pass. */
    iw_new(&w, FBC_INPUTBOX_PLAIN);
    own_events(&w);
    iw_points(&w, newest(&w)->hello, 0, FBC_CARRIER_POINTS);
    own_events(&w);
    assert_int_equal(fbc_kbdring_pump(&w.r, w.guest, w.dom0, &w.limits,
                                      &w.box, 0),
                     FBC_KBDRING_RECORD | FBC_KBDRING_TELL_DOM0 |
                     FBC_KBDRING_TELL_GUEST);
    assert_int_equal(w.r.passed, 4 + w.r.prod - 4);
    assert_true(w.r.prod >= 4 && w.r.prod <= 4 + 9);
    assert_int_equal(w.box.mode, FBC_INPUTBOX_SEALED);
    assert_int_equal(w.box.stats.discarded, 4);
    iw_free(&w);
}

/* What fbc-sendinput brings: a record as such, past dom0's ring. */
static void as_such(void **state)
{
    struct fbc_input in = key_in(30, true);
    unsigned int done = 0, i;
    struct iw w;

    (void)state;
    iw_new(&w, FBC_INPUTBOX_SEALED);
    assert_true(iw_seal(&w, &in));
    assert_int_equal(fbc_kbdring_record(&w.r, w.guest, newest(&w)->record[0],
                                        &w.limits, &w.box, 5, &done),
                     FBC_ERR_UNKEYED);
    assert_int_equal(fbc_kbdring_record(&w.r, w.guest, newest(&w)->hello,
                                        &w.limits, &w.box, 5, &done), FBC_OK);
    assert_int_equal(done, FBC_KBDRING_RECORD);
    assert_int_equal(w.r.prod, 0);
    assert_int_equal(fbc_kbdring_record(&w.r, w.guest, newest(&w)->record[0],
                                        &w.limits, &w.box, 5, &done), FBC_OK);
    assert_int_equal(done, FBC_KBDRING_RECORD | FBC_KBDRING_TELL_GUEST);
    assert_int_equal(fbc_get32(w.guest + FBC_KBDIF_IN_PROD), 1);
    assert_int_equal(iw_slot(w.guest, 0)[0], FBC_KBDIF_KEY);
    assert_int_equal(fbc_get32(iw_slot(w.guest, 0) + 4), 30);

    /* Once; and none for which the guest has no room. */
    done = 77;
    assert_int_equal(fbc_kbdring_record(&w.r, w.guest, newest(&w)->record[0],
                                        &w.limits, &w.box, 5, &done),
                     FBC_ERR_STALE);
    for ( i = 1; i < IW_RECORDS; i++ )
    {
        assert_true(iw_seal(&w, &in));
        if ( fbc_kbdring_record(&w.r, w.guest, newest(&w)->record[i],
                                &w.limits, &w.box, 5, &done) )
            break;
    }
    assert_int_equal(i, FBC_KBDRING_AHEAD);
    assert_int_equal(fbc_get32(w.guest + FBC_KBDIF_IN_PROD), i);
    assert_int_equal(w.box.stats.full, 1);
    iw_guest_takes(&w, 1);
    assert_int_equal(fbc_kbdring_record(&w.r, w.guest, newest(&w)->record[i],
                                        &w.limits, &w.box, 5, &done), FBC_OK);
    iw_free(&w);
}

/* All of a record, or nothing, and the same record again later. */
static void no_room(void **state)
{
    struct iw w = begin(FBC_INPUTBOX_SEALED);
    struct fbc_input in = { .kind = FBC_INPUT_POINTER, .x = 1, .y = 2,
                            .buttons = 0xff };
    struct fbc_input challenge = { .kind = FBC_INPUT_CHALLENGE,
                                   .challenge = 77 };
    struct fbc_manifest_input m;
    unsigned int i;

    (void)state;
    for ( i = 0; i < 3; i++ )
    {
        in.buttons = (uint8_t)~in.buttons;
        assert_true(iw_seal(&w, &in));
        (void)brings(&w, newest(&w)->record[i]);
    }
    /* 1 (nothing held), then twice 9: the second does not fit. */
    assert_int_equal(w.got, 1 + 9);
    assert_int_equal(w.box.stats.full, 1);
    assert_int_equal(w.box.slot[w.slot].counter, 2);
    iw_guest_takes(&w, 2);
    assert_int_equal(brings(&w, newest(&w)->record[2]), FBC_KBDRING_TELL_DOM0);
    iw_guest_takes(&w, 1);
    (void)brings(&w, newest(&w)->record[2]);
    assert_int_equal(w.got, 1 + 2 * 9);
    assert_int_equal(w.box.slot[w.slot].buttons, 0);

    /* What the guest has no part in needs no room, and none is left. */
    assert_true(iw_seal(&w, &challenge));
    (void)brings(&w, newest(&w)->record[3]);
    fbc_inputbox_report(&w.box, &m);
    assert_int_equal(m.ack[w.slot], 4);
    assert_true(m.challenge == (77 | (uint64_t)w.slot << 56));
    iw_free(&w);
}

/* Buttons that a connection held go up when it ends, however it does. */
static void lifted(void **state)
{
    struct iw w = begin(FBC_INPUTBOX_SEALED);
    struct fbc_input in = { .kind = FBC_INPUT_POINTER, .buttons = 5 };
    struct fbc_input bye = { .kind = FBC_INPUT_BYE };
    struct fbc_manifest_input m;

    (void)state;
    assert_true(iw_seal(&w, &in));
    (void)brings(&w, newest(&w)->record[0]);
    assert_int_equal(w.got, 3);
    iw_connect(&w);
    (void)brings(&w, newest(&w)->hello);
    assert_int_equal(w.got, 5);

    assert_true(iw_seal(&w, &in) && iw_seal(&w, &bye) && iw_seal(&w, &in));
    (void)brings(&w, newest(&w)->record[0]);
    (void)brings(&w, newest(&w)->record[1]);
    assert_int_equal(w.got, 10);
    fbc_inputbox_report(&w.box, &m);
    assert_int_equal(m.conn[w.slot], 0);
    assert_int_equal(m.ack[w.slot], 2);

    /* Another session: nothing comes of it by itself. */
    iw_connect(&w);
    (void)brings(&w, newest(&w)->hello);
    assert_true(iw_seal(&w, &in));
    (void)brings(&w, newest(&w)->record[0]);
    assert_int_equal(w.got, 13);
    fbc_inputbox_session(&w.box, FBC_INPUTBOX_SEALED);
    fbc_inputbox_epoch(&w.box, w.key, IW_SW, IW_SH);
    iw_connect(&w);
    (void)brings(&w, newest(&w)->hello);
    assert_int_equal(w.got, 15);
    assert_true(iw_seal(&w, &bye) && iw_seal(&w, &in) && iw_seal(&w, &in));
    (void)brings(&w, newest(&w)->record[0]);

    /* And then it is over. */
    assert_int_equal(brings(&w, newest(&w)->record[2]), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(brings(&w, newest(&w)->hello), FBC_KBDRING_TELL_DOM0);
    iw_free(&w);
}

/* An epoch changes what hellos are made with, and nothing else. */
static void epochs(void **state)
{
    struct iw w = begin(FBC_INPUTBOX_SEALED);
    struct fbc_input in = key_in(30, true);
    struct iw_conn old;

    (void)state;
    assert_true(iw_seal(&w, &in) && iw_seal(&w, &in));
    (void)brings(&w, newest(&w)->record[0]);
    old = *newest(&w);
    w.key[0] ^= 1;
    fbc_inputbox_epoch(&w.box, w.key, IW_SW, IW_SH);
    (void)brings(&w, newest(&w)->record[1]);
    assert_int_equal(w.got, 2);
    assert_int_equal(brings(&w, old.hello), FBC_KBDRING_TELL_DOM0);
    assert_int_equal(w.box.slot[w.slot].counter, 2);

    /* Numbers start anew: a sender whose clock is behind is heard. */
    newest(&w)->seq = 1;
    iw_connect(&w);
    assert_true(newest(&w)->seq < old.seq);
    (void)brings(&w, newest(&w)->hello);
    assert_true(iw_seal(&w, &in));
    (void)brings(&w, newest(&w)->record[0]);
    assert_int_equal(w.got, 3);

    /* A session ends all. */
    fbc_inputbox_session(&w.box, FBC_INPUTBOX_SEALED);
    assert_true(fbc_is_zero(w.box.slot, sizeof(w.box.slot)));
    assert_true(fbc_is_zero(w.box.key, sizeof(w.box.key)));
    assert_int_equal(w.box.stats.taken, 5);
    assert_int_equal(brings(&w, newest(&w)->hello), FBC_KBDRING_TELL_DOM0);
    iw_free(&w);
}

/* 64 wrong tags, then nothing for the rest of the second, in this slot. */
static void guessing(void **state)
{
    struct iw w = begin(FBC_INPUTBOX_SEALED);
    struct fbc_input in = key_in(30, true);
    uint8_t wrong[FBC_INPUT_RECORD_LEN];
    unsigned int i;

    (void)state;
    w.now = 1000000000;
    assert_true(iw_seal(&w, &in) && iw_seal(&w, &in));
    for ( i = 0; i < FBC_INPUTBOX_FAILS; i++ )
    {
        /* What is right counts neither way. */
        if ( i == FBC_INPUTBOX_FAILS - 1 )
            (void)brings(&w, newest(&w)->record[0]);
        memcpy(wrong, newest(&w)->record[w.got], sizeof(wrong));
        wrong[15] ^= (uint8_t)(i + 1);
        (void)brings(&w, wrong);
    }
    assert_int_equal(w.got, 1);
    (void)brings(&w, newest(&w)->record[1]);
    iw_connect(&w);
    (void)brings(&w, newest(&w)->hello);
    assert_int_equal(w.got, 1);
    w.now += 999999999;
    (void)brings(&w, w.conn[0].record[1]);
    assert_int_equal(w.got, 1);
    w.now++;
    (void)brings(&w, w.conn[0].record[1]);
    assert_int_equal(w.got, 2);
    iw_free(&w);
}

static uint32_t seed;

static uint32_t any(void)
{
    seed = seed * 1664525 + 1013904223;

    return seed >> 8;
}

/* Puts something on dom0's ring: mostly what looks right. */
static void mischief(struct iw *w)
{
    const struct iw_conn *c = &w->conn[any() % w->conns];
    const uint8_t *record = c->sealed && any() % 4
                            ? c->record[any() % c->sealed] : c->hello;
    uint64_t next = w->box.slot[w->slot].counter;
    uint8_t wrong[FBC_INPUT_RECORD_LEN];
    unsigned int n;

    switch ( any() % 8 )
    {
    case 0: case 1:
        c = newest(w);
        record = w->box.slot[w->slot].seq != c->seq ? c->hello
                 : next < c->sealed ? c->record[next] : c->hello;
        /* fallthrough */
    case 2:
        iw_points(w, record, 0, FBC_CARRIER_POINTS);
        break;

    case 3:
        n = any() % FBC_CARRIER_POINTS;
        iw_points(w, record, 0, n);
        iw_points(w, record, n + any() % 2, FBC_CARRIER_POINTS);
        break;

    case 4:
        memcpy(wrong, record, sizeof(wrong));
        wrong[any() % sizeof(wrong)] ^= (uint8_t)(1u << any() % 8);
        iw_points(w, wrong, 0, FBC_CARRIER_POINTS);
        break;

    case 5:
        iw_event(w, FBC_KBDIF_KEY, any() % 2, any() % 0x400, 0);
        break;

    case 6:
        iw_event(w, FBC_KBDIF_POS, 0, any() % 1000, any() % 700);
        break;

    case 7:
        iw_event(w, (uint8_t)any(), (uint8_t)any(), any(), any());
        break;
    }
}

static void hostile(void **state)
{
    static const uint32_t bad[] = { 52, 1000, 0x7fffffff, 0xffffffff };
    unsigned int i, j;
    struct iw w;

    (void)state;
    iw_new(&w, FBC_INPUTBOX_SEALED);
    for ( i = 0; i < 1000000; i++ )
    {
        for ( j = any() % 4; j--; )
            mischief(&w);
        if ( any() % 32 == 0 )
            fbc_put32(w.dom0 + FBC_KBDIF_IN_PROD,
                      w.r.s_cons + bad[any() % 4]);
        if ( any() % 32 == 0 )
            fbc_put32(w.guest + FBC_KBDIF_IN_CONS,
                      w.r.prod - bad[any() % 4]);
        else if ( any() % 8 == 0 )
            fbc_put32(w.guest + FBC_KBDIF_IN_CONS, w.r.prod - any() % 20);
        (void)iw_pump(&w);
        w.now += any() * 16;

        if ( any() % 4 == 0 )
        {
            struct fbc_input in = iw_input(any() * 7);

            if ( !iw_seal(&w, &in) )
                iw_connect(&w);
        }
    }
    assert_true(w.got > 100000);
    assert_true(w.box.stats.full > 100);
    assert_true(w.box.stats.refused > 100000);
    assert_true(w.box.stats.senseless > 100);
    assert_true(w.r.lost > 10000);
    iw_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "records of a connection reach the guest, and are reported",
          in_order, 0, 0, 0 },
        { "what is repeated, left out or exchanged is refused",
          refused, 0, 0, 0 },
        { "what comes when its sender has given up is too late",
          too_late, 0, 0, 0 },
        { "what is missing is told until it has come",
          told_of_gaps, 0, 0, 0 },
        { "dom0's own events reach nobody",
          dom0_types, 0, 0, 0 },
        { "a record that comes by itself is taken alike",
          as_such, 0, 0, 0 },
        { "a record that finds no room is not taken at all",
          no_room, 0, 0, 0 },
        { "buttons go up when their connection ends",
          lifted, 0, 0, 0 },
        { "connections outlive an epoch, and no session",
          epochs, 0, 0, 0 },
        { "wrong tags stop a slot for a second",
          guessing, 0, 0, 0 },
        { "1,000,000 hostile rings: the guest gets what the tenant sent",
          hostile, 0, 0, 0 },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
