/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The header of a binary PPM (netpbm "P6"), fed byte by byte, so that none of
 * the pixels that follow it is consumed.  Comments may stand wherever white
 * space is skipped.
 */
#ifndef FBC_PARSE_PPM_H
#define FBC_PARSE_PPM_H

#include "core/fbc.h"

#define FBC_PPM_MAX_SIDE   8192u    /* pixels */
#define FBC_PPM_MAX_HEADER 4096u    /* bytes, comments included */

struct fbc_ppm {
    uint32_t width, height, maxval; /* set when the header is complete */
    /* Private from here on. */
    uint32_t taken;                 /* bytes */
    unsigned int field;             /* magic, then the three numbers */
    bool comment, digits;
    uint32_t value;
};

void fbc_ppm_begin(struct fbc_ppm *p);

/*
 * Takes the next byte.  FBC_ERR_PENDING: it wants more; FBC_OK: the header is
 * complete, with sides of 1..FBC_PPM_MAX_SIDE and maxval 255, and the pixels
 * are next.  Else the picture is refused: FBC_ERR_MAGIC: no binary PPM;
 * FBC_ERR_FORMAT: malformed or too long; FBC_ERR_SIZE: a side out of range;
 * FBC_ERR_RANGE: another maxval.  To be called again after FBC_ERR_PENDING
 * only.
 */
enum fbc_err FBC_MUST_CHECK fbc_ppm_feed(struct fbc_ppm *p, uint8_t c);

#endif /* FBC_PARSE_PPM_H */
