/* SPDX-License-Identifier: GPL-2.0-only */
/* Sealed input: from viewers to the hypervisor, as pointer positions. */
#include <poll.h>
#include <time.h>

#include "core/carrier.h"
#include "lib/base/clock.h"
#include "lib/proxy/proxy_int.h"

/* Places that presses leave, so that what is down can come up. */
#define RESERVE (FBC_TYPIST_MOST + FBC_TYPIST_KEYS)
#define PATIENCE (2 * FBC_NS_PER_S) /* of viewers, without progress */
#define HELLOS  5               /* without an answer: say so */

enum { RFB_LEFT = 1, RFB_MIDDLE = 2, RFB_RIGHT = 4, RFB_WHEEL_UP = 8,
       RFB_WHEEL_DOWN = 16, RFB_BACK = 128 };
enum { BTN_LEFT = 1, BTN_RIGHT = 2, BTN_MIDDLE = 4, BTN_SIDE = 8 };

static uint64_t since_1970_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);

    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void warn(struct fbc_proxy *p, const char *text)
{
    if ( !p->warned && p->o.warn )
        p->o.warn(p->o.arg, text);
    p->warned = true;
}

/* Viewers hold nothing any more; the guest may. */
static void forget_viewers(struct fbc_proxy *p)
{
    p->s->typist.n_held = 0;
    fbc_wipe(p->s->paste, sizeof(p->s->paste));
    p->s->paste_len = p->s->pasted = 0;
    p->buttons = 0;
    memset(p->viewer_buttons, 0, sizeof(p->viewer_buttons));
}

static void begin(struct fbc_proxy *p)
{
    fbc_typist_init(&p->s->typist, p->o.keymap, p->o.by_keysym);
    forget_viewers(p);
}

void proxy_input_init(struct fbc_proxy *p)
{
    if ( p->o.plain_input )
        return;
    fbc_sender_init(&p->s->sender, 0);
    fbc_live_ask(&p->live);
    begin(p);
}

void proxy_input_session(struct fbc_proxy *p)
{
    if ( p->o.plain_input )
        return;
    fbc_sender_forget(&p->s->sender);
    p->warned = false;
    begin(p);
}

void proxy_input_epoch(struct fbc_proxy *p)
{
    if ( !p->o.plain_input )
        fbc_sender_epoch(&p->s->sender, p->s->view.input_key);
}

void proxy_input_connected(struct fbc_proxy *p)
{
    if ( !p->o.plain_input )
        fbc_sender_connected(&p->s->sender, p->now);
}

static void put_events(struct fbc_proxy *p, const struct fbc_typist_out *out)
{
    size_t i;

    for ( i = 0; i < out->n; i++ )
    {
        const struct fbc_input in = {
            .kind = FBC_INPUT_KEY,
            .key = { { out->event[i].code, out->event[i].down } },
        };

        if ( fbc_sender_put(&p->s->sender, &in) )
            p->stats.input++;
        else
            p->stats.withheld++;
    }
}

void proxy_input_manifest(struct fbc_proxy *p, const struct fbc_manifest *m)
{
    struct fbc_sender *s = &p->s->sender;
    uint64_t lost = s->stats.lost;

    if ( p->o.plain_input )
        return;
    switch ( fbc_sender_manifest(s, p->now, &m->input) )
    {
    case FBC_SENDER_NOTHING:
        break;

    case FBC_SENDER_OPENED:
        proxy_say(p, "input: sealed, slot %u", s->slot);
        p->warned = false;
        p->lift = true;
        break;

    case FBC_SENDER_CLOSED:
        lost = s->stats.lost - lost;
        proxy_say(p, "input: begins anew; %llu event%s may be lost",
                  (unsigned long long)lost, lost == 1 ? "" : "s");
        forget_viewers(p);
        break;
    }
    if ( s->fresh )
        fbc_live_answered(&p->live, s->fresh);
}

/* May records go out? */
static bool able(const struct fbc_proxy *p, uint64_t now)
{
    const struct fbc_geom *g = &p->s->view.header.ep.geom;

    return !p->o.plain_input && p->up && p->ready &&
           g->swidth >= FBC_CARRIER_MIN && g->sheight >= FBC_CARRIER_MIN &&
           fbc_live_input(&p->live, now);
}

static void carry(struct fbc_proxy *p,
                  const uint8_t record[static FBC_INPUT_RECORD_LEN])
{
    const struct fbc_geom *g = &p->s->view.header.ep.geom;
    struct fbc_point points[FBC_CARRIER_POINTS];
    size_t i;

    if ( fbc_carrier_points(record, g->swidth, g->sheight, points) )
        return;
    for ( i = 0; i < FBC_CARRIER_POINTS; i++ )
        fbc_upstream_pointer(p->up, 0, points[i].x, points[i].y);
}

static void complain(struct fbc_proxy *p)
{
    const struct fbc_geom *g = &p->s->view.header.ep.geom;

    if ( p->live.proved && (g->swidth < FBC_CARRIER_MIN ||
                            g->sheight < FBC_CARRIER_MIN) )
        warn(p, "the screen is too small for sealed input, which needs 384 "
             "pixels each way");
    else if ( p->s->sender.state == FBC_SENDER_HELLO &&
              p->s->sender.stats.unanswered >= HELLOS )
        warn(p, "sealed input is not answered: the hypervisor is too old for "
             "it (--plain-input), or dom0 keeps it");
}

void proxy_input_send(struct fbc_proxy *p)
{
    uint8_t record[FBC_INPUT_RECORD_LEN];

    if ( p->o.plain_input )
        return;
    p->s->sender.cadence = fbc_viewers_count(p->viewers) ? p->o.cadence : 0;
    complain(p);
    while ( able(p, p->now) &&
            fbc_sender_next(&p->s->sender, p->now, since_1970_us(), record) )
        carry(p, record);
}

uint64_t proxy_input_timeout(const struct fbc_proxy *p, uint64_t now)
{
    return able(p, now) ? fbc_sender_timeout(&p->s->sender, now) : UINT64_MAX;
}

void proxy_input_end(struct fbc_proxy *p)
{
    struct fbc_error e;
    unsigned int what;

    if ( p->o.plain_input )
        return;
    fbc_sender_bye(&p->s->sender);
    proxy_input_send(p);
    if ( p->up )
        (void)!fbc_upstream_io(p->up, POLLOUT, &what, &e);
}

/* May a press, or a move, go to the guest now? */
bool proxy_input_room(const struct fbc_proxy *p)
{
    return able(p, p->now) && fbc_sender_room(&p->s->sender) > RESERVE;
}

bool proxy_input_busy(void *proxy)
{
    const struct fbc_proxy *p = proxy;
    const struct fbc_sender *s = &p->s->sender;

    return s->state == FBC_SENDER_OPEN && able(p, p->now) &&
           (fbc_sender_room(s) <= RESERVE || proxy_pasting(p)) &&
           p->now - s->window.progress < PATIENCE;
}

void proxy_input_release(struct fbc_proxy *p)
{
    struct fbc_typist_out out;

    while ( fbc_typist_release(&p->s->typist, &out) )
        put_events(p, &out);
}

bool proxy_input_type(struct fbc_proxy *p, unsigned int who, bool down,
                      uint32_t keysym, uint32_t keycode)
{
    struct fbc_typist_out out;
    bool any;

    /* A connection before, or another proxy, may have left keys down. */
    if ( down && p->lift )
    {
        p->lift = false;
        proxy_input_release(p);
        fbc_typist_lift(&out);
        put_events(p, &out);
    }
    any = fbc_typist_key(&p->s->typist, who, down, keysym, keycode, &out);
    put_events(p, &out);
    fbc_wipe(&out, sizeof(out));

    return any;
}

static uint8_t buttons_of(uint8_t rfb)
{
    return (uint8_t)((rfb & RFB_LEFT ? BTN_LEFT : 0) |
                     (rfb & RFB_MIDDLE ? BTN_MIDDLE : 0) |
                     (rfb & RFB_RIGHT ? BTN_RIGHT : 0) |
                     (rfb & RFB_BACK ? BTN_SIDE : 0));
}

/* A button is down while any viewer holds it. */
static uint8_t with_others(const struct fbc_proxy *p, unsigned int who,
                           uint8_t buttons)
{
    unsigned int i;

    for ( i = 0; i < FBC_VIEWERS_MAX; i++ )
        if ( i != who )
            buttons |= p->viewer_buttons[i];

    return buttons;
}

void proxy_input_pointer(void *proxy, unsigned int who, uint8_t buttons,
                         uint16_t x, uint16_t y)
{
    struct fbc_proxy *p = proxy;
    const struct fbc_geom *g = &p->s->view.header.ep.geom;
    uint8_t all = with_others(p, who, buttons);
    uint8_t pressed = all & (uint8_t)~p->buttons;
    struct fbc_input in = {
        .kind = FBC_INPUT_POINTER, .buttons = buttons_of(all),
        .wheel = (int8_t)(!!(pressed & RFB_WHEEL_UP) -
                          !!(pressed & RFB_WHEEL_DOWN)),
    };
    bool lets_go = p->buttons & (uint8_t)~all && !pressed;

    in.x = g->width && x >= g->width ? (uint16_t)(g->width - 1) : x;
    in.y = g->height && y >= g->height ? (uint16_t)(g->height - 1) : y;
    if ( (lets_go || proxy_input_room(p)) &&
         fbc_sender_put(&p->s->sender, &in) )
    {
        p->buttons = all;
        p->viewer_buttons[who] = buttons;
        p->stats.input++;
    }
    else
        p->stats.withheld++;
}
