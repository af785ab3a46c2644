/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The keys of QEMU's extended key events: a PC keyboard's scan codes (set 1),
 * those after 0xe0 with bit 7 set.
 */
#ifndef FBC_LIB_QNUM_H
#define FBC_LIB_QNUM_H

#include "core/fbc.h"

/* Linux's key code (KEY_*), or 0: no key that we know. */
uint16_t fbc_qnum_code(uint32_t qnum);

#endif /* FBC_LIB_QNUM_H */
