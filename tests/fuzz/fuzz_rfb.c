/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A hostile VNC server.  The first byte says in which pieces its bytes come,
 * and with what the client begins.  They are decoded a second time in one
 * piece: the picture and the outcome must be the same.
 */
#include <stdlib.h>

#include "lib/upstream/zstreams.h"
#include "parse/rfb/rfbc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Small screens find the same faults, sooner. */
#define SIDE 200

struct run {
    struct fbc_rfbc c;
    struct fbc_zstreams z;
    uint8_t *pic;
    uint32_t pic_len;
    uint64_t events;            /* a hash of their order */
};

static void must(bool ok)
{
    if ( !ok )
        abort();
}

static void begin(struct run *r, uint8_t flags)
{
    memset(r, 0, sizeof(*r));
    fbc_rfbc_init(&r->c);
    r->c.inflate = fbc_zstreams_inflate(&r->z);
    r->c.password = flags & 1;
}

static void end(struct run *r)
{
    fbc_zstreams_end(&r->z);
    free(r->pic);
}

/* false: the screen is too large to go on with. */
static bool resize(struct run *r)
{
    must(r->c.width && r->c.width <= FBC_RFBC_MAX_WIDTH && r->c.height &&
         r->c.height <= FBC_RFBC_MAX_HEIGHT);
    if ( r->c.width > SIDE || r->c.height > SIDE )
        return false;
    free(r->pic);
    r->pic_len = r->c.width * r->c.height * 4;
    r->pic = calloc(1, r->pic_len);
    must(r->pic);
    fbc_rfbc_picture(&r->c, r->pic, r->c.width * 4u);

    return true;
}

/* Also false when nothing more is to be fed. */
static bool feed(struct run *r, const uint8_t *data, size_t len)
{
    static const uint8_t response[16];
    uint8_t *copy = malloc(len + !len);
    struct fbc_src src = { copy, len };
    enum fbc_rfbc_event event;
    enum fbc_err err;
    bool on = true;

    must(copy);
    if ( len )
        memcpy(copy, data, len);
    do {
        err = fbc_rfbc_feed(&r->c, &src, &event);
        must(!err || (r->c.why && event == FBC_RFBC_NONE));
        must(r->c.out_len <= FBC_RFBC_OUT);
        if ( event == FBC_RFBC_AUTH )
            fbc_rfbc_auth(&r->c, response);
        if ( event == FBC_RFBC_SIZE )
            on = resize(r);
        if ( event != FBC_RFBC_NONE && event != FBC_RFBC_WORKED )
            r->events = r->events * 31 + event;
        r->c.out_len = 0;
    } while ( !err && on && event != FBC_RFBC_NONE );
    must(err || !on || !src.len);
    r->events = err ? r->events * 31 + 100 + err : r->events;
    free(copy);

    return !err && on;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct run whole, cut;
    size_t n, step, i;

    if ( !size || size > 1 << 16 )
        return 0;
    begin(&whole, data[0]);
    begin(&cut, data[0]);
    step = data[0] >> 1;
    data++;
    size--;

    feed(&whole, data, size);
    cut.c.work_max = 64;
    for ( i = 0; i < size; i += n )
    {
        n = !step ? size : step < 100 ? step : 1 + (i * 7 + step) % step;
        if ( n > size - i )
            n = size - i;
        if ( !feed(&cut, data + i, n) )
            break;
    }

    must(whole.events == cut.events && whole.pic_len == cut.pic_len);
    must(whole.c.rects == cut.c.rects && whole.c.pixels == cut.c.pixels);
    must(!whole.pic_len || !memcmp(whole.pic, cut.pic, whole.pic_len));
    end(&whole);
    end(&cut);

    return 0;
}
