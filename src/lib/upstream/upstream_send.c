/* SPDX-License-Identifier: GPL-2.0-only */
/* What the RFB client sends (RFC 6143 7.5). */
#include "lib/upstream/upstream_int.h"

enum {
    MSG_REQUEST = 3,
    MSG_KEY = 4,
    MSG_POINTER = 5,
    MSG_QEMU = 255,
    QEMU_KEY = 0,
};

void fbc_upstream_put(struct fbc_upstream *u, const void *data, size_t len)
{
    if ( u->out_pos && len > sizeof(u->out) - u->out_pos - u->out_len )
    {
        memmove(u->out, u->out + u->out_pos, u->out_len);
        u->out_pos = 0;
    }
    if ( len > sizeof(u->out) - u->out_pos - u->out_len )
    {
        u->stuck = true;
        return;
    }
    memcpy(u->out + u->out_pos + u->out_len, data, len);
    u->out_len += len;
}

void fbc_upstream_request(struct fbc_upstream *u, bool incremental)
{
    uint8_t m[10] = { MSG_REQUEST, incremental };

    if ( !u->ready )
        return;
    fbc_put_be16(m + 6, (uint16_t)u->rfb.width);
    fbc_put_be16(m + 8, (uint16_t)u->rfb.height);
    fbc_upstream_put(u, m, sizeof(m));
    u->requested = true;
    u->hold = false;
}

static bool mute(const struct fbc_upstream *u)
{
    return !u->ready || u->view_only;
}

void fbc_upstream_key(struct fbc_upstream *u, bool down, uint32_t keysym)
{
    uint8_t m[8] = { MSG_KEY, down };

    if ( mute(u) )
        return;
    fbc_put_be32(m + 4, keysym);
    fbc_upstream_put(u, m, sizeof(m));
}

void fbc_upstream_key_ext(struct fbc_upstream *u, bool down, uint32_t keysym,
                          uint32_t keycode)
{
    uint8_t m[12] = { MSG_QEMU, QEMU_KEY };

    if ( mute(u) )
        return;
    if ( !u->rfb.qemu_key )
    {
        fbc_upstream_key(u, down, keysym);
        return;
    }
    fbc_put_be16(m + 2, down);
    fbc_put_be32(m + 4, keysym);
    fbc_put_be32(m + 8, keycode);
    fbc_upstream_put(u, m, sizeof(m));
}

void fbc_upstream_pointer(struct fbc_upstream *u, uint8_t buttons, uint32_t x,
                          uint32_t y)
{
    uint8_t m[6] = { MSG_POINTER, buttons };

    if ( mute(u) )
        return;
    if ( x >= u->rfb.width )
        x = u->rfb.width - 1;
    if ( y >= u->rfb.height )
        y = u->rfb.height - 1;
    fbc_put_be16(m + 2, (uint16_t)x);
    fbc_put_be16(m + 4, (uint16_t)y);
    fbc_upstream_put(u, m, sizeof(m));
}
