/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tenant's end of sealed input against a hypervisor that takes records as
 * fbc-formats(5) says, over a way that loses, repeats, delays and swaps them:
 * what the guest gets is what was put, in order, each once.
 */
#include "sendbox.h"

#include <stdlib.h>

#include "lib/input/sender.h"

#define MS UINT64_C(1000000)
#define US UINT64_C(1700000000000000)

static const uint8_t epoch1[FBC_KEY_LEN] = { 1 }, epoch2[FBC_KEY_LEN] = { 2 };

static struct fbc_sender s;
static uint64_t now;

static void start(uint64_t cadence)
{
    memset(&box, 0, sizeof(box));
    memcpy(box.key, epoch1, sizeof(epoch1));
    now = 5000 * MS;
    fbc_sender_init(&s, cadence);
    fbc_sender_epoch(&s, epoch1);
    fbc_sender_connected(&s, now);
}

static enum fbc_sender_news manifest(void)
{
    return fbc_sender_manifest(&s, now, &box.m);
}

/* All that is to be sent now arrives; how much that was. */
static unsigned int flow(void)
{
    uint8_t record[FBC_INPUT_RECORD_LEN];
    unsigned int n = 0;

    while ( fbc_sender_next(&s, now, US + now / 1000, record) )
    {
        box_take(record);
        n++;
    }

    return n;
}

static void open_it(void)
{
    assert_int_equal(manifest(), FBC_SENDER_NOTHING);
    assert_int_equal(flow(), 1);
    assert_int_equal(s.state, FBC_SENDER_HELLO);
    now += 50 * MS;
    assert_int_equal(manifest(), FBC_SENDER_OPENED);
    assert_int_equal(s.state, FBC_SENDER_OPEN);
}

static bool put_key(uint16_t code, bool down)
{
    const struct fbc_input in = { .kind = FBC_INPUT_KEY,
                                  .key = { { code, down } } };

    return fbc_sender_put(&s, &in);
}

static bool put_move(uint16_t x, uint8_t buttons, int8_t wheel)
{
    const struct fbc_input in = { .kind = FBC_INPUT_POINTER, .x = x, .y = 7,
                                  .buttons = buttons, .wheel = wheel };

    return fbc_sender_put(&s, &in);
}

/* The keys that came, as codes, downs positive. */
static size_t keys(int *out, size_t max)
{
    size_t n = 0, i, k;

    for ( i = 0; i < box.n; i++ )
        for ( k = 0; k < FBC_INPUT_KEYS; k++ )
            if ( box.got[i].kind == FBC_INPUT_KEY && box.got[i].key[k].code )
            {
                assert_true(n < max);
                out[n++] = box.got[i].key[k].down ? box.got[i].key[k].code
                                                  : -box.got[i].key[k].code;
            }

    return n;
}

static void nothing_before_epoch_and_manifest(void **state)
{
    uint8_t record[FBC_INPUT_RECORD_LEN];

    (void)state;
    start(0);
    fbc_sender_init(&s, 0);
    assert_false(fbc_sender_next(&s, now, US, record));
    assert_true(fbc_sender_timeout(&s, now) == UINT64_MAX);
    fbc_sender_epoch(&s, epoch1);
    assert_false(fbc_sender_next(&s, now, US, record));
    assert_int_equal(manifest(), FBC_SENDER_NOTHING);
    assert_true(fbc_sender_timeout(&s, now) == 0);
    assert_true(fbc_sender_next(&s, now, US, record));
    assert_false(put_key(30, true));
    assert_int_equal(fbc_sender_room(&s), 0);
}

static void a_hello_opens_and_a_challenge_is_answered(void **state)
{
    (void)state;
    start(0);
    open_it();
    assert_true(s.fresh == 0);
    assert_int_equal(flow(), 1);
    assert_true(s.challenge && s.challenge <= FBC_INPUT_CHALLENGE_MAX);
    now += 30 * MS;
    (void)manifest();
    assert_true(s.fresh == now - 30 * MS);
    assert_int_equal(s.stats.answers, 1);

    /* The next one is another, in a second; the old answer is no news. */
    assert_int_equal(flow(), 0);
    assert_true(fbc_sender_timeout(&s, now) == 970 * MS);
    now += 970 * MS;
    assert_int_equal(flow(), 1);
    assert_true(s.challenge != (box.m.challenge ^ 1));
    box.m.challenge ^= 1;
    (void)manifest();
    assert_int_equal(s.stats.answers, 1);
    box.m.challenge ^= 1;
    (void)manifest();
    assert_int_equal(s.stats.answers, 2);
}

static void what_is_taken_beside_a_challenge_is_an_answer(void **state)
{
    struct fbc_manifest_input other;
    uint64_t typed;
    unsigned int i;

    (void)state;
    start(0);
    open_it();
    (void)flow();
    (void)manifest();

    /* 30 keys a second for 10 s: two records each, and no other. */
    for ( i = 0; i < 600; i++ )
    {
        now += 1000 * MS / 60;
        assert_true(put_key(30, !(i & 1)));
        assert_int_equal(flow(), 1);
        typed = now;
        now += 5 * MS;
        (void)manifest();
        now -= 5 * MS;
        assert_true(s.fresh == typed);
    }
    assert_int_equal(s.stats.challenges, 1);

    /* Of another connection, or recorded: the number is not ours. */
    typed = s.fresh;
    now += 10 * MS;
    assert_true(put_key(30, true));
    assert_int_equal(flow(), 1);
    other = box.m;
    other.challenge ^= 1;
    (void)fbc_sender_manifest(&s, now, &other);
    assert_true(s.fresh == typed);
    (void)manifest();
    assert_true(s.fresh == now);

    assert_true(fbc_sender_timeout(&s, now) == 1000 * MS);
    now += 1000 * MS;
    assert_int_equal(flow(), 1);
    assert_int_equal(s.stats.challenges, 2);
}

static void a_key_is_two_records_and_a_pair_is_one(void **state)
{
    int got[8];

    (void)state;
    start(0);
    open_it();
    assert_int_equal(flow(), 1);            /* the challenge */
    assert_true(put_key(30, true));
    assert_int_equal(flow(), 1);
    assert_true(put_key(30, false));
    assert_int_equal(flow(), 1);
    assert_true(put_key(42, true) && put_key(31, true));
    assert_true(put_key(31, false) && put_key(42, false));
    assert_int_equal(flow(), 2);
    assert_int_equal(keys(got, 8), 6);
    assert_memory_equal(got, ((int[]){ 30, -30, 42, 31, -31, -42 }),
                        6 * sizeof(int));
}

/* A way as bad as can be; how often each of 16 rolls means what. */
struct way {
    unsigned int lose, twice, late;
};

static void through(const struct way *w)
{
    static uint8_t held[FBC_INPUT_RECORD_LEN];
    static bool holds;
    uint8_t record[FBC_INPUT_RECORD_LEN];

    while ( fbc_sender_next(&s, now, US + now / 1000, record) )
    {
        unsigned int roll = (unsigned int)rand() % 16;

        if ( roll < w->lose )
            continue;
        if ( roll < w->lose + w->late && !holds )
        {
            memcpy(held, record, sizeof(held));
            holds = true;
            continue;
        }
        box_take(record);
        if ( roll >= 16 - w->twice )
            box_take(record);
        if ( holds && roll & 1 )
        {
            holds = false;
            box_take(held);
        }
    }
}

static void all_arrives_in_order_over(const struct way *w)
{
    static int want[4096], got[4096];
    uint32_t i, steps = 0;
    size_t n = 0;

    start(0);
    srand(w->lose * 256 + w->twice * 16 + w->late);
    while ( n < 2000 || fbc_sendqueue_events(&s.queue) )
    {
        assert_true(steps++ < 40000);
        for ( i = (uint32_t)rand() % 4; i-- && n < 2000; )
        {
            uint16_t code = (uint16_t)(1 + rand() % 0x2ff);

            if ( s.state == FBC_SENDER_OPEN && put_key(code, n & 1) )
            {
                want[n] = n & 1 ? code : -code;
                n++;
            }
        }
        through(w);
        now += 20 * MS;
        if ( rand() % 3 == 0 )
            (void)manifest();
        if ( rand() % 500 == 0 )
            fbc_sender_connected(&s, now);
    }
    assert_int_equal(keys(got, 4096), n);
    assert_memory_equal(got, want, n * sizeof(want[0]));
    assert_int_equal(s.stats.lost, 0);
    assert_int_equal(s.stats.connections, 1);
}

static void all_arrives_in_order(void **state)
{
    static const struct way ways[] = {
        { 0, 0, 0 }, { 1, 0, 0 }, { 5, 0, 0 }, { 0, 8, 0 }, { 0, 0, 6 },
        { 3, 3, 3 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(ways) / sizeof(ways[0]); i++ )
        all_arrives_in_order_over(&ways[i]);
}

static void a_new_epoch_keeps_the_connection(void **state)
{
    int got[8];

    (void)state;
    start(0);
    open_it();
    assert_true(put_key(30, true));
    fbc_sender_epoch(&s, epoch2);
    memcpy(box.key, epoch2, sizeof(epoch2));
    assert_true(put_key(30, false));
    (void)flow();
    assert_int_equal(keys(got, 8), 2);
    assert_int_equal(s.stats.connections, 1);
}

/* The hello was under its key; the hypervisor never took it. */
static void a_new_epoch_needs_a_new_hello(void **state)
{
    (void)state;
    start(0);
    memcpy(box.key, epoch2, sizeof(epoch2));
    (void)manifest();
    assert_int_equal(flow(), 1);
    (void)manifest();
    assert_int_equal(s.state, FBC_SENDER_HELLO);
    fbc_sender_epoch(&s, epoch2);
    assert_int_equal(flow(), 1);
    assert_int_equal(manifest(), FBC_SENDER_OPENED);
}

/* Or both would have one key. */
static void two_at_the_same_time_do_not_greet_alike(void **state)
{
    uint8_t one[FBC_INPUT_RECORD_LEN], other[FBC_INPUT_RECORD_LEN];

    (void)state;
    start(0);
    (void)manifest();
    assert_true(fbc_sender_next(&s, now, US, one));
    start(0);
    (void)manifest();
    assert_true(fbc_sender_next(&s, now, US, other));
    assert_memory_not_equal(one, other, sizeof(one));
}

static void who_is_displaced_takes_another_slot(void **state)
{
    uint8_t record[FBC_INPUT_RECORD_LEN];
    struct fbc_input_conn c;
    unsigned int slot;

    (void)state;
    start(0);
    open_it();
    slot = s.slot;
    assert_true(put_key(30, true) && put_key(30, false));
    assert_true(put_move(1, 0, 0));
    assert_int_equal(fbc_input_hello(epoch1, slot, s.seq + 99, &c, record),
                     FBC_OK);
    box_take(record);
    assert_int_equal(manifest(), FBC_SENDER_CLOSED);
    assert_int_equal(s.stats.lost, 2);
    assert_false(put_key(31, true));
    assert_int_equal(flow(), 1);
    assert_int_equal(manifest(), FBC_SENDER_OPENED);
    assert_int_not_equal(s.slot, slot);
}

static void a_used_slot_is_left_alone(void **state)
{
    unsigned int i;

    (void)state;
    start(0);
    for ( i = 0; i < 5; i++ )
        box.m.conn[i] = 1;
    open_it();
    assert_true(s.slot >= 5);

    start(0);                       /* all are used: one must go */
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
        box.m.conn[i] = 1;
    open_it();
}

/* The clock was wrong when somebody else used the slot. */
static void a_slot_that_does_not_answer_is_left(void **state)
{
    uint8_t record[FBC_INPUT_RECORD_LEN];
    unsigned int i, n = 1, slot;

    (void)state;
    start(0);
    (void)manifest();
    assert_true(fbc_sender_next(&s, now, US + now / 1000, record));
    slot = s.slot;
    box.slot[slot].seq = FBC_INPUT_HELLO_MAX;
    box_take(record);
    for ( i = 0; i < 100 && s.state != FBC_SENDER_OPEN; i++ )
    {
        n += flow();
        now += 100 * MS;
        (void)manifest();
    }
    assert_int_equal(s.state, FBC_SENDER_OPEN);
    assert_int_not_equal(s.slot, slot);
    assert_int_equal(n, 5);
}

static void an_old_hypervisor_answers_nothing(void **state)
{
    uint8_t record[FBC_INPUT_RECORD_LEN];
    unsigned int i, n = 0;

    (void)state;
    start(0);
    for ( i = 0; i < 600; i++ )
    {
        (void)manifest();
        while ( fbc_sender_next(&s, now, US, record) )
            n++;
        assert_int_not_equal(s.state, FBC_SENDER_OPEN);
        now += 100 * MS;
    }
    assert_in_range(n, 30, 61);
    assert_true(s.fresh == 0);
}

static void a_guest_that_takes_nothing_costs_what_waits(void **state)
{
    unsigned int i, slot;

    (void)state;
    start(0);
    open_it();
    slot = s.slot;
    (void)flow();
    box.full = true;
    assert_true(put_key(30, true));
    for ( i = 0; i < 99; i++ )
    {
        (void)flow();
        now += 100 * MS;
        assert_int_equal(manifest(), FBC_SENDER_NOTHING);
    }
    now += 300 * MS;
    assert_int_equal(manifest(), FBC_SENDER_CLOSED);
    assert_int_equal(s.stats.lost, 1);
    assert_int_equal(flow(), 1);
    assert_int_equal(manifest(), FBC_SENDER_OPENED);
    assert_int_equal(s.slot, slot);
    (void)flow();
    (void)manifest();
    assert_true(s.fresh == now);
    box.full = false;
    assert_true(put_key(30, false));
    (void)flow();
    assert_int_equal(box.n, 1);
}

/* What goes out in 0.7 s, and how little at once. */
static unsigned int flow_paced(void)
{
    unsigned int n = 0, i;

    for ( i = 0; i < 140; i++, now += 5 * MS )
    {
        unsigned int some = flow();

        assert_true(some <= (i ? 1 : FBC_SENDER_BURST));
        n += some;
    }

    return n;
}

static void memory_is_bounded_and_so_are_window_and_pace(void **state)
{
    unsigned int n = 0;

    (void)state;
    start(0);
    open_it();
    box.full = true;
    while ( put_key(30, true) && n < 5000 )
        n++;
    assert_int_equal(n, 2 * FBC_SENDQUEUE_MAX);
    assert_int_equal(fbc_sender_room(&s), 0);
    now += 100 * MS;
    assert_int_equal(flow_paced(), FBC_SENDWINDOW_MAX);
    assert_true(fbc_sender_timeout(&s, now) == 300 * MS);
    now += 300 * MS;
    assert_int_equal(flow_paced(), 1);      /* the oldest alone */
    assert_int_equal(s.stats.resent, 1);
    assert_true(fbc_sender_timeout(&s, now) == 1300 * MS);
}

/* Keys, of which the hypervisor takes some in time and the rest too late. */
static void what_is_only_late_is_not_sent_again(void **state)
{
    uint8_t held[8][FBC_INPUT_RECORD_LEN];
    unsigned int i;

    (void)state;
    start(0);
    open_it();
    assert_int_equal(flow(), 1);            /* the challenge */
    now += 100 * MS;
    (void)manifest();
    for ( i = 0; i < 8; i++ )
    {
        assert_true(put_key(30, i & 1));
        assert_true(fbc_sender_next(&s, now, US, held[i]));
    }
    now += s.window.patience;
    assert_int_equal(flow(), 1);            /* the first, and it is taken */
    for ( i = 0; i < 8; i++ )
        box_take(held[i]);
    assert_true(put_key(30, 0));
    assert_int_equal(flow(), 0);
    (void)manifest();
    assert_int_equal(flow(), 1);
    assert_int_equal(s.stats.resent, 1);
    (void)manifest();
    assert_int_equal(s.queue.n, 0);
}

/* At the next manifest, long before patience ends, and once a gap. */
static void what_was_refused_is_sent_again_at_once(void **state)
{
    uint8_t lost[FBC_INPUT_RECORD_LEN];
    unsigned int i;

    (void)state;
    start(0);
    open_it();
    assert_int_equal(flow(), 1);
    now += 20 * MS;
    (void)manifest();
    assert_true(put_key(30, true));
    assert_true(fbc_sender_next(&s, now, US, lost));
    for ( i = 0; i < 4; i++ )
    {
        assert_true(put_key(31, i & 1));
        assert_int_equal(flow(), 1);
    }
    assert_int_equal(box.m.gap, 1u << s.slot);
    now += 20 * MS;
    (void)manifest();
    for ( i = 0; i < 5; i++ )
        assert_true(fbc_sender_next(&s, now, US, lost));
    assert_int_equal(flow(), 0);
    for ( i = 0; i < 4; i++ )               /* tell of the same gap */
    {
        now += 20 * MS;
        (void)manifest();
        assert_int_equal(flow(), 0);
    }
    now += 100 * MS;                        /* there is still one */
    (void)manifest();
    assert_int_equal(flow(), 1);
    assert_int_equal(box.m.gap, 0);
    (void)manifest();
    assert_int_equal(flow(), 4);
    (void)manifest();
    assert_int_equal(s.queue.n, 0);
}

static void moves_are_merged_when_many_wait(void **state)
{
    unsigned int i;

    (void)state;
    start(0);
    open_it();
    (void)flow();
    for ( i = 0; i < 60; i++ )
        assert_true(put_move((uint16_t)i, 0, 0));
    assert_int_equal(s.queue.n - s.queue.sealed, FBC_SENDQUEUE_MERGE);
    assert_true(put_move(100, 1, 0));       /* a button is not merged */
    assert_true(put_move(101, 0, 0));
    assert_true(put_move(102, 0, 3));       /* wheels add up */
    assert_true(put_move(103, 0, 4));
    assert_true(put_move(104, 0, 5));
    (void)flow_paced();
    assert_int_equal(box.n, FBC_SENDQUEUE_MERGE + 3);
    assert_int_equal(box.got[0].x, 0);
    assert_int_equal(box.got[FBC_SENDQUEUE_MERGE - 1].x, 59);
    assert_int_equal(box.got[FBC_SENDQUEUE_MERGE + 1].wheel, 7);
    assert_int_equal(box.got[FBC_SENDQUEUE_MERGE + 2].wheel, 5);
}

/* Sixty moves a second and thirty keys: none is merged or waits. */
static void sustained_rates_are_no_load(void **state)
{
    unsigned int i;

    (void)state;
    start(0);
    open_it();
    for ( i = 0; i < 600; i++ )
    {
        assert_true(put_move((uint16_t)i, 0, 0));
        if ( i & 1 )
            assert_true(put_key(30, true) && put_key(30, false));
        (void)flow();
        assert_int_equal(s.queue.sent, s.queue.n);
        now += 1000 * MS / 60;
        if ( i % 9 == 0 )
            (void)manifest();               /* every 150 ms */
    }
    (void)manifest();
    assert_int_equal(box.n, 900);
    assert_int_equal(s.stats.resent, 0);
}

static void a_cadence_hides_the_rhythm(void **state)
{
    static const uint8_t typed[] = { 0, 1, 0, 0, 3, 0, 7, 0, 0, 0 };
    unsigned int i, k, n = 0, downs = 0;

    (void)state;
    start(20 * MS);
    (void)manifest();
    assert_int_equal(flow(), 1);
    now += 20 * MS;
    assert_int_equal(manifest(), FBC_SENDER_OPENED);
    for ( i = 0; i < 1000; i++ )
    {
        for ( k = typed[i % sizeof(typed)]; k--; downs++ )
            assert_true(put_key(30, true));
        assert_int_equal(flow(), 1);
        assert_true(fbc_sender_timeout(&s, now) == 20 * MS);
        now += 19 * MS;
        assert_int_equal(flow(), 0);
        now += 1 * MS;
        if ( i % 5 == 0 )
            (void)manifest();
        n++;
    }
    for ( i = 0; i < 30; i++, now += 20 * MS )
        (void)flow(), (void)manifest();
    assert_int_equal(s.stats.lost, 0);
    assert_true(box.n >= downs / 2);
    assert_true(s.queue.n <= 2);
}

/* No acknowledgements: it goes on at the same rate with what it has. */
static void a_cadence_does_not_stop(void **state)
{
    unsigned int i;

    (void)state;
    start(20 * MS);
    (void)manifest();
    (void)flow();
    now += 20 * MS;
    (void)manifest();
    for ( i = 0; i < 1000; i++, now += 20 * MS )
        assert_int_equal(flow(), 1);
    assert_true(s.queue.n <= FBC_SENDWINDOW_MAX + 1);
}

static void bye_is_the_last(void **state)
{
    uint8_t record[FBC_INPUT_RECORD_LEN];
    unsigned int i;

    (void)state;
    start(20 * MS);
    (void)manifest();
    (void)flow();
    now += 20 * MS;
    (void)manifest();
    for ( i = 0; i < 100; i++ )
        assert_true(put_move((uint16_t)i, (uint8_t)(i & 1), 0));
    fbc_sender_bye(&s);
    while ( fbc_sender_next(&s, now, US, record) )
        box_take(record);
    assert_int_equal(box.n, 100);
    assert_false(box.slot[0].open);
}

/* What never arrived goes with the rest, or none of it would be taken. */
static void late_at_the_end(void **state)
{
    uint8_t record[FBC_INPUT_RECORD_LEN];

    (void)state;
    start(0);
    (void)manifest();
    (void)flow();
    (void)manifest();
    assert_true(put_move(7, 1, 0));
    while ( fbc_sender_next(&s, now, US, record) )
        ;
    now += 3000 * MS;
    fbc_sender_bye(&s);
    while ( fbc_sender_next(&s, now, US, record) )
        box_take(record);
    assert_int_equal(box.n, 1);
    assert_false(box.slot[0].open);
}

static void another_session_forgets_all(void **state)
{
    (void)state;
    start(0);
    open_it();
    assert_true(put_key(30, true));
    (void)flow();
    fbc_sender_forget(&s);
    assert_int_equal(s.state, FBC_SENDER_IDLE);
    assert_int_equal(s.stats.lost, 1);
    assert_true(fbc_is_zero(s.key, sizeof(s.key)));
    assert_true(fbc_is_zero(&s.conn, sizeof(s.conn)));
    assert_true(fbc_is_zero(s.queue.in, sizeof(s.queue.in)));
    assert_true(s.fresh == 0);
}

static void what_was_taken_is_wiped(void **state)
{
    (void)state;
    start(0);
    open_it();
    assert_true(put_key(30, true));
    (void)flow();
    (void)manifest();
    assert_int_equal(s.queue.n, 0);
    assert_true(fbc_is_zero(s.queue.in, sizeof(s.queue.in)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_before_epoch_and_manifest),
        cmocka_unit_test(a_hello_opens_and_a_challenge_is_answered),
        cmocka_unit_test(what_is_taken_beside_a_challenge_is_an_answer),
        cmocka_unit_test(a_key_is_two_records_and_a_pair_is_one),
        cmocka_unit_test(all_arrives_in_order),
        cmocka_unit_test(a_new_epoch_keeps_the_connection),
        cmocka_unit_test(a_new_epoch_needs_a_new_hello),
        cmocka_unit_test(two_at_the_same_time_do_not_greet_alike),
        cmocka_unit_test(who_is_displaced_takes_another_slot),
        cmocka_unit_test(a_used_slot_is_left_alone),
        cmocka_unit_test(a_slot_that_does_not_answer_is_left),
        cmocka_unit_test(an_old_hypervisor_answers_nothing),
        cmocka_unit_test(a_guest_that_takes_nothing_costs_what_waits),
        cmocka_unit_test(memory_is_bounded_and_so_are_window_and_pace),
        cmocka_unit_test(what_is_only_late_is_not_sent_again),
        cmocka_unit_test(what_was_refused_is_sent_again_at_once),
        cmocka_unit_test(moves_are_merged_when_many_wait),
        cmocka_unit_test(sustained_rates_are_no_load),
        cmocka_unit_test(a_cadence_hides_the_rhythm),
        cmocka_unit_test(a_cadence_does_not_stop),
        cmocka_unit_test(bye_is_the_last),
        cmocka_unit_test(late_at_the_end),
        cmocka_unit_test(another_session_forgets_all),
        cmocka_unit_test(what_was_taken_is_wiped),
    };

    return cmocka_run_group_tests_name("sender", tests, NULL, NULL);
}
