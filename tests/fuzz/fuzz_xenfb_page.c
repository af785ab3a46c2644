/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An info page (first 64 bytes, the rest 0) as dom0 sees it.  Whatever is
 * accepted must lie inside the memory that is mapped, and whatever the
 * hypervisor would serve must be accepted.
 */
#include <stdlib.h>

#include "parse/picture/xenfb_page.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD 64

static void must(bool ok)
{
    if ( !ok )
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t page[FBC_PAGE] = { 0 };
    struct fbc_xenfb_page v;
    struct fbc_fbif fb;
    struct fbc_geom g;
    enum fbc_err err;

    if ( size )
        memcpy(page, data, size < HEAD ? size : HEAD);
    err = fbc_xenfb_page_parse(page, &v);
    if ( err )
    {
        must(fbc_fbif_parse(page, &fb, &g));
        must(err == FBC_ERR_PENDING || err == FBC_ERR_DEPTH ||
             err == FBC_ERR_SIZE || err == FBC_ERR_STRIDE ||
             err == FBC_ERR_MEMORY);
        return 0;
    }

    must(v.width && v.width <= FBC_XENFB_MAX_SIDE);
    must(v.height && v.height <= FBC_XENFB_MAX_SIDE);
    must(v.line_length >= (uint64_t)v.width * 4);
    must((uint64_t)v.line_length * (v.height - 1) + (uint64_t)v.width * 4 <=
         v.mem_length);
    must((uint64_t)v.pages * FBC_PAGE >= v.mem_length &&
         (uint64_t)(v.pages - 1) * FBC_PAGE < v.mem_length);
    must(v.dirs && v.dirs <= FBC_FBIF_PD_MAX &&
         v.dirs * FBC_FBIF_PD_ENTRIES >= v.pages);

    return 0;
}
