/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads a picture for fbc-leakcheck: PNG (libpng) or binary PPM. */
#ifndef FBC_LIB_LEAKPNG_H
#define FBC_LIB_LEAKPNG_H

#include "lib/frames/picture.h"

/* At most FBC_PICTURE_MAX pixels a side; alpha is put on black. */
int FBC_MUST_CHECK fbc_leak_picture_read(const char *path,
                                         struct fbc_picture *p,
                                         struct fbc_error *e);

#endif /* FBC_LIB_LEAKPNG_H */
