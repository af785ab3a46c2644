/* SPDX-License-Identifier: GPL-2.0-only */
/* Coded tiles, back to pixels (core/palette.h; fbc-formats(5)). */
#ifndef FBC_PARSE_CODED_H
#define FBC_PARSE_CODED_H

#include "core/fbc.h"

/*
 * plain: what a coded tile sealed, len bytes, authentic.  Writes w * h packed
 * pixels, at most a tile of them; they are zeroed when the code is wrong, and
 * left alone when there is none.
 *
 * FBC_ERR_PENDING: no pixels this time, they come with the next update.
 * FBC_ERR_LENGTH, FBC_ERR_RESERVED, FBC_ERR_RANGE (not a colour): nothing that
 * a hypervisor writes.
 */
enum fbc_err FBC_MUST_CHECK fbc_coded_open(const uint8_t *plain, size_t len,
                                           uint32_t w, uint32_t h,
                                           uint8_t *px);

#endif /* FBC_PARSE_CODED_H */
