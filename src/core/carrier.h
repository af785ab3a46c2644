/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Input records as pointer positions, so that any VNC server carries them
 * (fbc-formats(5), "Carrier").
 *
 * The shadow is cut into 128 by 128 cells; the cell of a point stands for 14
 * bits: whether a record starts here, and 13 bits of it.  What QEMU makes of a
 * position is up to two pixels less than what the client said, so cells are at
 * least 3 pixels wide and high, and a client points above their centres.
 */
#ifndef FBC_CORE_CARRIER_H
#define FBC_CORE_CARRIER_H

#include "core/input.h"

#define FBC_CARRIER_CELLS   128
#define FBC_CARRIER_POINTS  10      /* a record */
#define FBC_CARRIER_MIN     (3 * FBC_CARRIER_CELLS)  /* shadow, either way */

struct fbc_point {
    uint16_t x, y;                  /* pixels of the shadow */
};

/*
 * width and height are the shadow's.  FBC_ERR_SIZE: it is too small, or
 * larger than any.
 */
enum fbc_err FBC_MUST_CHECK
fbc_carrier_points(const uint8_t record[static FBC_INPUT_RECORD_LEN],
                   uint32_t width, uint32_t height,
                   struct fbc_point points[static FBC_CARRIER_POINTS]);

/* Collects the points of a record.  All zero: waits for a start. */
struct fbc_carrier {
    uint8_t bytes[FBC_INPUT_RECORD_LEN + 1];
    uint8_t points;                 /* of the record begun */
};

/*
 * Takes a position as dom0's QEMU sent it.  True: it was the last one of a
 * whole record, which is written.  A start throws away what was begun; a
 * position out of the cells does, too.
 */
bool FBC_MUST_CHECK
fbc_carrier_take(struct fbc_carrier *c, uint32_t width, uint32_t height,
                 uint32_t x, uint32_t y,
                 uint8_t record[static FBC_INPUT_RECORD_LEN]);

#endif /* FBC_CORE_CARRIER_H */
