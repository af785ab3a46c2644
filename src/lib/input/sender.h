/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tenant's end of sealed input (core/input.h): turns events into records
 * for the hypervisor, and learns from manifests what it took.
 *
 * Nothing is lost, repeated or swapped while a connection lasts: records are
 * sent again until they are acknowledged (lib/input/sendwindow.h).
 * A connection ends when another sender takes its slot, or when the guest takes
 * nothing for FBC_SENDER_STUCK_NS; then all that waits is thrown away, counted
 * as lost, and another one begins.
 *
 * A second after the last answer the hypervisor is challenged: a number that
 * nobody can have known before has to come back in a manifest.  From then on
 * an acknowledgement beside that number is an answer, too.
 *
 * With a cadence, exactly one record is sent per tick, whatever there is to
 * say, so that the rhythm of typing does not show.  It costs the time until
 * the next tick, and the line.
 *
 * Clocks are the caller's: now in ns, never going back; us is the time since
 * 1970 in microseconds.
 */
#ifndef FBC_LIB_SENDER_H
#define FBC_LIB_SENDER_H

#include "core/manifest.h"
#include "lib/input/sendwindow.h"

/*
 * Between two records of a backlog, after the first FBC_SENDER_BURST: a guest's
 * ring has 51 events, and whoever reads a keyboard there has room for 64.
 */
#define FBC_SENDER_PACE_NS  UINT64_C(5000000)
#define FBC_SENDER_BURST    8
#define FBC_SENDER_STUCK_NS UINT64_C(10000000000)

enum fbc_sender_state {
    FBC_SENDER_IDLE,                /* no epoch, or no manifest yet */
    FBC_SENDER_HELLO,               /* waits for the hypervisor */
    FBC_SENDER_OPEN,
};

struct fbc_sender_stats {
    uint64_t records, resent;       /* resent ones are not in records */
    uint64_t lost;                  /* of events, thrown away: the hypervisor
                                       may have taken them, or not */
    uint64_t connections;           /* opened */
    uint64_t unanswered;            /* hellos, since the last one opened */
    uint64_t challenges, answers;
};

struct fbc_sender {                 /* secret */
    enum fbc_sender_state state;
    uint64_t cadence, tick;         /* ns; cadence 0: none */
    bool keyed;
    uint8_t key[FBC_KEY_LEN];       /* K("input") of the epoch */
    uint16_t conns[FBC_INPUT_SLOTS];    /* as the last manifest had them */
    bool manifest;                  /* there was one */
    bool closing;

    unsigned int slot;
    uint64_t seq;
    uint16_t before;                /* the slot's name before our hello */
    unsigned int hellos;            /* sent of this one, the last when */
    uint64_t greeted;
    uint8_t hello[FBC_INPUT_RECORD_LEN];
    struct fbc_input_conn conn;

    uint64_t pace;                  /* no record before */

    struct fbc_sendqueue queue;
    struct fbc_sendwindow window;

    uint64_t challenge, asked;      /* the last one; 0: none */
    uint64_t counter;               /* in which it went */
    uint64_t next_challenge;
    uint64_t fresh;                 /* when what was answered last was sent;
                                       0: nothing was */
    struct fbc_sender_stats stats;
};

void fbc_sender_init(struct fbc_sender *s, uint64_t cadence_ns);
/* Forgets connection, keys and queue, as for another session key. */
void fbc_sender_forget(struct fbc_sender *s);

/* An epoch begins: its K("input"). */
void fbc_sender_epoch(struct fbc_sender *s,
                      const uint8_t key[static FBC_KEY_LEN]);
/* A way to the hypervisor is there anew: all that waits is sent again. */
void fbc_sender_connected(struct fbc_sender *s, uint64_t now);

enum fbc_sender_news {
    FBC_SENDER_NOTHING,
    FBC_SENDER_OPENED,              /* the guest's keys may be in any state */
    FBC_SENDER_CLOSED,              /* what had not been taken is lost */
};

/* A manifest that verified. */
enum fbc_sender_news fbc_sender_manifest(struct fbc_sender *s, uint64_t now,
                                         const struct fbc_manifest_input *m);

/* False: no connection is open, or no room. */
bool fbc_sender_put(struct fbc_sender *s, const struct fbc_input *in);
/* Events that can be put for sure. */
size_t fbc_sender_room(const struct fbc_sender *s);

/* The next record to send now; false: there is none. */
bool fbc_sender_next(struct fbc_sender *s, uint64_t now, uint64_t us,
                     uint8_t record[static FBC_INPUT_RECORD_LEN]);
/* ns until there may be one; UINT64_MAX: not before something happens. */
uint64_t fbc_sender_timeout(const struct fbc_sender *s, uint64_t now);

/*
 * The last record of all, behind what waits; call fbc_sender_next() until it
 * has no more.  Nothing is acknowledged any more.
 */
void fbc_sender_bye(struct fbc_sender *s);

#endif /* FBC_LIB_SENDER_H */
