/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Decides whether the screen shown is the guest's current one, from what the
 * viewer's side of a shadow (parse/shadow/view.h) found in each picture.  The
 * clock is the caller's, in ns, and never goes back.
 *
 * Live is a screen whose newest verified manifest is at most FBC_LIVE_NS old.
 * Its age is not only the time since it came: the hypervisor's time in it is
 * compared with the manifest that came fastest, so that a stream is noticed,
 * too, that is played slower and slower.  Clocks may drift apart by
 * FBC_LIVE_DRIFT.
 *
 * Heartbeat manifests are sealed every 0.5 s.  QEMU looks for changes every
 * 30 ms while it finds some and up to every 3 s when it did not for long;
 * with a heartbeat it stays far below one second.  4 s are above what an idle
 * QEMU needs to wake up, and let the mark appear within the 5 s promised.
 *
 * All that says nothing of a stream that was delayed from its first picture on.
 * So the hypervisor is challenged over sealed input (lib/input/sender.h): with
 * fbc_live_ask() nothing is live unless a challenge of the last FBC_LIVE_NS was
 * answered.
 *
 * A tile whose tag does not verify is being written, or forged.  One that is
 * being written verifies, or has a newer counter, as soon as QEMU has looked
 * again.  So it is tampered with if the same counter fails for FBC_LIVE_BAD_NS
 * in at least FBC_LIVE_BAD_SEEN pictures.
 */
#ifndef FBC_LIB_LIVE_H
#define FBC_LIB_LIVE_H

#include "parse/shadow/view.h"

#define FBC_LIVE_NS       UINT64_C(4000000000)
#define FBC_LIVE_DRIFT    2000          /* 1 in so many: 500 ppm */
#define FBC_LIVE_BAD_NS   UINT64_C(1000000000)
#define FBC_LIVE_BAD_SEEN 3
#define FBC_LIVE_TEXT     96

enum fbc_live_state {
    FBC_LIVE_OK,
    FBC_LIVE_CONNECTING,        /* no connection so far */
    FBC_LIVE_LOST,              /* no connection any more */
    FBC_LIVE_WAITING,           /* nothing proved to be current yet */
    FBC_LIVE_FROZEN,
    FBC_LIVE_DELAYED,
    FBC_LIVE_UNANSWERED,        /* a challenge */
    FBC_LIVE_TAMPERED,
    FBC_LIVE_UNKEYED,
    FBC_LIVE_OTHER_KEY,
    FBC_LIVE_OTHER_VM,
    FBC_LIVE_OTHER_VMM,
    FBC_LIVE_OLD,               /* an epoch that is over */
    FBC_LIVE_NO_SHADOW,         /* not protected, or damaged */
    FBC_LIVE_STATES
};

struct fbc_live {
    bool connected, was_connected;
    enum fbc_err unusable;      /* verdict on the last picture */
    bool pictures;              /* one of use has come over this connection */
    bool proved;                /* a manifest, of this epoch, over it */
    bool timed;                 /* the next three are of a manifest */
    uint64_t arrived, time_ns;  /* the newest one */
    int64_t lag;                /* arrival - time of the fastest, drifting */
    bool ask, answered;         /* challenges count; one was answered */
    uint64_t fresh;             /* when that was made */
    uint64_t since;             /* of the state of the connection, or of the
                                   first picture since */
    uint32_t tiles, verified;
    uint32_t forged;            /* tiles tampered with */
    struct fbc_live_bad {
        uint64_t counter;       /* 0: none */
        uint64_t since;
        uint32_t seen;
    } bad[FBC_MAX_TILES];
};

void fbc_live_init(struct fbc_live *l, uint64_t now);

void fbc_live_connected(struct fbc_live *l, uint64_t now);
void fbc_live_lost(struct fbc_live *l, uint64_t now);
/* From now on challenges must be answered; and one has been, made at when. */
void fbc_live_ask(struct fbc_live *l);
void fbc_live_answered(struct fbc_live *l, uint64_t when);
/* Another session key is used from now on. */
void fbc_live_new_key(struct fbc_live *l, uint64_t now);

/* A picture that fbc_view_update() refused, and one that it took. */
void fbc_live_unusable(struct fbc_live *l, uint64_t now, enum fbc_err err);
void fbc_live_picture(struct fbc_live *l, uint64_t now,
                      const struct fbc_view *v,
                      const struct fbc_view_stats *st);

enum fbc_live_state fbc_live_state(const struct fbc_live *l, uint64_t now);

/* One word, for machines. */
const char *fbc_live_name(enum fbc_live_state state);
/* Why it is not live, for people; "" when it is.  Changes once a second. */
void fbc_live_text(const struct fbc_live *l, uint64_t now,
                   char text[static FBC_LIVE_TEXT]);

/* ns until state or text may change without any event; UINT64_MAX: never. */
uint64_t fbc_live_timeout(const struct fbc_live *l, uint64_t now);

/*
 * May input go to the guest?  Only once the screen of this connection has
 * proved to be the guest's.
 */
bool fbc_live_input(const struct fbc_live *l, uint64_t now);

#endif /* FBC_LIB_LIVE_H */
