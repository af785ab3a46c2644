/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Validation of what a guest says on its xenfb page (Xen public/io/fbif.h,
 * x86_64 layout) and encoding of what its shadow page says to dom0.
 * Callers pass private copies: nothing here reads shared memory.
 */
#ifndef FBC_CORE_FBIF_H
#define FBC_CORE_FBIF_H

#include "core/fbc.h"
#include "core/geom.h"

#define FBC_PAGE            4096u
#define FBC_FBIF_EVENT_LEN  40
#define FBC_FBIF_IN_OFF     1024    /* ring of 25 events, dom0 -> guest */
#define FBC_FBIF_IN_LEN     25
#define FBC_FBIF_OUT_OFF    2048    /* ring of 51 events, guest -> dom0 */
#define FBC_FBIF_OUT_LEN    51
#define FBC_FBIF_IN_CONS    0       /* byte offsets of the ring indices */
#define FBC_FBIF_IN_PROD    4
#define FBC_FBIF_OUT_CONS   8
#define FBC_FBIF_OUT_PROD   12
/* Byte offsets of the fields: u32 each, depth u8. */
#define FBC_FBIF_WIDTH       16
#define FBC_FBIF_HEIGHT      20
#define FBC_FBIF_LINE_LENGTH 24
#define FBC_FBIF_MEM_LENGTH  28
#define FBC_FBIF_DEPTH       32
#define FBC_FBIF_PD_OFF     40
#define FBC_FBIF_PD_MAX     256
#define FBC_FBIF_PD_ENTRIES 512     /* frame numbers in a directory page */
/* Largest framebuffer taken: 2560 x 1926 x 4 is 18.8 MiB. */
#define FBC_FBIF_MAX_MEM    (64u << 20)

/* Latched once; later changes of the guest's page have no effect. */
struct fbc_fbif {
    uint32_t width, height;     /* pixels */
    uint32_t line_length;       /* bytes, multiple of 4 */
    uint32_t offset;            /* bytes, multiple of 4 */
    uint32_t mem_length;        /* bytes */
    uint32_t pages;             /* frames that hold mem_length */
    uint32_t dirs;              /* directory pages that list them */
};

/*
 * page: private copy of the guest's info page.  FBC_ERR_DEPTH, FBC_ERR_SIZE,
 * FBC_ERR_STRIDE, FBC_ERR_MEMORY.  offset is 0.
 */
enum fbc_err FBC_MUST_CHECK fbc_fbif_parse(const uint8_t page[static FBC_PAGE],
                                           struct fbc_fbif *fb,
                                           struct fbc_geom *g);

uint64_t fbc_fbif_pd(const uint8_t page[static FBC_PAGE], uint32_t dir);

enum fbc_fbif_type {
    FBC_FBIF_BAD = 0,           /* unknown type or senseless values */
    FBC_FBIF_UPDATE = 2,        /* values of the wire */
    FBC_FBIF_RESIZE = 3,
};

struct fbc_fbif_event {
    enum fbc_fbif_type type;
    struct fbc_rect rect;       /* UPDATE: clamped to g, w == 0: nothing */
    struct fbc_fbif fb;         /* RESIZE: validated against mem_length */
    struct fbc_geom geom;
    enum fbc_err err;           /* why a RESIZE is BAD */
};

/* ev: private copy of one ring slot. */
void fbc_fbif_event(const uint8_t ev[static FBC_FBIF_EVENT_LEN],
                    const struct fbc_fbif *fb, const struct fbc_geom *g,
                    struct fbc_fbif_event *out);

/*
 * Entries waiting in a ring of len slots with free-running indices, 0 when
 * prod and cons make no sense (more than len apart).
 */
static inline uint32_t fbc_ring_count(uint32_t prod, uint32_t cons,
                                      uint32_t len)
{
    return prod - cons <= len ? prod - cons : 0;
}

/* Shadow side: fields of the info page (rings and pd[] zero) and events. */
void fbc_fbif_shadow_page(uint8_t page[static FBC_PAGE],
                          const struct fbc_geom *g, uint32_t mem_length);
/* After a resize: who maps the page from now on must see the new size. */
void fbc_fbif_shadow_size(uint8_t page[static FBC_PAGE],
                          const struct fbc_geom *g);
void fbc_fbif_put_pd(uint8_t page[static FBC_PAGE], uint32_t dir,
                     uint64_t frame);
void fbc_fbif_put_update(uint8_t ev[static FBC_FBIF_EVENT_LEN],
                         const struct fbc_rect *srect);
void fbc_fbif_put_resize(uint8_t ev[static FBC_FBIF_EVENT_LEN],
                         const struct fbc_geom *g);

#endif /* FBC_CORE_FBIF_H */
