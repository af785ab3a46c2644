/* SPDX-License-Identifier: GPL-2.0-only */
/* zlib for parse/rfb/rfbc.h. */
#ifndef FBC_LIB_ZSTREAMS_H
#define FBC_LIB_ZSTREAMS_H

#include <zlib.h>

#include "parse/rfb/rfbc.h"

/* About 40 KiB for each stream that is used. */
struct fbc_zstreams {
    z_stream z[FBC_INFLATE_STREAMS];
    bool begun[FBC_INFLATE_STREAMS];
};

/* z is zero, and stays where it is until fbc_zstreams_end(). */
struct fbc_inflate fbc_zstreams_inflate(struct fbc_zstreams *z);
void fbc_zstreams_end(struct fbc_zstreams *z);

#endif /* FBC_LIB_ZSTREAMS_H */
