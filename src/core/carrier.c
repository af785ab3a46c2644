/* SPDX-License-Identifier: GPL-2.0-only */
/* Input records as pointer positions. */
#include "core/carrier.h"
#include "core/geom.h"

#define AXIS_BITS   7
#define DATA_BITS   13
#define START       (1u << DATA_BITS)
#define RECORD_BITS (8 * FBC_INPUT_RECORD_LEN)

_Static_assert(1 << AXIS_BITS == FBC_CARRIER_CELLS, "cells");
_Static_assert(2 * AXIS_BITS == DATA_BITS + 1, "bits a point");
_Static_assert((RECORD_BITS + DATA_BITS - 1) / DATA_BITS ==
               FBC_CARRIER_POINTS, "points a record");
_Static_assert(FBC_CARRIER_POINTS * DATA_BITS <= RECORD_BITS + 8, "spare");

static bool size_ok(uint32_t width, uint32_t height)
{
    return width >= FBC_CARRIER_MIN && width <= FBC_MAX_SWIDTH &&
           height >= FBC_CARRIER_MIN && height <= FBC_MAX_SHEIGHT;
}

static uint16_t pixel(uint32_t cell, uint32_t size)
{
    uint32_t step = size / FBC_CARRIER_CELLS;

    return (uint16_t)(cell * step + step / 2 + 1);
}

enum fbc_err
fbc_carrier_points(const uint8_t record[static FBC_INPUT_RECORD_LEN],
                   uint32_t width, uint32_t height,
                   struct fbc_point points[static FBC_CARRIER_POINTS])
{
    uint32_t v, bit, n, i;

    if ( !size_ok(width, height) )
        return FBC_ERR_SIZE;

    for ( n = bit = 0; n < FBC_CARRIER_POINTS; n++ )
    {
        v = n ? 0 : START;
        for ( i = 0; i < DATA_BITS && bit < RECORD_BITS; i++, bit++ )
            v |= (uint32_t)(record[bit / 8] >> (bit % 8) & 1) << i;
        points[n].x = pixel(v % FBC_CARRIER_CELLS, width);
        points[n].y = pixel(v / FBC_CARRIER_CELLS, height);
    }

    return FBC_OK;
}

bool fbc_carrier_take(struct fbc_carrier *c, uint32_t width, uint32_t height,
                      uint32_t x, uint32_t y,
                      uint8_t record[static FBC_INPUT_RECORD_LEN])
{
    uint32_t v, bit, i;

    if ( !size_ok(width, height) )
        goto reset;

    x /= width / FBC_CARRIER_CELLS;
    y /= height / FBC_CARRIER_CELLS;
    if ( x >= FBC_CARRIER_CELLS || y >= FBC_CARRIER_CELLS )
        goto reset;

    v = x + y * FBC_CARRIER_CELLS;
    if ( v & START )
        memset(c, 0, sizeof(*c));
    else if ( !c->points )
        return false;

    bit = c->points * DATA_BITS;
    for ( i = 0; i < DATA_BITS; i++, bit++ )
        c->bytes[bit / 8] |= (uint8_t)((v >> i & 1) << (bit % 8));
    if ( ++c->points < FBC_CARRIER_POINTS )
        return false;

    if ( !c->bytes[FBC_INPUT_RECORD_LEN] )
    {
        memcpy(record, c->bytes, FBC_INPUT_RECORD_LEN);
        memset(c, 0, sizeof(*c));
        return true;
    }

 reset:
    memset(c, 0, sizeof(*c));

    return false;
}
