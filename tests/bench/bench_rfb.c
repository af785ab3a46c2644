/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the RFB client does with an update of the whole screen, against copying
 * the frame: pixels are noise, as ciphertext is.  "As QEMU cuts it" is Tight
 * at level 0 in rectangles of 32 x 16, which is what QEMU's tight_conf[0]
 * makes of it.
 *
 * usage: bench_rfb
 */
#include <stdio.h>
#include <stdlib.h>

#include "../unit/rfbenc.h"
#include "../unit/rfbpeer.h"
#include "bench.h"

#define CUT_W 32
#define CUT_H 16
#define TIGHT_H 256             /* a length of Tight has 22 bits */
#define PIECE 65536             /* as from a socket */

struct stream {
    struct peer *p;
    struct rfb_buf b;           /* one update */
    uint8_t *plain, *copy;      /* 24 bits a pixel */
    size_t frame;
};

static void run_memcpy(void *arg)
{
    struct stream *s = arg;

    memcpy(s->copy, s->plain, s->frame);
    __asm__ __volatile__ ( "" : : "r" (s->copy) : "memory" );
}

static void run_rfb(void *arg)
{
    struct stream *s = arg;
    struct fbc_src src;
    enum fbc_rfbc_event event = FBC_RFBC_NONE;
    size_t at, n;

    for ( at = 0; at < s->b.len; at += n )
    {
        n = s->b.len - at < PIECE ? s->b.len - at : PIECE;
        src = (struct fbc_src){ s->b.p + at, n };
        bench_must(fbc_rfbc_feed(&s->p->c, &src, &event), "feed");
    }
    bench_must(event != FBC_RFBC_UPDATE, "update");
}

/* Rectangles of cw x ch. */
static void init(struct stream *s, uint32_t width, uint32_t height,
                 int32_t encoding, uint32_t cw, uint32_t ch)
{
    /* Streams begin anew, so that the update can be taken again. */
    struct rfb_enc e = { .encoding = encoding, .reset = 15 };
    struct rfb_buf hello = { 0 };
    uint8_t *pic = bench_get(width * height * 4);
    uint32_t v = 1, x, y;
    size_t i;

    memset(s, 0, sizeof(*s));
    s->frame = (size_t)width * height * 3;
    s->plain = bench_get(s->frame);
    s->copy = bench_get(s->frame);
    memset(s->plain, 1, s->frame);
    memset(s->copy, 1, s->frame);
    for ( i = 0; i < (size_t)width * height * 4; i++ )
        pic[i] = (uint8_t)((v = v * 1664525 + 1013904223) >> 24);

    rfb_update(&s->b, (width + cw - 1) / cw * ((height + ch - 1) / ch));
    for ( y = 0; y < height; y += ch )
        for ( x = 0; x < width; x += cw )
        {
            struct fbc_rect r = { (uint16_t)x, (uint16_t)y,
                                  (uint16_t)(width - x < cw ? width - x : cw),
                                  (uint16_t)(height - y < ch ? height - y
                                                             : ch) };

            rfb_rect(&s->b, &e, pic, width * 4, &r);
        }

    s->p = bench_get(sizeof(*s->p));
    peer_init(s->p);
    rfb_hello(&hello, 8, width, height);
    bench_must(peer_feed(s->p, hello.p, hello.len, 0), "hello");
    /* On a page, as lib/upstream/upstream.c has it. */
    free(s->p->pic);
    s->p->pic = bench_get(width * height * 4);
    fbc_rfbc_picture(&s->p->c, s->p->pic, width * 4);
    rfb_buf_free(&hello);
    rfb_enc_end(&e);
    free(pic);
}

static void clear(struct stream *s)
{
    peer_free(s->p);
    free(s->p);
    free(s->plain);
    free(s->copy);
    rfb_buf_free(&s->b);
}

enum { MEMCPY, RAW, HEXTILE, TIGHT, TIGHT_CUT, MEASUREMENTS };

static void measure(uint32_t width, uint32_t height)
{
    struct stream raw, hextile, tight, cut;
    const size_t frame = (size_t)width * height * 3;
    char size[16];
    struct bench b[] = {
        [MEMCPY] = { "memcpy-24bit", run_memcpy, &raw, frame },
        [RAW] = { "rfb-raw", run_rfb, &raw, frame },
        [HEXTILE] = { "rfb-hextile", run_rfb, &hextile, frame },
        [TIGHT] = { "rfb-tight-0", run_rfb, &tight, frame },
        [TIGHT_CUT] = { "rfb-tight-0-as-qemu-cuts-it", run_rfb, &cut, frame },
    };

    init(&raw, width, height, FBC_RFB_RAW, width, height);
    init(&hextile, width, height, FBC_RFB_HEXTILE, width, height);
    init(&tight, width, height, FBC_RFB_TIGHT, width, TIGHT_H);
    init(&cut, width, height, FBC_RFB_TIGHT, CUT_W, CUT_H);
    bench_run(b, MEASUREMENTS);
    snprintf(size, sizeof(size), "%ux%u", width, height);
    bench_print(b, MEASUREMENTS, size);
    clear(&raw);
    clear(&hextile);
    clear(&tight);
    clear(&cut);
}

int main(void)
{
    bench_print_head();
    measure(800, 639);
    measure(1920, 1149);

    bench_end();

    return 0;
}
