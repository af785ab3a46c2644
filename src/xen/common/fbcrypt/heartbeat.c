/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A fresh manifest now and then, drawn or not (core/pace.c says when).
 *
 * The timer runs in softirq context, where vector registers are out of reach;
 * the work is done by a tasklet on an idle vCPU.
 */
#include "private.h"

#define STEP_MS 2

static s_time_t period(const struct fbcrypt *fb)
{
    return fbc_pace_period(&fb->pace, NOW(), fb->refresh_ms);
}

static void cf_check beat(void *data)
{
    struct fbcrypt *fb = data;
    bool told = false, more = false, rests = false, full = false;
    evtchn_port_t port = 0;

    spin_lock(&fb->lock);
    if ( !fb->dying && fb->keyed && fb->vfb.state == FBC_VFB_UP &&
         read_atomic(&fb->vfb.port) )
    {
        /*
         * Tiles that are due have their own manifest coming, and a guest that
         * seals them; but not those of an epoch that began here, nor what was
         * drawn last before a rest.  A guest whose ring was full has more, and
         * is told that there is room.
         */
        fb->vfb.engine->manifest_due = true;
        port = fb->vfb.port;
        rests = fbc_seal_rests(fb);
        if ( !rests )
        {
            full = fbc_seal_take_events(fb);
            more = fbc_seal_step(fb) || full;
        }
        if ( !more )
            told = fbc_seal_announce(fb);
    }
    /* Nobody pays for this: a step now and then, whatever the guest draws. */
    set_timer(&fb->timer, rests ? fb->pace.rest_until
                                : NOW() + (more ? MILLISECS(STEP_MS)
                                                : period(fb)));
    spin_unlock(&fb->lock);

    if ( told )
        fbc_kick(fb->d, port);
    if ( full )
        fbc_kick_back(fb->d, port);
}

static void cf_check tick(void *data)
{
    struct fbcrypt *fb = data;

    tasklet_schedule(&fb->tasklet);
}

void fbc_heartbeat_init(struct fbcrypt *fb)
{
    tasklet_init(&fb->tasklet, beat, fb);
    init_timer(&fb->timer, tick, fb, smp_processor_id());
}

void fbc_heartbeat_start(struct fbcrypt *fb)
{
    set_timer(&fb->timer, NOW() + period(fb));
}

/* The next beat is far away, or on its way to its tasklet. */
static void hurry(struct fbcrypt *fb, s_time_t was)
{
    s_time_t is = period(fb);

    if ( is < was && fb->keyed )
        set_timer(&fb->timer, NOW() + is);
}

void fbc_heartbeat_drawn(struct fbcrypt *fb)
{
    s_time_t was = period(fb);

    fbc_pace_drawn(&fb->pace, NOW());
    hurry(fb, was);
}

void fbc_heartbeat_record(struct fbcrypt *fb)
{
    s_time_t was = period(fb);

    fbc_pace_record(&fb->pace, NOW());
    hurry(fb, was);
}

void fbc_heartbeat_at(struct fbcrypt *fb, s_time_t when)
{
    set_timer(&fb->timer, when);
}

void fbc_heartbeat_stop(struct fbcrypt *fb)
{
    kill_timer(&fb->timer);
    tasklet_kill(&fb->tasklet);
}
