/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Validation of what dom0 says to a guest's keyboard and pointer (Xen
 * public/io/kbdif.h).  Callers pass private copies: nothing here reads shared
 * memory.
 */
#ifndef FBC_CORE_KBDIF_H
#define FBC_CORE_KBDIF_H

#include "core/fbc.h"

#define FBC_KBDIF_EVENT_LEN 40
#define FBC_KBDIF_USED_LEN  16      /* of an event; the rest is reserved */
#define FBC_KBDIF_IN_OFF    1024    /* ring of 51 events, dom0 -> guest */
#define FBC_KBDIF_IN_LEN    51
#define FBC_KBDIF_IN_CONS   0       /* byte offsets of the ring indices */
#define FBC_KBDIF_IN_PROD   4
#define FBC_KBDIF_OUT_CONS  8       /* guest -> dom0: no event is defined */
#define FBC_KBDIF_OUT_PROD  12

/* Linux's KEY_CNT: key codes are below it.  xen-kbdfront checks none. */
#define FBC_KBDIF_KEYS      0x300
#define FBC_KBDIF_REL_MAX   32767   /* relative motion, either way */
#define FBC_KBDIF_ABS_MAX   32767   /* position, whatever the limits say */

enum fbc_kbdif_type {               /* values of the wire */
    FBC_KBDIF_MOTION = 1,
    FBC_KBDIF_KEY = 3,              /* of buttons, too */
    FBC_KBDIF_POS = 4,
    FBC_KBDIF_MTOUCH = 5,
};

/* Positions lie below these, in pixels; 0: FBC_KBDIF_ABS_MAX alone counts. */
struct fbc_kbdif_limits {
    uint32_t width, height;
};

/*
 * raw: private copy of the head of a ring slot.  True: ev is the whole event
 * for the guest, written anew from the fields that were checked, the rest
 * zero; pressed is 0 or 1.  False, ev untouched: a value is out of range, or
 * the type is not one that is passed.  MTOUCH is none of them: it needs
 * feature-multi-touch, which dom0's QEMU does not offer.
 */
bool FBC_MUST_CHECK
fbc_kbdif_event(const uint8_t raw[static FBC_KBDIF_USED_LEN],
                const struct fbc_kbdif_limits *limits,
                uint8_t ev[static FBC_KBDIF_EVENT_LEN]);

#endif /* FBC_CORE_KBDIF_H */
