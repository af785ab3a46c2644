/* SPDX-License-Identifier: GPL-2.0-only */
/* The event ring of a xenkbd page and of its shadow. */
#include "core/kbdring.h"
#include "core/sharedpage.h"

static uint32_t slot(uint32_t index)
{
    return FBC_KBDIF_IN_OFF + index % FBC_KBDIF_IN_LEN * FBC_KBDIF_EVENT_LEN;
}

/* False, too, when the guest's cons makes no sense. */
static bool room(uint32_t prod, uint32_t cons)
{
    /* 2^32 is not a multiple of 51: events 0xffffffff and 0 share a slot. */
    if ( !prod )
        return !cons;

    return prod - cons < FBC_KBDIF_IN_LEN;
}

void fbc_kbdring_init(struct fbc_kbdring *r, const void *guest_page)
{
    memset(r, 0, sizeof(*r));
    r->prod = fbc_page_load(guest_page, FBC_KBDIF_IN_PROD);
}

/*
 * For how many events, at most what a record makes?  Whoever reads the guest's
 * evdev has room for 64 values until he is scheduled, and a key is two: what
 * the guest has not taken yet must not be more at once.
 */
static unsigned int room_for(uint32_t prod, uint32_t cons)
{
    unsigned int n = 0;

    while ( n < FBC_INPUTBOX_EVENTS && room(prod + n, cons) &&
            prod + n - cons < FBC_KBDRING_AHEAD )
        n++;

    return n;
}

static void put(struct fbc_kbdring *r, void *guest_page,
                uint8_t ev[][FBC_KBDIF_EVENT_LEN], unsigned int nr)
{
    unsigned int i;

    for ( i = 0; i < nr; i++, r->prod++ )
        memcpy((uint8_t *)guest_page + slot(r->prod), ev[i],
               FBC_KBDIF_EVENT_LEN);
    r->passed += nr;
}

/* Gives the guest the events that were put. */
static void publish(const struct fbc_kbdring *r, void *guest_page)
{
    fbc_page_order();
    fbc_page_store(guest_page, FBC_KBDIF_IN_PROD, r->prod);
}

/*
 * An event of dom0's that is a record's last position: true, with the events
 * that come of it.
 */
static bool take_record(struct fbc_inputbox *box, const uint8_t *raw,
                        unsigned int free, uint64_t now_ns,
                        const struct fbc_kbdif_limits *limits,
                        uint8_t ev[][FBC_KBDIF_EVENT_LEN], unsigned int *nr)
{
    uint8_t record[FBC_INPUT_RECORD_LEN];

    return box->keyed && raw[0] == FBC_KBDIF_POS &&
           fbc_carrier_take(&box->carrier, box->width, box->height,
                            fbc_get32(raw + 4), fbc_get32(raw + 8), record) &&
           !fbc_inputbox_take(box, record, now_ns, limits, free, ev, nr);
}

/* Returns what it did; moves r->s_cons past what was taken. */
static unsigned int move(struct fbc_kbdring *r, void *guest_page,
                         const void *shadow_page, uint32_t s_prod,
                         const struct fbc_kbdif_limits *limits,
                         struct fbc_inputbox *box, uint64_t now_ns)
{
    uint32_t cons = fbc_page_load(guest_page, FBC_KBDIF_IN_CONS);
    uint8_t raw[FBC_KBDIF_USED_LEN];
    uint8_t ev[FBC_INPUTBOX_EVENTS][FBC_KBDIF_EVENT_LEN];
    unsigned int done = 0;

    while ( r->s_cons != s_prod )
    {
        unsigned int free = room_for(r->prod, cons), nr = 0;

        /* Records tell their sender themselves that they found no room. */
        if ( box->mode == FBC_INPUTBOX_PLAIN && !room(r->prod, cons) )
            break;

        fbc_page_order();
        memcpy(raw, (const uint8_t *)shadow_page + slot(r->s_cons),
               sizeof(raw));
        fbc_page_order();
        r->s_cons++;

        if ( take_record(box, raw, free, now_ns, limits, ev, &nr) )
            done |= FBC_KBDRING_RECORD;
        else if ( box->mode != FBC_INPUTBOX_PLAIN )
            box->stats.discarded++;
        else if ( fbc_kbdif_event(raw, limits, ev[0]) )
            nr = 1;
        else
            r->dropped++;

        put(r, guest_page, ev, nr);
        if ( nr )
            done |= FBC_KBDRING_TELL_GUEST;
    }
    fbc_wipe(ev, sizeof(ev));

    return done;
}

unsigned int fbc_kbdring_pump(struct fbc_kbdring *r, void *guest_page,
                              void *shadow_page,
                              const struct fbc_kbdif_limits *limits,
                              struct fbc_inputbox *box, uint64_t now_ns)
{
    uint32_t s_prod = fbc_page_load(shadow_page, FBC_KBDIF_IN_PROD);
    uint32_t s_cons = r->s_cons;
    unsigned int done = 0;

    fbc_page_store(guest_page, FBC_KBDIF_OUT_CONS,
                   fbc_page_load(guest_page, FBC_KBDIF_OUT_PROD));

    if ( s_prod - s_cons > FBC_KBDIF_IN_LEN )
    {
        r->s_cons = s_prod;
        r->lost++;
    }
    else
        done = move(r, guest_page, shadow_page, s_prod, limits, box, now_ns);

    if ( done & FBC_KBDRING_TELL_GUEST )
        publish(r, guest_page);

    if ( r->s_cons != s_cons )
    {
        fbc_page_order();
        fbc_page_store(shadow_page, FBC_KBDIF_IN_CONS, r->s_cons);
        done |= FBC_KBDRING_TELL_DOM0;
    }

    return done;
}

enum fbc_err
fbc_kbdring_record(struct fbc_kbdring *r, void *guest_page,
                   const uint8_t record[static FBC_INPUT_RECORD_LEN],
                   const struct fbc_kbdif_limits *limits,
                   struct fbc_inputbox *box, uint64_t now_ns,
                   unsigned int *done)
{
    uint32_t cons = fbc_page_load(guest_page, FBC_KBDIF_IN_CONS);
    uint8_t ev[FBC_INPUTBOX_EVENTS][FBC_KBDIF_EVENT_LEN];
    unsigned int nr;
    enum fbc_err err = fbc_inputbox_take(box, record, now_ns, limits,
                                         room_for(r->prod, cons), ev, &nr);

    if ( err )
        return err;

    *done = FBC_KBDRING_RECORD;
    if ( nr )
    {
        put(r, guest_page, ev, nr);
        publish(r, guest_page);
        *done |= FBC_KBDRING_TELL_GUEST;
    }
    fbc_wipe(ev, sizeof(ev));

    return FBC_OK;
}
