/* SPDX-License-Identifier: GPL-2.0-only */
/* xenfb info pages as dom0 sees them. */
#include "parse/picture/xenfb_page.h"

#define DEPTH 32

enum fbc_err fbc_xenfb_page_parse(const uint8_t page[static FBC_PAGE],
                                  struct fbc_xenfb_page *v)
{
    struct fbc_xenfb_page t = {
        .width = fbc_get32(page + FBC_FBIF_WIDTH),
        .height = fbc_get32(page + FBC_FBIF_HEIGHT),
        .line_length = fbc_get32(page + FBC_FBIF_LINE_LENGTH),
        .mem_length = fbc_get32(page + FBC_FBIF_MEM_LENGTH),
    };

    if ( !t.mem_length )
        return FBC_ERR_PENDING;
    if ( page[FBC_FBIF_DEPTH] != DEPTH )
        return FBC_ERR_DEPTH;
    if ( !t.width || t.width > FBC_XENFB_MAX_SIDE ||
         !t.height || t.height > FBC_XENFB_MAX_SIDE )
        return FBC_ERR_SIZE;
    if ( t.line_length < t.width * 4 )
        return FBC_ERR_STRIDE;
    if ( t.mem_length > FBC_XENFB_MAX_MEM ||
         (uint64_t)t.line_length * (t.height - 1) + t.width * 4 >
         t.mem_length )
        return FBC_ERR_MEMORY;

    t.pages = (t.mem_length + FBC_PAGE - 1) / FBC_PAGE;
    t.dirs = (t.pages + FBC_FBIF_PD_ENTRIES - 1) / FBC_FBIF_PD_ENTRIES;
    *v = t;

    return FBC_OK;
}
