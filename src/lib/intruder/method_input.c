/* SPDX-License-Identifier: GPL-2.0-only */
/* What is typed and pointed, as it passes the page of the keyboard. */
#include "lib/intruder/method.h"

#include <inttypes.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/dom0/vfb.h"
#include "parse/picture/inputlog.h"

/* The ring holds 51 events, and the fastest of them take longer than this. */
static const struct timespec step = { .tv_nsec = 200000 };

static int begin(struct fbc_method_run *r)
{
    uint8_t head[FBC_INPUTLOG_HEAD];
    uint32_t width = 0, height = 0;
    const uint8_t *pixels;
    struct fbc_error e;
    struct fbc_vfb *v = fbc_vfb_open(r->t->domain, &e);

    if ( v && fbc_vfb_snapshot(v, &width, &height, &pixels, &e) )
        width = height = 0;
    fbc_vfb_close(v);
    fbc_inputlog_head(width, height, head);

    return fbc_method_put(r, head, sizeof(head));
}

/* -1: it cannot be written. */
static int put(struct fbc_method_run *r, const uint8_t *page, uint32_t index,
               uint64_t ns)
{
    uint8_t event[FBC_INPUTLOG_EVENT];

    fbc_put64(event, ns);
    memcpy(event + 8, page + FBC_KBDIF_IN_OFF + index % FBC_KBDIF_IN_LEN *
           FBC_KBDIF_EVENT_LEN, FBC_KBDIF_EVENT_LEN);

    return fbc_method_put(r, event, sizeof(event));
}

void fbc_method_input(struct fbc_method_run *r)
{
    const volatile int *stop = fbc_catch_stop();
    uint64_t start = fbc_clock_ns(), now, n = 0, missed = 0;
    uint64_t end = start + r->t->seconds * FBC_NS_PER_S;
    xen_pfn_t frame;
    const uint8_t *p = fbc_method_keyboard_map(r, &frame);
    uint32_t prod, seen;

    if ( !p )
        return;
    seen = *(const volatile uint32_t *)(p + FBC_KBDIF_IN_PROD);
    while ( (now = fbc_clock_ns()) < end && !*stop )
    {
        prod = *(const volatile uint32_t *)(p + FBC_KBDIF_IN_PROD);
        if ( prod - seen > FBC_KBDIF_IN_LEN )
        {
            missed += prod - seen - FBC_KBDIF_IN_LEN;
            seen = prod - FBC_KBDIF_IN_LEN;
        }
        for ( ; seen != prod; seen++, n++ )
            if ( (!n && begin(r)) || put(r, p, seen, now - start) )
                goto out;
        nanosleep(&step, NULL);
    }

    if ( n )
        fbc_method_say(r, FBC_METHOD_FRAMES, "%" PRIu64 " events, %" PRIu64
                       " missed", n, missed);
    else
        fbc_method_say(r, FBC_METHOD_NOTHING, "no input in %lu s",
                       r->t->seconds);
 out:
    fbc_method_keyboard_unmap(r, p);
}
