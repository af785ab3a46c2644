/* SPDX-License-Identifier: GPL-2.0-only */
/* What the guest gets of pointer positions: the hypervisor's end. */
#include <stdio.h>

#include "evilshadow.h"

/* As stock QEMU scales it twice. */
static uint32_t through_qemu(uint32_t v, uint32_t size)
{
    return v * 0x7fff / size * (size - 1) / 0x7fff;
}

static void say(const uint8_t *ev)
{
    if ( ev[0] == FBC_KBDIF_KEY )
        printf("guest key %u %u\n", ev[1], fbc_get32(ev + 4));
    else
        printf("guest pos %u %u %d\n", fbc_get32(ev + 4), fbc_get32(ev + 8),
               -(int)fbc_get32(ev + 12));
}

void evil_pointer(struct evil *v, uint32_t x, uint32_t y)
{
    const struct fbc_kbdif_limits limits = { v->g.width, v->g.height };
    uint8_t ev[FBC_INPUTBOX_EVENTS][FBC_KBDIF_EVENT_LEN];
    uint8_t record[FBC_INPUT_RECORD_LEN];
    unsigned int room = v->full ? 0 : FBC_INPUTBOX_EVENTS, nr = 0, i;
    uint64_t held[FBC_INPUT_SLOTS];

    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
        held[i] = v->box.slot[i].seq;

    if ( v->no_input || v->swallow ||
         (v->lose && ++v->pointers % v->lose == 0) ||
         !fbc_carrier_take(&v->box.carrier, v->g.swidth, v->g.sheight,
                           through_qemu(x, v->g.swidth),
                           through_qemu(y, v->g.sheight), record) ||
         fbc_inputbox_take(&v->box, record, evil_now_ns(), &limits, room, ev,
                           &nr) )
        return;
    for ( i = 0; i < nr; i++ )
        say(ev[i]);
    for ( i = 0; i < FBC_INPUT_SLOTS; i++ )
        if ( held[i] && !v->box.slot[i].seq )
            printf("slot %u is free\n", i);
    v->taken = true;
}
