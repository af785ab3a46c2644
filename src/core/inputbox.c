/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's end of sealed input. */
#include "core/inputbox.h"

#define SECOND_NS  1000000000ull
#define BTN_LEFT   0x110            /* Linux */
#define BUTTONS    8
#define COUNTERS   0x10000          /* that a record tells apart */

/* Of a connection's record, before it is known to fit. */
struct result {
    uint8_t ev[FBC_INPUTBOX_EVENTS][FBC_KBDIF_EVENT_LEN];
    unsigned int nr;
    uint8_t buttons;
};

void fbc_inputbox_session(struct fbc_inputbox *b, enum fbc_inputbox_mode mode)
{
    struct fbc_inputbox_stats stats = b->stats;
    uint8_t buttons[FBC_INPUT_SLOTS];
    unsigned int i;

    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
        buttons[i] = b->slot[i].buttons;
    fbc_wipe(b, sizeof(*b));
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
        b->slot[i].buttons = buttons[i];
    b->stats = stats;
    b->mode = mode;
}

void fbc_inputbox_epoch(struct fbc_inputbox *b,
                        const uint8_t key[static FBC_KEY_LEN], uint16_t width,
                        uint16_t height)
{
    unsigned int i;

    memcpy(b->key, key, FBC_KEY_LEN);
    b->keyed = true;
    b->width = width;
    b->height = height;
    memset(&b->carrier, 0, sizeof(b->carrier));
    /* None of them verifies any more. */
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
        b->slot[i].hello = 0;
}

/* False: out of range; nothing was added. */
static bool add(struct result *r, uint8_t type, uint8_t pressed, uint32_t a,
                uint32_t b, uint32_t c, const struct fbc_kbdif_limits *limits)
{
    uint8_t raw[FBC_KBDIF_USED_LEN] = { type, pressed };

    fbc_put32(raw + 4, a);
    fbc_put32(raw + 8, b);
    fbc_put32(raw + 12, c);
    if ( !fbc_kbdif_event(raw, limits, r->ev[r->nr]) )
        return false;
    r->nr++;

    return true;
}

/* The buttons that change from what the connection held before. */
static bool add_buttons(struct result *r, uint8_t was, uint8_t now,
                        const struct fbc_kbdif_limits *limits)
{
    unsigned int i;

    r->buttons = now;
    for ( i = 0; i < BUTTONS; i++ )
        if ( ((was ^ now) >> i & 1) &&
             !add(r, FBC_KBDIF_KEY, now >> i & 1, BTN_LEFT + i, 0, 0, limits) )
            return false;

    return true;
}

static bool add_all(struct result *r, const struct fbc_input *in,
                    uint8_t buttons, const struct fbc_kbdif_limits *limits)
{
    unsigned int i;

    r->buttons = buttons;
    switch ( in->kind )
    {
    case FBC_INPUT_KEY:
        for ( i = 0; i < FBC_INPUT_KEYS && in->key[i].code; i++ )
            if ( !add(r, FBC_KBDIF_KEY, in->key[i].down, in->key[i].code, 0,
                      0, limits) )
                return false;
        return true;

    case FBC_INPUT_POINTER:
        /* xenkbd's wheel turns the other way. */
        return add(r, FBC_KBDIF_POS, 0, in->x, in->y,
                   (uint32_t)-in->wheel, limits) &&
               add_buttons(r, buttons, in->buttons, limits);

    case FBC_INPUT_BYE:
        return add_buttons(r, buttons, 0, limits);

    case FBC_INPUT_CHALLENGE:
        return true;
    }

    return false;
}

static bool barred(struct fbc_inputslot *s, uint64_t now)
{
    if ( now - s->since >= SECOND_NS )
    {
        s->since = now;
        s->fails = 0;
    }

    return s->fails >= FBC_INPUTBOX_FAILS;
}

static void end(struct fbc_inputslot *s)
{
    s->seq = 0;
    fbc_wipe(&s->conn, sizeof(s->conn));
}

static enum fbc_err take_hello(struct fbc_inputbox *b, const uint8_t *record,
                               const struct fbc_input_head *head,
                               uint64_t now, struct result *r,
                               const struct fbc_kbdif_limits *limits,
                               unsigned int room)
{
    struct fbc_inputslot *s = &b->slot[head->slot];
    struct fbc_input_conn conn;
    enum fbc_err err;

    if ( !b->keyed )
        return FBC_ERR_UNKEYED;
    if ( head->seq <= s->hello )
        return FBC_ERR_REPLAY;
    err = fbc_input_accept(b->key, record, &conn);
    if ( err )
        return err;

    /* Who held a button in this slot holds it no longer. */
    (void)add_buttons(r, s->buttons, 0, limits);
    if ( r->nr > room )
        err = FBC_ERR_IN_USE;
    else
    {
        s->conn = conn;
        s->seq = s->hello = head->seq;
        s->counter = 0;
        s->when = now;
        s->gap = false;
        b->mode = FBC_INPUTBOX_SEALED;
    }
    fbc_wipe(&conn, sizeof(conn));

    return err;
}

static enum fbc_err take_record(struct fbc_inputbox *b, const uint8_t *record,
                                const struct fbc_input_head *head,
                                uint64_t now, struct result *r,
                                const struct fbc_kbdif_limits *limits,
                                unsigned int room)
{
    struct fbc_inputslot *s = &b->slot[head->slot];
    struct fbc_input in = { .kind = 0 };
    enum fbc_err err;

    if ( s->seq && now - s->when > FBC_INPUTBOX_IDLE_NS )
        end(s);
    if ( !s->seq )
        return FBC_ERR_UNKEYED;
    err = fbc_input_open(&s->conn, s->counter + 1, record, &in);
    /* Who made it up gets a record sent again that was not lost. */
    s->gap |= (uint16_t)(head->counter - s->counter - 1) < COUNTERS / 2;
    if ( err && err != FBC_ERR_RANGE )
        return err;

    /* Its sender would repeat for ever what makes no sense. */
    if ( err || !add_all(r, &in, s->buttons, limits) )
    {
        b->stats.senseless++;
        r->nr = 0;
        r->buttons = s->buttons;
    }
    else if ( r->nr > room )
    {
        fbc_wipe(&in, sizeof(in));
        return FBC_ERR_IN_USE;
    }

    s->counter++;
    s->when = now;
    s->gap = false;
    if ( in.kind == FBC_INPUT_CHALLENGE )
        b->challenge = in.challenge | (uint64_t)head->slot << 56;
    if ( in.kind == FBC_INPUT_BYE )
        end(s);
    fbc_wipe(&in, sizeof(in));

    return FBC_OK;
}

enum fbc_err
fbc_inputbox_take(struct fbc_inputbox *b,
                  const uint8_t record[static FBC_INPUT_RECORD_LEN],
                  uint64_t now_ns, const struct fbc_kbdif_limits *limits,
                  unsigned int room,
                  uint8_t ev[static FBC_INPUTBOX_EVENTS][FBC_KBDIF_EVENT_LEN],
                  unsigned int *nr)
{
    struct fbc_input_head head;
    struct fbc_inputslot *s;
    struct result r = { .nr = 0 };
    enum fbc_err err = fbc_input_parse(record, &head);

    if ( !err && barred(&b->slot[head.slot], now_ns) )
        err = FBC_ERR_STALE;
    if ( err )
        goto out;

    s = &b->slot[head.slot];
    if ( head.hello )
        err = take_hello(b, record, &head, now_ns, &r, limits, room);
    else
        err = take_record(b, record, &head, now_ns, &r, limits, room);
    if ( err == FBC_ERR_AUTH )
        s->fails++;
    if ( err )
        goto out;

    s->buttons = r.buttons;
    memcpy(ev, r.ev, r.nr * sizeof(r.ev[0]));
    *nr = r.nr;

 out:
    fbc_wipe(&r, sizeof(r));
    if ( !err )
        b->stats.taken++;
    else if ( err == FBC_ERR_IN_USE )
        b->stats.full++;
    else
        b->stats.refused++;

    return err;
}

void fbc_inputbox_report(const struct fbc_inputbox *b,
                         struct fbc_manifest_input *out)
{
    unsigned int i;

    out->gap = 0;
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
    {
        out->ack[i] = (uint16_t)b->slot[i].counter;
        out->conn[i] = (uint16_t)b->slot[i].seq;
        out->gap |= (uint8_t)(b->slot[i].gap << i);
    }
    out->challenge = b->challenge;
}
