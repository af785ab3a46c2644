/* SPDX-License-Identifier: GPL-2.0-only */
/* A console font: every pixel of one that is taken lies in the file. */
#include <stdlib.h>

#include "parse/picture/psf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static volatile uint32_t set;
    struct fbc_psf f;
    uint32_t g, y;

    if ( fbc_psf_parse(data, size, &f) )
        return 0;

    if ( !f.width || f.width > FBC_PSF_MAX_WIDTH || !f.height ||
         f.height > FBC_PSF_MAX_HEIGHT || !f.glyphs ||
         f.glyphs > FBC_PSF_MAX_GLYPHS || f.row_bytes != (f.width + 7) / 8 )
        abort();
    for ( g = 0; g < f.glyphs; g++ )
        for ( y = 0; y < f.height; y++ )
            set += fbc_psf_pixel(&f, g, 0, y) +
                   fbc_psf_pixel(&f, g, f.width - 1, y);
    (void)set;

    return 0;
}
