/* SPDX-License-Identifier: GPL-2.0-only */
/* XenStore client; XS_MODE_LINUX notifies exactly as Linux's xb_write(). */

#include "xenstore.h"

#define XS_TIMEOUT_MS 20000

struct xenstore_domain_interface *xs_ring;

static enum xs_mode xs_mode;

void xs_init(enum xs_mode mode)
{
    xs_ring = frame_to_va(start.store_frame);
    xs_mode = mode;
}

/* As edk2's XenStoreDeinit() does. */
static void leave(void)
{
    memset(xs_ring->req, 0xff, sizeof(xs_ring->req));
    memset(xs_ring->rsp, 0xff, sizeof(xs_ring->rsp));
    WRITE_ONCE(xs_ring->req_prod, 0);
    WRITE_ONCE(xs_ring->req_cons, 0);
    WRITE_ONCE(xs_ring->rsp_prod, 0);
    WRITE_ONCE(xs_ring->rsp_cons, 0);
}

void xs_firmware(unsigned int requests)
{
    char val[64];

    while ( requests-- )
        xs_read(0, "domid", val, sizeof(val));
    leave();
}

static bool xs_wait(uint64_t until)
{
    if ( now_ms() >= until )
        return false;
    evt_wait(start.store_port, until);

    return true;
}

bool xs_put(const void *data, uint32_t len)
{
    const char *src = data;
    uint64_t until = now_ms() + XS_TIMEOUT_MS;

    while ( len )
    {
        uint32_t prod, cons, off, n;

        evt_clear(start.store_port);
        cons = READ_ONCE(xs_ring->req_cons);
        prod = READ_ONCE(xs_ring->req_prod);
        off = MASK_XENSTORE_IDX(prod);
        n = XENSTORE_RING_SIZE - off;

        if ( n > XENSTORE_RING_SIZE - (prod - cons) )
            n = XENSTORE_RING_SIZE - (prod - cons);
        if ( n > len )
            n = len;
        if ( n > 1 && xs_mode == XS_MODE_BYTES )
            n = 1;
        if ( !n )
        {
            if ( !xs_wait(until) )
                return false;
            continue;
        }

        memcpy(xs_ring->req + off, src, n);
        wmb();
        WRITE_ONCE(xs_ring->req_prod, prod + n);
        mb();
        if ( xs_mode != XS_MODE_LINUX || prod <= READ_ONCE(xs_ring->req_cons) )
            evt_send(start.store_port);

        src += n;
        len -= n;
    }

    return true;
}

static bool xs_get(void *data, uint32_t len)
{
    char *dst = data;
    uint64_t until = now_ms() + XS_TIMEOUT_MS;

    while ( len )
    {
        uint32_t prod, cons, off, n;

        evt_clear(start.store_port);
        prod = READ_ONCE(xs_ring->rsp_prod);
        cons = READ_ONCE(xs_ring->rsp_cons);
        off = MASK_XENSTORE_IDX(cons);
        n = XENSTORE_RING_SIZE - off;

        if ( n > prod - cons )
            n = prod - cons;
        if ( n > len )
            n = len;
        if ( !n )
        {
            if ( !xs_wait(until) )
                return false;
            continue;
        }

        memcpy(dst, xs_ring->rsp + off, n);
        mb();
        WRITE_ONCE(xs_ring->rsp_cons, cons + n);
        mb();
        if ( READ_ONCE(xs_ring->rsp_prod) - cons >= XENSTORE_RING_SIZE )
            evt_send(start.store_port);

        dst += n;
        len -= n;
    }

    return true;
}

static bool xs_send(struct xsd_sockmsg *hdr, const struct xs_vec *vec,
                    unsigned int n)
{
    static char whole[sizeof(*hdr) + XENSTORE_PAYLOAD_MAX];
    size_t pos = sizeof(*hdr);

    if ( xs_mode != XS_MODE_ALL )
    {
        bool ok = xs_put(hdr, sizeof(*hdr));

        for ( unsigned int i = 0; ok && i < n; i++ )
            ok = xs_put(vec[i].data, vec[i].len);
        return ok;
    }

    memcpy(whole, hdr, sizeof(*hdr));
    for ( unsigned int i = 0; i < n; i++ )
    {
        memcpy(whole + pos, vec[i].data, vec[i].len);
        pos += vec[i].len;
    }

    return xs_put(whole, pos);
}

int xs_talk(enum xsd_sockmsg_type type, uint32_t tx, const struct xs_vec *vec,
            unsigned int n, char *reply, size_t size)
{
    static char body[XENSTORE_PAYLOAD_MAX + 1];
    static uint32_t req_id;
    struct xsd_sockmsg hdr = { .type = type, .req_id = ++req_id, .tx_id = tx };

    for ( unsigned int i = 0; i < n; i++ )
        hdr.len += vec[i].len;
    if ( hdr.len > XENSTORE_PAYLOAD_MAX || !xs_send(&hdr, vec, n) )
        return XS_FAILED;

    do {
        if ( !xs_get(&hdr, sizeof(hdr)) || hdr.len > XENSTORE_PAYLOAD_MAX ||
             !xs_get(body, hdr.len) )
            return XS_FAILED;
        body[hdr.len] = '\0';
    } while ( hdr.type == XS_WATCH_EVENT || hdr.req_id != req_id );

    if ( hdr.type == XS_ERROR )
        return strcmp(body, "EAGAIN") ? XS_FAILED : XS_EAGAIN;
    if ( reply )
    {
        if ( hdr.len >= size )
            return XS_FAILED;
        memcpy(reply, body, hdr.len + 1);
    }

    return hdr.len;
}

int xs_read(uint32_t tx, const char *path, char *val, size_t size)
{
    struct xs_vec vec = { path, strlen(path) + 1 };

    return xs_talk(XS_READ, tx, &vec, 1, val, size);
}

int xs_write_raw(uint32_t tx, const char *path, const void *val, size_t len)
{
    struct xs_vec vec[] = { { path, strlen(path) + 1 }, { val, len } };

    return xs_talk(XS_WRITE, tx, vec, ARRAY_SIZE(vec), NULL, 0);
}

int xs_write(uint32_t tx, const char *dir, const char *node, const char *val)
{
    char path[256];

    format(path, sizeof(path), "%s/%s", dir, node);

    return xs_write_raw(tx, path, val, strlen(val));
}

int xs_writef(uint32_t tx, const char *dir, const char *node, const char *fmt,
              ...)
{
    char val[256];
    va_list ap;

    va_start(ap, fmt);
    vformat(val, sizeof(val), fmt, ap);
    va_end(ap);

    return xs_write(tx, dir, node, val);
}

long xs_read_long(const char *dir, const char *node, long def)
{
    char path[256], val[64];

    format(path, sizeof(path), "%s/%s", dir, node);

    return xs_read(0, path, val, sizeof(val)) < 0 ? def : parse_long(val);
}

uint32_t xs_start(void)
{
    struct xs_vec vec = { "", 1 };
    char id[32];

    return xs_talk(XS_TRANSACTION_START, 0, &vec, 1, id, sizeof(id)) < 0
           ? 0 : parse_long(id);
}

int xs_end(uint32_t tx, bool commit)
{
    struct xs_vec vec = { commit ? "T" : "F", 2 };

    return xs_talk(XS_TRANSACTION_END, tx, &vec, 1, NULL, 0);
}
