/* SPDX-License-Identifier: GPL-2.0-only */
/* hostile-info: publish one lie, see what becomes of it. */

#include "info.h"

static bool is_vfb;

/* Events for a page that may be anything by now: no waiting for room. */
static void send_events(struct pvdev *dev, bool writable)
{
    for ( unsigned int i = 0; i < 3; i++ )
    {
        if ( is_vfb && writable )
        {
            uint32_t prod = fb.info->out_prod;
            union xenfb_out_event ev = {
                .update = { XENFB_TYPE_UPDATE, 0, 0, 800, 600 },
            };

            XENFB_OUT_RING_REF(fb.info, prod) = ev;
            wmb();
            WRITE_ONCE(fb.info->out_prod, prod + 1);
        }
        evt_send(dev->port);
        sleep_ms(20);
    }
}

static bool prepare(struct pvdev *dev)
{
    dev->ref_text = dev->port_text = NULL;
    dev->style = PUB_LINUX;

    /* The keyboard's cases run beside one honest, connected framebuffer. */
    if ( !is_vfb )
    {
        dev->page = dev->page ? memset(dev->page, 0, PAGE_SIZE)
                              : arena_pages(1);
        return dev->page;
    }

    arena_switch();
    if ( !fb_alloc(&fb) )
        return false;
    draw_picture(&fb, arg_long("seed", 1));

    return true;
}

static enum verdict run_case(struct pvdev *dev, const struct group *g,
                             unsigned int i)
{
    enum xenbus_state state;
    bool pages_gone, intact;

    if ( !prepare(dev) || (!g->after_connect && !g->apply(dev, i)) )
        return ERROR;
    guard_take();
    if ( !dev_publish(dev) )
        printk("note: XenStore refused it\n");

    if ( dev_wait_backend(dev, 1 << XenbusStateConnected,
                          arg_long("wait", 1500)) )
        dev_set_state(dev, XenbusStateConnected);
    send_events(dev, true);

    if ( g->after_connect && !g->apply(dev, i) )
        printk("note: not for this device\n");
    pages_gone = i < g->nr_gone;
    send_events(dev, !pages_gone);
    sleep_ms(arg_long("linger", 200));

    state = dev_backend_state(dev);
    intact = guard_intact();
    intact &= post_undo();
    intact &= move_undo();
    printk("case %s%s backend=%d%s\n", g->prefix, g->name(i), state,
           intact ? "" : " CHANGED");

    return intact ? SUCCESS : FAILURE;
}

/* Of what a PVH guest alone can do, "all" says nothing in a PV guest. */
static bool say_skipped(const struct arch *only, const char *name,
                        const char *want)
{
    bool pv_only = only == &pv_arch;

    if ( strcmp(want, name) && (strcmp(want, "all") || !pv_only) )
        return false;
    printk("SKIP %s %s-only\n", name, pv_only ? "pv" : "pvh");

    return true;
}

enum verdict run_hostile_info(void)
{
    static struct pvdev kbd;
    char want[64] = "all", type[16] = "vfb", name[64];
    struct pvdev *dev;
    enum verdict v = SUCCESS;
    unsigned int done = 0, skipped = 0;
    bool all, list;

    arg_str("case", want, sizeof(want));
    arg_str("dev", type, sizeof(type));
    all = !strcmp(want, "all");
    list = !strcmp(want, "list");
    is_vfb = strcmp(type, "vkbd");
    dev = is_vfb ? &fb.dev : &kbd;

    if ( !list && ((!is_vfb && !fb_connect(&fb)) || !dev_find(dev, type)) )
    {
        detail("no device, or no backend for it");
        return ERROR;
    }

    for ( unsigned int g = 0; g < nr_groups; g++ )
        for ( unsigned int i = 0; i < groups[g].nr; i++ )
        {
            const struct arch *only;

            if ( groups[g].vfb_only && !is_vfb )
                continue;
            format(name, sizeof(name), "%s%s", groups[g].prefix,
                   groups[g].name(i));
            only = groups[g].only ? groups[g].only(i) : NULL;
            if ( only && only != arch )
            {
                skipped += say_skipped(only, name, want);
                continue;
            }
            if ( list )
                printk("name %s\n", name);
            else if ( all || !strcmp(want, name) )
            {
                enum verdict one;

                if ( done && !dev_close(dev) )
                {
                    detail("before %s: the backend does not close", name);
                    return ERROR;
                }
                one = run_case(dev, &groups[g], i);
                if ( one != SUCCESS )
                {
                    detail("%s", name);
                    v = one;
                }
            }
            else
                continue;
            done++;
        }

    if ( !done )
    {
        detail(skipped ? "not for this kind of guest" : "no such case");
        return ERROR;
    }
    if ( v == SUCCESS )
        detail("cases=%u", done);

    return v;
}
