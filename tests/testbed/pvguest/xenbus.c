/* SPDX-License-Identifier: GPL-2.0-only */
/* Frontend negotiation as xen-fbfront and xen-kbdfront do it. */

#include "xenbus.h"

#define BACKEND_WAIT_MS 20000
#define WRONG_FRAME 1UL /* never a guest's */

bool dev_find(struct pvdev *dev, const char *type)
{
    char path[128];

    dev->type = type;
    format(dev->dir, sizeof(dev->dir), "device/%s/0", type);
    format(path, sizeof(path), "%s/backend", dev->dir);
    if ( xs_read(0, path, dev->backend, sizeof(dev->backend)) < 0 )
        return false;
    dev->backend_id = xs_read_long(dev->dir, "backend-id", 0);

    return true;
}

static void absolute_dir(const struct pvdev *dev, char *buf, size_t size)
{
    char id[16];

    if ( dev->style == PUB_ABSOLUTE &&
         xs_read(0, "domid", id, sizeof(id)) > 0 )
        format(buf, size, "/local/domain/%s/%s", id, dev->dir);
    else
        format(buf, size, "%s", dev->dir);
}

static void put_ref(const struct pvdev *dev, uint32_t tx, const char *dir)
{
    uint64_t frame = va_to_frame(dev->page);
    char path[160], val[64];
    size_t len;

    format(path, sizeof(path), "%s/page-ref", dir);
    len = format(val, sizeof(val),
                 dev->style == PUB_ZEROS ? "%020lu" : "%lu", frame);

    if ( dev->style == PUB_REWRITTEN )
        xs_writef(tx, dir, "page-ref", "%lu", WRONG_FRAME);
    if ( dev->ref_text )
        xs_write_raw(tx, path, dev->ref_text, strlen(dev->ref_text));
    else
        xs_write_raw(tx, path, val, len + (dev->style == PUB_NUL));
    if ( dev->style == PUB_BAD_LAST )
        xs_writef(tx, dir, "page-ref", "%lu", WRONG_FRAME);

    if ( dev->gref )
        xs_writef(tx, dir, "page-gref", "%u", dev->gref);
}

static void put_port(const struct pvdev *dev, uint32_t tx, const char *dir)
{
    if ( dev->port_text )
        xs_write(tx, dir, "event-channel", dev->port_text);
    else
        xs_writef(tx, dir, "event-channel", "%u", dev->port);
}

bool dev_publish(struct pvdev *dev)
{
    bool vfb = !strcmp(dev->type, "vfb");
    char dir[128];
    int rc;

    if ( !dev->port && !(dev->port = evt_alloc(dev->backend_id)) )
        return false;
    if ( !vfb && !dev->gref )
        dev->gref = grant_page(dev->backend_id, dev->page);
    absolute_dir(dev, dir, sizeof(dir));

    do {
        uint32_t tx;

        if ( dev->style == PUB_ABORTED )
        {
            tx = xs_start();
            xs_writef(tx, dir, "page-ref", "%lu", WRONG_FRAME);
            xs_write(tx, dir, "event-channel", "1");
            xs_end(tx, false);
        }

        tx = dev->style == PUB_NO_TX ? 0 : xs_start();
        if ( dev->style == PUB_REVERSED )
            put_port(dev, tx, dir);
        put_ref(dev, tx, dir);
        if ( dev->style != PUB_REVERSED )
            put_port(dev, tx, dir);
        xs_write(tx, dir, "protocol", "x86_64-abi");
        if ( vfb )
            xs_write(tx, dir, "feature-update", "1");
        else
            xs_write(tx, dir, "request-abs-pointer", "1");
        rc = tx ? xs_end(tx, true) : 0;
    } while ( rc == XS_EAGAIN );

    if ( rc < 0 )
        return false;
    dev_set_state(dev, XenbusStateInitialised);

    return true;
}

void dev_set_state(struct pvdev *dev, enum xenbus_state state)
{
    xs_writef(0, dev->dir, "state", "%d", state);
}

enum xenbus_state dev_backend_state(struct pvdev *dev)
{
    return xs_read_long(dev->backend, "state", XenbusStateUnknown);
}

bool dev_wait_backend(struct pvdev *dev, unsigned int mask, uint64_t ms)
{
    uint64_t until = now_ms() + ms;

    for ( ; ; )
    {
        if ( mask & (1u << dev_backend_state(dev)) )
            return true;
        if ( now_ms() >= until )
            return false;
        sleep_ms(50);     /* each look is a request to XenStore */
    }
}

bool dev_close(struct pvdev *dev)
{
    bool ok;

    dev_set_state(dev, XenbusStateClosing);
    ok = dev_wait_backend(dev, 1 << XenbusStateClosing | 1 << XenbusStateClosed,
                          BACKEND_WAIT_MS);
    dev_set_state(dev, XenbusStateClosed);
    ok &= dev_wait_backend(dev, 1 << XenbusStateClosed, BACKEND_WAIT_MS);

    evt_close(dev->port);
    dev->port = 0;
    grant_end(dev->gref);
    dev->gref = 0;

    dev_set_state(dev, XenbusStateInitialising);
    ok &= dev_wait_backend(dev, 1 << XenbusStateInitWait, BACKEND_WAIT_MS);

    return ok;
}
