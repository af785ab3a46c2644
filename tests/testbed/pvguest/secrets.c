/* SPDX-License-Identifier: GPL-2.0-only */
/* What dom0 must not get hold of: a shared page reused, a crash's registers. */

#include "pvguest.h"

enum verdict run_granted(void)
{
    uint64_t until = now_ms() + arg_long("wait", 20000);
    bool connected;
    grant_ref_t ref;

    if ( !dev_find(&fb.dev, "vfb") || !fb_alloc(&fb) )
        return ERROR;
    draw_picture(&fb, arg_long("seed", 1));
    ref = grant_page(0, fb.mem + 5 * PAGE_SIZE);
    if ( !ref )
        return ERROR;
    printk("granted ref=%u\n", ref);
    while ( !grant_mapped(ref) && now_ms() < until )
        sleep_ms(50);

    connected = dev_publish(&fb.dev) && fb_handshake(&fb, 5000);
    if ( connected )
        fb_update_all(&fb);
    detail("mapped=%d connected=%d", grant_mapped(ref), connected);

    return SUCCESS;
}

enum verdict run_crash(void)
{
    /* A fault at an address that tells something. */
    if ( arg_long("fault", 0) )
        *(volatile char *)0x5ec2e7fbc000UL = 0;
    asm volatile ( "mov %0, %%rbx; mov %0, %%r12; push %0; push %0; ud2"
                   :: "r" (0xfbc0dead5ec2e700UL) : "rbx", "r12", "memory" );

    return FAILURE;
}
