/* SPDX-License-Identifier: GPL-2.0-only */
/* From the guest's update events to sealed tiles and dom0's update events. */
#include "private.h"

/* A key serves this long at most, however little is drawn. */
#define EPOCH_LIFE SECONDS(7 * 24 * 3600)

static enum fbc_launched launched(const struct fbcrypt *fb)
{
    if ( fb->launch.state )
        return FBC_LAUNCHED_UNMEASURED;

    return fb->bound ? FBC_LAUNCHED_ACCEPTED : FBC_LAUNCHED_ANY;
}

enum fbc_err fbc_seal_new_epoch(struct fbcrypt *fb)
{
    uint8_t salt[FBC_SALT_LEN];
    enum fbc_err err;
    uint32_t epoch;

    /* Nothing is sealed under the old key any more: it may be worn out. */
    fb->epoch_due = true;
    if ( fbc_entropy(salt) )
        return FBC_ERR_NO_ENTROPY;
    epoch = fbc_key_next_epoch(fb);
    if ( !epoch )
        return FBC_ERR_EXPIRED;

    fbc_simd_begin();
    err = fbc_shadow_key(fb->vfb.engine, fbc_aead_pixels, epoch, salt,
                         fb->session, launched(fb), fb->launch.digest);
    fbc_simd_end();
    if ( err )
        return err;

    fbc_inputbox_epoch(&fb->input, fb->vfb.engine->input_key,
                       fb->vfb.geom.swidth, fb->vfb.geom.sheight);
    fb->epoch = epoch;
    fb->epoch_start = NOW();
    fb->epoch_due = false;

    return FBC_OK;
}

/*
 * A new size means new keys and a new layout.  Rows of the old layout may stay:
 * they are ciphertext of keys that are gone, and black if there never was one.
 */
static void resize(struct fbcrypt *fb, const struct fbc_fbif_event *ev)
{
    struct fbc_vfb *v = &fb->vfb;

    if ( fbc_shadow_bytes(&ev->geom) > (size_t)v->pixel_pages << PAGE_SHIFT ||
         ev->geom.tiles > v->meta_tiles )
    {
        fb->bad_events++;
        v->reason = FBC_ERR_MEMORY;
        return;
    }

    v->fb = ev->fb;
    v->geom = ev->geom;
    fbc_shadow_clear(v->engine);
    fbc_shadow_init(v->engine, &v->geom, v->guest_va + v->fb.offset,
                    v->fb.line_length, v->shadow_va, v->vec, v->dirty,
                    fb->uuid, fbc_vmm_hash);
    v->reason = fb->keyed ? fbc_seal_new_epoch(fb) : FBC_OK;
    fbc_fbif_shadow_size(v->s_info_va, &v->geom);
    v->resize_due = true;
}

static bool take_events(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;
    uint8_t raw[FBC_FBIF_EVENT_LEN];
    struct fbc_fbif_event ev;
    unsigned int n;

    for ( n = 0; n < FBC_FBIF_OUT_LEN; n++ )
    {
        switch ( fbc_fbring_take(&v->ring, v->info_va, raw) )
        {
        case FBC_FBRING_EMPTY:
            return false;

        case FBC_FBRING_LOST:
            fb->bad_events++;
            fbc_shadow_damage(v->engine, &(struct fbc_rect){
                                  0, 0, v->geom.width, v->geom.height });
            break;

        case FBC_FBRING_EVENT:
            fb->events++;
            fbc_heartbeat_drawn(fb);
            fbc_fbif_event(raw, &v->fb, &v->geom, &ev);
            if ( ev.type == FBC_FBIF_UPDATE )
                fbc_shadow_damage(v->engine, &ev.rect);
            else if ( ev.type == FBC_FBIF_RESIZE )
            {
                resize(fb, &ev);
                return true;    /* one a call: it derives keys */
            }
            else
                fb->bad_events++;
            break;
        }
    }

    return true;
}

bool fbc_seal_take_events(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;
    bool more;

    /*
     * Events of a pass or a rest stay in the guest's ring, but for the first.
     * So a pass has an end whatever other vCPUs draw; and once the ring is
     * full, Linux adds up what it draws, without a hypercall for each line.
     */
    if ( fb->pace.passing || fbc_seal_rests(fb) )
        return false;

    /* The guest may have made its page something else meanwhile. */
    if ( !get_page_type(v->info, PGT_writable_page) )
        return false;
    more = take_events(fb);
    put_page_type(v->info);

    return more;
}

static bool step(struct fbcrypt *fb)
{
    struct fbc_shadow *s = fb->vfb.engine;
    struct fbc_manifest_input input;
    enum fbc_err err = FBC_OK;
    uint64_t start;

    if ( !fb->keyed ||
         (s->header.ep.aead == FBC_AEAD_NONE && !fb->epoch_due) )
        return false;

    if ( fb->epoch_due || s->counter >= FBC_REKEY_COUNTER ||
         NOW() - fb->epoch_start > EPOCH_LIFE )
        err = fbc_seal_new_epoch(fb);

    if ( !err && !fbc_shadow_busy(s) && !s->manifest_due )
        return false;

    fbc_inputbox_report(&fb->input, &input);
    start = rdtsc();
    fbc_simd_begin();
    if ( !err && fbc_shadow_busy(s) )
        err = fbc_shadow_step(s, FBC_STEP_BYTES);
    if ( !err && !fbc_shadow_busy(s) && s->manifest_due )
        err = fbc_shadow_manifest(s, NOW(), &input);
    fbc_simd_end();
    fb->cycles += rdtsc() - start;

    fb->vfb.reason = err;

    return !err && (fbc_shadow_busy(s) || s->manifest_due);
}

void fbc_seal_begin(struct fbcrypt *fb)
{
    if ( !fb->pace.passing )
        fb->pass_cycles = fb->cycles;
    fbc_pace_begin(&fb->pace);
}

bool fbc_seal_step(struct fbcrypt *fb)
{
    if ( step(fb) )
        return true;
    fbc_pace_end(&fb->pace, NOW(), tsc_ticks2ns(fb->cycles - fb->pass_cycles));

    return false;
}

bool fbc_seal_rests(const struct fbcrypt *fb)
{
    return !fb->epoch_due && fbc_pace_rests(&fb->pace, NOW()) &&
           fbc_shadow_busy(fb->vfb.engine);
}

bool fbc_seal_pass(struct fbcrypt *fb)
{
    if ( fbc_seal_rests(fb) )
    {
        fbc_heartbeat_at(fb, fb->pace.rest_until);
        return false;
    }
    fbc_seal_begin(fb);

    return fbc_seal_step(fb);
}

bool fbc_seal_announce(struct fbcrypt *fb)
{
    struct fbc_vfb *v = &fb->vfb;
    uint8_t out[FBC_FBIF_EVENT_LEN];
    struct fbc_rect r;
    bool told = false;

    fbc_fbring_drop_in(v->s_info_va);

    while ( fbc_fbring_room(&v->ring, v->s_info_va) )
    {
        if ( v->resize_due )
        {
            fbc_fbif_put_resize(out, &v->geom);
            v->resize_due = false;
        }
        else if ( fbc_shadow_pending(v->engine, &r) )
            fbc_fbif_put_update(out, &r);
        else
            break;

        fbc_fbring_put(&v->ring, v->s_info_va, out);
        told = true;
    }

    return told;
}
