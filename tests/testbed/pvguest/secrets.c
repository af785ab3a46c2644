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

    connected = dev_publish(&fb.dev) &&
                fb_handshake(&fb, grant_mapped(ref) ? 5000 : 60000);
    if ( connected )
        fb_update_all(&fb);
    detail("mapped=%d connected=%d", grant_mapped(ref), connected);

    return SUCCESS;
}

/* Puts a secret where dom0 knows a page of the framebuffer, which moves. */
enum verdict run_moved(void)
{
    static const char word[] = "LANTERN ";
    uint64_t until = now_ms() + arg_long("wait", 60000);
    char *page, *secret;

    if ( !arch->move )
    {
        printk("SKIP moved pvh-only\n");
        detail("not for this kind of guest");
        return ERROR;
    }
    if ( !fb_connect(&fb) || !(secret = arena_pages(1)) )
        return ERROR;
    draw_picture(&fb, arg_long("seed", 1));
    fb_update_all(&fb);
    printk("picture crc=%08x\n", fb_crc(&fb));
    for ( unsigned int i = 0; i < PAGE_SIZE; i++ )
        secret[i] = word[i % 8];

    page = (char *)fb.mem + 5 * PAGE_SIZE;
    if ( arch->move(SPARE, page) || arch->move(page, secret) )
        return ERROR;
    printk("moved from=%lu to=%lu\n", va_to_frame(page), va_to_frame(SPARE));
    while ( !xs_read_long("data", "step", 0) && now_ms() < until )
        sleep_ms(100);

    for ( unsigned int i = 0; i < PAGE_SIZE; i++ )
        if ( page[i] != word[i % 8] )
        {
            detail("byte %u is not what was written", i);
            return FAILURE;
        }
    if ( !arch->take(secret) || arch->move(page, SPARE) )
        return ERROR;
    draw_picture(&fb, arg_long("seed", 1) + 1);
    fb_update_all(&fb);
    detail("crc=%08x", fb_crc(&fb));

    return SUCCESS;
}

enum verdict run_crash(void)
{
    /* A fault at an address that tells something. */
    if ( arg_long("fault", 0) )
        *(volatile char *)0x5ec2e7fbc000UL = 0;
    arch->crash(0xfbc0dead5ec2e700UL);

    return FAILURE;
}
