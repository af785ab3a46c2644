/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A recording of what dom0 sees of a guest's input: the events on the ring of
 * its keyboard (fbc-formats(5), "Input log").
 */
#ifndef FBC_PARSE_INPUTLOG_H
#define FBC_PARSE_INPUTLOG_H

#include "core/kbdif.h"

#define FBC_INPUTLOG_HEAD  16
#define FBC_INPUTLOG_EVENT (8 + FBC_KBDIF_EVENT_LEN)    /* ns, event */

static const uint8_t fbc_inputlog_magic[8] = { 'F', 'B', 'C', 'I', 'N', 'P',
                                               'T', '1' };

/* Size of the screen that dom0 sees, in pixels; 0: not known. */
static inline void fbc_inputlog_head(uint32_t width, uint32_t height,
                                     uint8_t out[static FBC_INPUTLOG_HEAD])
{
    memcpy(out, fbc_inputlog_magic, sizeof(fbc_inputlog_magic));
    fbc_put32(out + 8, width);
    fbc_put32(out + 12, height);
}

static inline enum fbc_err FBC_MUST_CHECK
fbc_inputlog_open(const uint8_t in[static FBC_INPUTLOG_HEAD], uint32_t *width,
                  uint32_t *height)
{
    if ( memcmp(in, fbc_inputlog_magic, sizeof(fbc_inputlog_magic)) )
        return FBC_ERR_MAGIC;
    *width = fbc_get32(in + 8);
    *height = fbc_get32(in + 12);

    return FBC_OK;
}

/* One event, and when it was seen, ns since the recording began. */
struct fbc_inputlog_event {
    uint64_t ns;
    uint8_t type;                   /* enum fbc_kbdif_type, or anything */
    bool pressed;
    uint32_t a, b;                  /* key code; or position */
};

static inline void
fbc_inputlog_get(const uint8_t in[static FBC_INPUTLOG_EVENT],
                 struct fbc_inputlog_event *ev)
{
    ev->ns = fbc_get64(in);
    ev->type = in[8];
    ev->pressed = in[9];
    ev->a = fbc_get32(in + 12);
    ev->b = fbc_get32(in + 16);
}

#endif /* FBC_PARSE_INPUTLOG_H */
