/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tenant's end of sealed input over lines as they are: acknowledgements
 * that come late and at other times than before, a dom0 that stops and goes
 * on, records that get lost, a guest that has no time.  What it costs is
 * printed: bytes of RFB a key, and the time from a key to the guest.
 */
#include "sendbox.h"

#include <stdlib.h>

#include "core/carrier.h"
#include "lib/input/sender.h"

#define MS      UINT64_C(1000000)
#define US      UINT64_C(1700000000000000)
#define TYPED   20000               /* ms */
#define KEYS    600                 /* 30 a second */
#define MOVES   1200                /* 60 a second */
#define WAY     65536               /* under way, at most */
#define RECORDS_MS 2                /* that dom0 brings */
#define AHEAD   16                  /* events that the guest has room for */
#define RECORD  (FBC_CARRIER_POINTS * 6)

/* Times are in ms. */
struct line {
    const char *name;
    unsigned int there, back;       /* least */
    unsigned int jitter;            /* of each, slowly changing */
    unsigned int stall, every;      /* dom0 does nothing for so long */
    unsigned int lose;              /* of 10,000 records */
    unsigned int guest, each;       /* the guest does nothing for so long */
    bool moves;
    unsigned int bytes, mean;       /* a key, at most; ms to the guest */
};

static struct fbc_sender s;
static struct {
    uint64_t due[WAY];
    uint8_t record[WAY][FBC_INPUT_RECORD_LEN];
    size_t head, n;
} there;
static struct {
    uint64_t due[WAY];
    struct fbc_manifest_input m[WAY];
    size_t head, n;
} back;
static uint64_t put_at[2 * KEYS], worst, total;
static size_t made, moved, taken, guest_keys;

/* Between 0 and most, and the next one near to this one. */
static unsigned int wander(unsigned int *at, unsigned int most)
{
    unsigned int step = most / 8 + 1;
    unsigned int up = *at + (unsigned int)rand() % (2 * step + 1);

    *at = up < step ? 0 : up - step > most ? most : up - step;

    return *at;
}

static bool stalled(uint64_t t, unsigned int length, unsigned int every)
{
    return length && t % every >= every - length;
}

static void send_all(const struct line *l, uint64_t t)
{
    static unsigned int at;
    uint8_t record[FBC_INPUT_RECORD_LEN];
    uint64_t due, before;

    while ( fbc_sender_next(&s, t * MS, US + t * 1000, record) )
    {
        if ( (unsigned int)rand() % 10000 < l->lose )
            continue;
        due = t + l->there + wander(&at, l->jitter);
        before = there.n ? there.due[(there.head + there.n - 1) % WAY] : 0;
        assert_true(there.n < WAY);
        memcpy(there.record[(there.head + there.n) % WAY], record,
               sizeof(record));
        there.due[(there.head + there.n) % WAY] = due > before ? due : before;
        there.n++;
    }
}

static void arrive(const struct line *l, uint64_t t)
{
    unsigned int n;

    /* dom0 needs its time for ten positions, too. */
    for ( n = 0; n < RECORDS_MS && there.n && there.due[there.head] <= t &&
                 !stalled(t, l->stall, l->every); n++ )
    {
        box.full = box.n - taken >= AHEAD;
        box_take(there.record[there.head]);
        there.head = (there.head + 1) % WAY;
        there.n--;
    }
    if ( stalled(t, l->guest, l->each) )
        return;
    for ( ; taken < box.n; taken++ )
        for ( size_t k = 0; k < FBC_INPUT_KEYS; k++ )
            if ( box.got[taken].kind == FBC_INPUT_KEY &&
                 box.got[taken].key[k].code )
            {
                uint64_t took = t - put_at[guest_keys++];

                total += took;
                worst = took > worst ? took : worst;
            }
}

/* The hypervisor seals 20 a second at least, and QEMU sends what it finds changed. */
static void manifests(const struct line *l, uint64_t t)
{
    static unsigned int at;
    uint64_t due = t + l->back + wander(&at, l->jitter), before;

    if ( t % 50 == 0 && !stalled(t, l->stall, l->every) )
    {
        before = back.n ? back.due[(back.head + back.n - 1) % WAY] : 0;
        back.m[(back.head + back.n) % WAY] = box.m;
        back.due[(back.head + back.n) % WAY] = due > before ? due : before;
        back.n++;
    }
    while ( back.n && back.due[back.head] <= t )
    {
        (void)fbc_sender_manifest(&s, t * MS, &back.m[back.head]);
        back.head = (back.head + 1) % WAY;
        back.n--;
    }
}

static void type(const struct line *l, uint64_t t)
{
    struct fbc_input in = { .kind = FBC_INPUT_KEY, .key = { { 30, false } } };
    struct fbc_input move = { .kind = FBC_INPUT_POINTER, .x = t % 800 };

    /* A key is down for 20 ms. */
    if ( made < 2 * KEYS && t * KEYS / TYPED * 2 + (t % 33 > 20) > made )
    {
        in.key[0].code = (uint16_t)(1 + made / 2);
        in.key[0].down = !(made & 1);
        if ( fbc_sender_put(&s, &in) )
            put_at[made++] = t;
    }
    if ( l->moves && t < TYPED && t * MOVES / TYPED > moved )
    {
        moved++;
        (void)fbc_sender_put(&s, &move);
    }
}

static void run(const struct line *l)
{
    uint64_t t, bytes;

    memset(&box, 0, sizeof(box));
    memset(&there, 0, sizeof(there));
    memset(&back, 0, sizeof(back));
    made = moved = taken = guest_keys = 0;
    worst = total = 0;
    srand(5);
    fbc_sender_init(&s, 0);
    fbc_sender_epoch(&s, box.key);
    fbc_sender_connected(&s, 0);

    for ( t = 0; guest_keys < 2 * KEYS; t++ )
    {
        assert_true(t < 10 * TYPED);
        if ( s.state == FBC_SENDER_OPEN )
            type(l, t);
        send_all(l, t);
        arrive(l, t);
        manifests(l, t);
    }
    assert_int_equal(s.stats.lost, 0);
    assert_int_equal(s.stats.connections, 1);

    bytes = (s.stats.records + s.stats.resent) * RECORD;
    print_message("%-29s %3u bytes a key, %2u %% sent again, key to guest mean "
                  "%4u worst %4u ms\n", l->name, (unsigned int)(bytes / KEYS),
                  (unsigned int)(100 * s.stats.resent / s.stats.records),
                  (unsigned int)(total / (2 * KEYS)), (unsigned int)worst);
    assert_true(bytes <= (uint64_t)l->bytes * KEYS);
    assert_true(total <= (uint64_t)l->mean * 2 * KEYS);
}

/*
 * Down and up are 120 bytes, a move is 60, two a key; a connection begins with
 * two records more, and challenges are only sent while nothing is typed.  What is typed while nothing goes goes two events a
 * record.  Of busy lines another seed makes something else: their limits are
 * those of a dozen seeds.
 */
static void lines(void **state)
{
    static const struct line l[] = {
        { "quiet", 2, 20, 5, 0, 0, 0, 0, 0, false, 121, 10 },
        { "far", 60, 90, 20, 0, 0, 0, 0, 0, false, 121, 80 },
        { "busy", 5, 30, 400, 0, 0, 0, 60, 200, false, 130, 300 },
        { "very busy", 20, 100, 1200, 0, 0, 0, 150, 400, false, 160, 13500 },
        { "dom0 stops for 0.6 s", 2, 20, 20, 600, 2500, 0, 0, 0, false,
          120, 120 },
        { "dom0 stops for 2 s", 2, 20, 20, 2000, 7000, 0, 0, 0, false,
          120, 400 },
        { "1 of 100 lost", 2, 20, 5, 0, 0, 100, 0, 0, false, 135, 20 },
        { "1 of 100 lost, busy", 5, 30, 400, 0, 0, 100, 60, 200, false,
          180, 1000 },
        { "guest stops for 0.3 s", 2, 20, 5, 0, 0, 0, 300, 2000, false,
          130, 40 },
        { "guest stops for 1 s, busy", 5, 30, 400, 0, 0, 0, 1000, 3000, false,
          170, 1300 },
        { "quiet, moves", 2, 20, 5, 0, 0, 0, 0, 0, true, 241, 10 },
        { "busy, moves", 5, 30, 400, 0, 0, 0, 60, 200, true, 370, 4500 },
        { "guest stops for 0.3 s, moves", 2, 20, 5, 0, 0, 0, 300, 2000, true,
          280, 80 },
        { "dom0 stops for 0.6 s, moves", 2, 20, 20, 600, 2500, 0, 0, 0, true,
          250, 200 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(l) / sizeof(l[0]); i++ )
        run(&l[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "all arrives, at its price, over 14 lines", lines, 0, 0, 0 },
    };

    return cmocka_run_group_tests_name("sendline", tests, NULL, NULL);
}
