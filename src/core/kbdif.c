/* SPDX-License-Identifier: GPL-2.0-only */
/* Keyboard and pointer events, from dom0 to the guest. */
#include "core/kbdif.h"

/* union xenkbd_in_event: MOTION, KEY, POS. */
#define OFF_TYPE     0
#define OFF_REL_X    4
#define OFF_REL_Y    8
#define OFF_REL_Z    12
#define OFF_PRESSED  1
#define OFF_KEYCODE  4
#define OFF_ABS_X    4
#define OFF_ABS_Y    8
#define OFF_ABS_REL  12     /* the wheel */

static bool rel_ok(uint32_t v)
{
    return v + FBC_KBDIF_REL_MAX <= 2 * FBC_KBDIF_REL_MAX;
}

/* A negative number comes in as huge. */
static bool abs_ok(uint32_t v, uint32_t limit)
{
    return v <= FBC_KBDIF_ABS_MAX && (!limit || v < limit);
}

bool fbc_kbdif_event(const uint8_t raw[static FBC_KBDIF_USED_LEN],
                     const struct fbc_kbdif_limits *limits,
                     uint8_t ev[static FBC_KBDIF_EVENT_LEN])
{
    uint32_t code = fbc_get32(raw + OFF_KEYCODE);
    uint32_t words = 3;         /* of the event behind its first */
    uint8_t pressed = 0;

    switch ( raw[OFF_TYPE] )
    {
    case FBC_KBDIF_MOTION:
        if ( !rel_ok(fbc_get32(raw + OFF_REL_X)) ||
             !rel_ok(fbc_get32(raw + OFF_REL_Y)) ||
             !rel_ok(fbc_get32(raw + OFF_REL_Z)) )
            return false;
        break;

    case FBC_KBDIF_KEY:
        if ( !code || code >= FBC_KBDIF_KEYS )
            return false;
        pressed = !!raw[OFF_PRESSED];
        words = 1;
        break;

    case FBC_KBDIF_POS:
        if ( !abs_ok(fbc_get32(raw + OFF_ABS_X), limits->width) ||
             !abs_ok(fbc_get32(raw + OFF_ABS_Y), limits->height) ||
             !rel_ok(fbc_get32(raw + OFF_ABS_REL)) )
            return false;
        break;

    default:
        return false;
    }

    memset(ev, 0, FBC_KBDIF_EVENT_LEN);
    ev[OFF_TYPE] = raw[OFF_TYPE];
    ev[OFF_PRESSED] = pressed;
    memcpy(ev + 4, raw + 4, words * 4);

    return true;
}
