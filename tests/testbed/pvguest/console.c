/* SPDX-License-Identifier: GPL-2.0-only */
/* Output through the PV console ring. */

#include "platform.h"

#include <xen/io/console.h>

static struct xencons_interface *ring;

void console_init(void)
{
    ring = frame_to_va(start.console_frame);
}

static void put_char(char c)
{
    uint32_t prod = ring->out_prod;
    uint64_t until = 0;

    while ( prod - READ_ONCE(ring->out_cons) >= sizeof(ring->out) )
    {
        if ( !until )
            until = now_ms() + 2000;
        if ( now_ms() >= until )
            return;
        evt_send(start.console_port);
        evt_clear(start.console_port);
        evt_wait(start.console_port, now_ms() + 10);
    }

    ring->out[MASK_XENCONS_IDX(prod, ring->out)] = c;
    wmb();
    WRITE_ONCE(ring->out_prod, prod + 1);
}

void printk(const char *fmt, ...)
{
    char buf[512];
    va_list ap;

    va_start(ap, fmt);
    vformat(buf, sizeof(buf), fmt, ap);
    va_end(ap);

    for ( const char *p = buf; *p; p++ )
    {
        if ( *p == '\n' )
            put_char('\r');
        put_char(*p);
    }
    mb();
    evt_send(start.console_port);
}
