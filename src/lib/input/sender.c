/* SPDX-License-Identifier: GPL-2.0-only */
/* Connections of sealed input, and what they carry. */
#include "lib/input/sender.h"

#include "core/inputbox.h"
#include "lib/base/clock.h"
#include "lib/base/random.h"

#define HELLO_NS       FBC_NS_PER_S /* between two of them */
#define HELLOS         4            /* then another slot is tried */
#define CHALLENGE_NS   FBC_NS_PER_S
#define TICK_BITS      18           /* of us since 1970 in a number: left out */
#define LUCK_BITS      22           /* drawn instead */

/* Or the guest might be given what was thrown away. */
_Static_assert(FBC_SENDER_STUCK_NS >= FBC_INPUTBOX_IDLE_NS, "given up first");

void fbc_sender_init(struct fbc_sender *s, uint64_t cadence_ns)
{
    fbc_wipe(s, sizeof(*s));
    s->cadence = cadence_ns;
    fbc_sendwindow_open(&s->window, 0);
    fbc_sendqueue_init(&s->queue);
}

void fbc_sender_forget(struct fbc_sender *s)
{
    struct fbc_sender_stats stats = s->stats;

    stats.lost += fbc_sendqueue_events(&s->queue);
    fbc_sender_init(s, s->cadence);
    s->stats = stats;
}

void fbc_sender_epoch(struct fbc_sender *s,
                      const uint8_t key[static FBC_KEY_LEN])
{
    memcpy(s->key, key, FBC_KEY_LEN);
    s->keyed = true;
    if ( s->state != FBC_SENDER_HELLO )
        return;
    s->state = FBC_SENDER_IDLE;         /* it was under a key that is gone */
    s->hellos = 0;
}

void fbc_sender_connected(struct fbc_sender *s, uint64_t now)
{
    fbc_sendwindow_reset(&s->window, &s->queue, now);
    s->hellos = 0;
    s->greeted = s->tick = now;
}

/* Ours, or one that nobody uses, or else any; not one that did not answer. */
static unsigned int pick_slot(const struct fbc_sender *s, uint32_t luck)
{
    unsigned int from = luck % FBC_INPUT_SLOTS, i, n;

    if ( s->seq && s->conns[s->slot] == (uint16_t)s->seq && !s->hellos )
        return s->slot;
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
    {
        n = (from + i) % FBC_INPUT_SLOTS;
        if ( !s->conns[n] && !(s->hellos && n == s->slot) )
            return n;
    }

    return (s->slot + 1 + luck % (FBC_INPUT_SLOTS - 1)) % FBC_INPUT_SLOTS;
}

/*
 * Makes a hello, for another slot if this one did not answer.  Another sender
 * with this session may greet at the same time, and dom0 have it try again and
 * again: one and the same hello would make one key for both.
 */
static bool greet(struct fbc_sender *s, uint64_t now, uint64_t us)
{
    struct fbc_error e;
    uint32_t luck[2];
    uint64_t seq;

    if ( !s->keyed || !s->manifest || fbc_random(luck, sizeof(luck), &e) )
        return false;

    seq = (us >> TICK_BITS) << LUCK_BITS | luck[0] >> (32 - LUCK_BITS);
    s->slot = pick_slot(s, luck[1]);
    s->seq = fbc_input_seq(seq > s->seq ? seq : s->seq + 1);
    if ( (uint16_t)s->seq == s->conns[s->slot] )    /* it must be seen */
        s->seq = fbc_input_seq(s->seq + 1);
    if ( fbc_input_hello(s->key, s->slot, s->seq, &s->conn, s->hello) )
        return false;
    s->before = s->conns[s->slot];
    s->hellos = 0;
    s->state = FBC_SENDER_HELLO;
    s->greeted = now - HELLO_NS;

    return true;
}

static void end(struct fbc_sender *s)
{
    s->stats.lost += fbc_sendqueue_events(&s->queue);
    fbc_sendqueue_init(&s->queue);
    fbc_wipe(&s->conn, sizeof(s->conn));
    s->challenge = 0;
    s->state = FBC_SENDER_IDLE;
}

/*
 * A manifest with our challenge is of this connection, and so is what it
 * acknowledges: of a record that nobody could have had before it was sent.
 */
static void check_answer(struct fbc_sender *s, uint64_t challenge)
{
    if ( !s->challenge ||
         (challenge & FBC_INPUT_CHALLENGE_MAX) != s->challenge )
        return;
    if ( s->fresh < s->asked )
    {
        s->fresh = s->asked;
        s->stats.answers++;
    }
    if ( s->fresh < s->window.answered )
        s->fresh = s->window.answered;
}

static enum fbc_sender_news opened(struct fbc_sender *s, uint64_t now)
{
    s->state = FBC_SENDER_OPEN;
    fbc_sendwindow_open(&s->window, now);
    s->stats.connections++;
    s->hellos = 0;
    s->stats.unanswered = 0;
    s->next_challenge = now;

    return FBC_SENDER_OPENED;
}

enum fbc_sender_news fbc_sender_manifest(struct fbc_sender *s, uint64_t now,
                                         const struct fbc_manifest_input *m)
{
    uint16_t name = m->conn[s->slot], ours = (uint16_t)s->seq;

    memcpy(s->conns, m->conn, sizeof(s->conns));
    s->manifest = true;
    switch ( s->state )
    {
    case FBC_SENDER_IDLE:
        break;

    case FBC_SENDER_HELLO:
        if ( name == ours )
            return opened(s, now);
        if ( name != s->before )
            s->state = FBC_SENDER_IDLE;     /* somebody else was faster */
        break;

    case FBC_SENDER_OPEN:
        if ( name == ours )
            fbc_sendwindow_told(&s->window, &s->queue, now, m->ack[s->slot],
                                m->gap >> s->slot & 1);
        if ( name != ours ||
             (s->queue.sealed &&
              now - s->window.progress > FBC_SENDER_STUCK_NS) )
        {
            end(s);
            return FBC_SENDER_CLOSED;
        }
        check_answer(s, m->challenge);
        break;
    }

    return FBC_SENDER_NOTHING;
}

bool fbc_sender_put(struct fbc_sender *s, const struct fbc_input *in)
{
    return s->state == FBC_SENDER_OPEN && fbc_sendqueue_put(&s->queue, in);
}

size_t fbc_sender_room(const struct fbc_sender *s)
{
    return s->state == FBC_SENDER_OPEN ? fbc_sendqueue_room(&s->queue) : 0;
}

static uint64_t until(uint64_t when, uint64_t now)
{
    return when > now ? when - now : 0;
}

/* ns until the next one; UINT64_MAX: the one before is not over, or no room. */
static uint64_t challenge_due(const struct fbc_sender *s, uint64_t now)
{
    if ( (s->challenge && s->queue.first <= s->counter) ||
         !fbc_sendqueue_room(&s->queue) )
        return UINT64_MAX;
    if ( s->challenge && s->fresh > s->asked )
        return until(s->fresh + CHALLENGE_NS, now);

    return until(s->next_challenge, now);
}

static void ask(struct fbc_sender *s, uint64_t now)
{
    struct fbc_input in = { .kind = FBC_INPUT_CHALLENGE };
    struct fbc_error e;

    if ( fbc_random(&in.challenge, sizeof(in.challenge), &e) )
        return;
    in.challenge &= FBC_INPUT_CHALLENGE_MAX;
    in.challenge += !in.challenge;
    if ( !fbc_sendqueue_put(&s->queue, &in) )
        return;
    s->challenge = in.challenge;
    s->asked = now;
    s->counter = s->queue.first + s->queue.n - 1;
    s->next_challenge = now + CHALLENGE_NS;
    s->stats.challenges++;
}

/* Something to say when there is nothing, which nobody can tell apart. */
static void pad(struct fbc_sender *s)
{
    const struct fbc_input in = { .kind = FBC_INPUT_CHALLENGE,
                                  .challenge = s->challenge };

    if ( s->queue.sent == s->queue.n && s->challenge )
        (void)!fbc_sendqueue_put(&s->queue, &in);
}

static bool next_of_queue(struct fbc_sender *s, uint64_t now,
                          uint8_t record[static FBC_INPUT_RECORD_LEN])
{
    const struct fbc_input *in;
    size_t sealed = s->queue.sealed;
    uint64_t counter;
    bool first;

    /* At the end all goes once, whether there is room on the way or not. */
    if ( !fbc_sendwindow_may(&s->window, &s->queue, now, s->cadence) &&
         !s->closing )
        return false;
    in = fbc_sendqueue_next(&s->queue, &counter);
    if ( !in || fbc_input_seal(&s->conn, counter, in, record) )
        return false;

    first = s->queue.sealed != sealed;
    s->stats.records += first;
    s->stats.resent += !first;
    fbc_sendwindow_sent(&s->window, now, counter, first);

    return true;
}

static bool next_hello(struct fbc_sender *s, uint64_t now, uint64_t us,
                       uint8_t record[static FBC_INPUT_RECORD_LEN])
{
    if ( s->state == FBC_SENDER_HELLO && now - s->greeted < HELLO_NS )
        return false;
    if ( (s->state == FBC_SENDER_IDLE || s->hellos == HELLOS) &&
         !greet(s, now, us) )
        return false;

    memcpy(record, s->hello, FBC_INPUT_RECORD_LEN);
    s->hellos++;
    s->stats.unanswered++;
    s->greeted = now;

    return true;
}

/* When the next record may go, after this one. */
static uint64_t paced(const struct fbc_sender *s, uint64_t now)
{
    uint64_t slack = (FBC_SENDER_BURST - 1) * FBC_SENDER_PACE_NS;
    uint64_t from = now > slack ? now - slack : 0;

    return (s->pace > from ? s->pace : from) + FBC_SENDER_PACE_NS;
}

bool fbc_sender_next(struct fbc_sender *s, uint64_t now, uint64_t us,
                     uint8_t record[static FBC_INPUT_RECORD_LEN])
{
    bool any;

    if ( (s->cadence && now < s->tick) || now < s->pace )
        return false;

    if ( s->state != FBC_SENDER_OPEN )
        any = next_hello(s, now, us, record);
    else
    {
        if ( !challenge_due(s, now) )
            ask(s, now);
        if ( s->cadence )
            pad(s);
        any = next_of_queue(s, now, record);
    }
    if ( any && !s->closing )
        s->pace = paced(s, now);
    if ( any && s->cadence )
        s->tick = s->tick + s->cadence > now ? s->tick + s->cadence
                                             : now + s->cadence;

    return any;
}

uint64_t fbc_sender_timeout(const struct fbc_sender *s, uint64_t now)
{
    uint64_t t;

    if ( !s->keyed || !s->manifest )
        return UINT64_MAX;
    if ( s->state == FBC_SENDER_IDLE )
        t = 0;
    else if ( s->state == FBC_SENDER_HELLO )
        t = until(s->greeted + HELLO_NS, now);
    else if ( s->cadence )
        t = 0;
    else
    {
        t = until(fbc_sendwindow_when(&s->window, &s->queue), now);
        if ( challenge_due(s, now) < t )
            t = challenge_due(s, now);
    }

    if ( until(s->pace, now) > t )
        t = until(s->pace, now);

    return s->cadence && until(s->tick, now) > t ? until(s->tick, now) : t;
}

void fbc_sender_bye(struct fbc_sender *s)
{
    const struct fbc_input in = { .kind = FBC_INPUT_BYE };

    s->cadence = 0;
    s->closing = true;
    s->pace = 0;
    if ( s->state == FBC_SENDER_OPEN )
        (void)!fbc_sendqueue_put(&s->queue, &in);
}
