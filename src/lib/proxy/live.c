/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether the screen shown is the guest's current one. */
#include "lib/proxy/live.h"

#include <stdio.h>

#define SECOND UINT64_C(1000000000)

void fbc_live_init(struct fbc_live *l, uint64_t now)
{
    memset(l, 0, sizeof(*l));
    l->since = now;
}

static void forget_picture(struct fbc_live *l, uint64_t now)
{
    l->unusable = FBC_OK;
    l->pictures = l->proved = false;
    l->since = now;
    l->forged = 0;
    memset(l->bad, 0, sizeof(l->bad));
}

void fbc_live_connected(struct fbc_live *l, uint64_t now)
{
    forget_picture(l, now);
    l->connected = l->was_connected = true;
}

void fbc_live_lost(struct fbc_live *l, uint64_t now)
{
    if ( !l->connected )
        return;                 /* another attempt has failed */

    forget_picture(l, now);
    l->connected = false;
}

void fbc_live_new_key(struct fbc_live *l, uint64_t now)
{
    forget_picture(l, now);
    l->answered = false;
    l->timed = false;           /* it may be another hypervisor's clock */
    l->tiles = l->verified = 0;
}

void fbc_live_ask(struct fbc_live *l)
{
    l->ask = true;
}

void fbc_live_answered(struct fbc_live *l, uint64_t when)
{
    if ( l->answered && when < l->fresh )
        return;
    l->answered = true;
    l->fresh = when;
}

void fbc_live_unusable(struct fbc_live *l, uint64_t now, enum fbc_err err)
{
    /* A header that is torn is read again in a moment. */
    if ( err == FBC_ERR_CHECKSUM && l->proved )
        return;

    if ( !l->unusable )
        forget_picture(l, now);
    l->unusable = err;
}

/* Is this tile tampered with? */
static bool check_tile(struct fbc_live_bad *b, uint64_t now, uint64_t counter)
{
    if ( !counter || counter != b->counter )
    {
        b->counter = counter;
        b->since = now;
        b->seen = 0;
    }
    if ( b->seen < FBC_LIVE_BAD_SEEN )
        b->seen++;

    return counter && b->seen == FBC_LIVE_BAD_SEEN &&
           now - b->since > FBC_LIVE_BAD_NS;
}

static void take_manifest(struct fbc_live *l, uint64_t now, uint64_t time_ns)
{
    int64_t lag = (int64_t)(now - time_ns);

    if ( l->timed && time_ns <= l->time_ns )
        return;                 /* the one held, once more */

    if ( l->timed )
        l->lag += (int64_t)((now - l->arrived) / FBC_LIVE_DRIFT);
    if ( !l->timed || lag < l->lag )
        l->lag = lag;
    l->timed = l->proved = true;
    l->arrived = now;
    l->time_ns = time_ns;
}

void fbc_live_picture(struct fbc_live *l, uint64_t now,
                      const struct fbc_view *v,
                      const struct fbc_view_stats *st)
{
    uint32_t tiles = v->header.ep.geom.tiles, tile;

    if ( l->unusable || st->new_epoch )
        forget_picture(l, now);
    if ( !l->pictures )
        l->since = now;
    l->pictures = true;
    l->tiles = tiles;
    l->verified = l->forged = 0;
    for ( tile = 0; tile < tiles; tile++ )
    {
        l->forged += check_tile(&l->bad[tile], now, v->bad[tile]);
        l->verified += fbc_vector_get(v->vec, tile) != 0;
    }
    if ( st->manifest == FBC_OK )
        take_manifest(l, now, st->live.time_ns);
}

/* Of the newest manifest, and never less than the time since it came. */
static uint64_t age(const struct fbc_live *l, uint64_t now)
{
    int64_t a = (int64_t)(now - l->time_ns) - l->lag;

    return a > (int64_t)(now - l->arrived) ? (uint64_t)a : now - l->arrived;
}

static enum fbc_live_state unusable_state(enum fbc_err err)
{
    switch ( err )
    {
    case FBC_ERR_UNKEYED:   return FBC_LIVE_UNKEYED;
    case FBC_ERR_AUTH:      return FBC_LIVE_OTHER_KEY;
    case FBC_ERR_WRONG_VM:  return FBC_LIVE_OTHER_VM;
    case FBC_ERR_WRONG_VMM: return FBC_LIVE_OTHER_VMM;
    case FBC_ERR_STALE:     return FBC_LIVE_OLD;
    default:                return FBC_LIVE_NO_SHADOW;
    }
}

enum fbc_live_state fbc_live_state(const struct fbc_live *l, uint64_t now)
{
    if ( !l->connected )
        return l->was_connected ? FBC_LIVE_LOST : FBC_LIVE_CONNECTING;
    if ( l->unusable )
        return unusable_state(l->unusable);
    if ( l->forged )
        return FBC_LIVE_TAMPERED;
    if ( !l->proved )
        return l->pictures && now - l->since > FBC_LIVE_NS
               ? FBC_LIVE_FROZEN : FBC_LIVE_WAITING;
    if ( age(l, now) <= FBC_LIVE_NS )
        return l->ask && (!l->answered || now - l->fresh > FBC_LIVE_NS)
               ? FBC_LIVE_UNANSWERED : FBC_LIVE_OK;

    return now - l->arrived > FBC_LIVE_NS / 2 ? FBC_LIVE_FROZEN
                                              : FBC_LIVE_DELAYED;
}

const char *fbc_live_name(enum fbc_live_state state)
{
    static const char *const names[FBC_LIVE_STATES] = {
        [FBC_LIVE_OK]         = "live",
        [FBC_LIVE_CONNECTING] = "connecting",
        [FBC_LIVE_LOST]       = "lost",
        [FBC_LIVE_WAITING]    = "waiting",
        [FBC_LIVE_FROZEN]     = "frozen",
        [FBC_LIVE_DELAYED]    = "delayed",
        [FBC_LIVE_UNANSWERED] = "unanswered",
        [FBC_LIVE_TAMPERED]   = "tampered",
        [FBC_LIVE_UNKEYED]    = "unkeyed",
        [FBC_LIVE_OTHER_KEY]  = "other-key",
        [FBC_LIVE_OTHER_VM]   = "other-vm",
        [FBC_LIVE_OTHER_VMM]  = "other-hypervisor",
        [FBC_LIVE_OLD]        = "old-epoch",
        [FBC_LIVE_NO_SHADOW]  = "no-shadow",
    };

    return names[state];
}

static unsigned int seconds(uint64_t ns)
{
    return (unsigned int)(ns / SECOND);
}

/* The clock of a text that counts seconds. */
static uint64_t counted(const struct fbc_live *l, uint64_t now,
                        enum fbc_live_state state)
{
    switch ( state )
    {
    case FBC_LIVE_FROZEN:
        return now - (l->proved ? l->arrived : l->since);

    case FBC_LIVE_DELAYED:
        return age(l, now);

    case FBC_LIVE_UNANSWERED:
        return now - (l->answered ? l->fresh : l->since);

    default:
        return now - l->since;
    }
}

static void waiting_text(const struct fbc_live *l,
                         char text[static FBC_LIVE_TEXT])
{
    if ( !l->pictures )
        snprintf(text, FBC_LIVE_TEXT, "waiting for the first picture");
    else
        snprintf(text, FBC_LIVE_TEXT, "checking: %u of %u tiles verified",
                 l->verified, l->tiles);
}

void fbc_live_text(const struct fbc_live *l, uint64_t now,
                   char text[static FBC_LIVE_TEXT])
{
    enum fbc_live_state state = fbc_live_state(l, now);
    unsigned int s = seconds(counted(l, now, state));
    const char *fixed = "";

    switch ( state )
    {
    case FBC_LIVE_CONNECTING:
        snprintf(text, FBC_LIVE_TEXT, "no connection yet: trying for %u s",
                 s);
        return;

    case FBC_LIVE_LOST:
        snprintf(text, FBC_LIVE_TEXT, "connection lost: retrying for %u s",
                 s);
        return;

    case FBC_LIVE_WAITING:
        waiting_text(l, text);
        return;

    case FBC_LIVE_FROZEN:
        snprintf(text, FBC_LIVE_TEXT, "frozen: no manifest for %u s", s);
        return;

    case FBC_LIVE_DELAYED:
        snprintf(text, FBC_LIVE_TEXT, "delayed: the picture is %u s old", s);
        return;

    case FBC_LIVE_UNANSWERED:
        snprintf(text, FBC_LIVE_TEXT, l->answered
                 ? "challenge not answered for %u s"
                 : "waiting for the answer to a challenge: %u s", s);
        return;

    case FBC_LIVE_TAMPERED:
        snprintf(text, FBC_LIVE_TEXT, "tampered: %u tile%s not verify",
                 l->forged, l->forged == 1 ? " does" : "s do");
        return;

    case FBC_LIVE_UNKEYED:    fixed = "no key set yet"; break;
    case FBC_LIVE_OTHER_KEY:  fixed = "another session key or launch";
                              break;
    case FBC_LIVE_OTHER_VM:   fixed = "the screen of another VM"; break;
    case FBC_LIVE_OTHER_VMM:  fixed = "another hypervisor"; break;
    case FBC_LIVE_OLD:        fixed = "a replay: this epoch is over"; break;
    case FBC_LIVE_NO_SHADOW:
        fixed = l->unusable == FBC_ERR_MAGIC
                ? "not a protected screen"
                : l->unusable == FBC_ERR_VERSION
                ? "a shadow of an unknown version" : "not a valid shadow";
        break;

    case FBC_LIVE_OK:
    case FBC_LIVE_STATES:
        break;
    }
    snprintf(text, FBC_LIVE_TEXT, "%s", fixed);
}

/* ns that it stays so without news. */
static uint64_t live_for(const struct fbc_live *l, uint64_t now)
{
    uint64_t t = FBC_LIVE_NS - age(l, now);

    return l->ask && FBC_LIVE_NS - (now - l->fresh) < t
           ? FBC_LIVE_NS - (now - l->fresh) : t;
}

uint64_t fbc_live_timeout(const struct fbc_live *l, uint64_t now)
{
    enum fbc_live_state state = fbc_live_state(l, now);

    switch ( state )
    {
    case FBC_LIVE_OK:
        return live_for(l, now) + 1;

    case FBC_LIVE_WAITING:
        return l->pictures ? FBC_LIVE_NS - (now - l->since) + 1 : UINT64_MAX;

    case FBC_LIVE_CONNECTING:
    case FBC_LIVE_LOST:
    case FBC_LIVE_FROZEN:
    case FBC_LIVE_DELAYED:
    case FBC_LIVE_UNANSWERED:
        return SECOND - counted(l, now, state) % SECOND;

    default:
        return UINT64_MAX;
    }
}

bool fbc_live_input(const struct fbc_live *l, uint64_t now)
{
    switch ( fbc_live_state(l, now) )
    {
    case FBC_LIVE_OK:
    case FBC_LIVE_DELAYED:
    case FBC_LIVE_UNANSWERED:
        return true;

    case FBC_LIVE_FROZEN:
        return l->proved;

    default:
        return false;
    }
}
