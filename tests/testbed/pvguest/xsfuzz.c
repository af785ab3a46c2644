/* SPDX-License-Identifier: GPL-2.0-only */
/* xs-fuzz: what a store ring never holds. */

#include "pvguest.h"

static struct rng rng;

static uint32_t pick(const uint32_t *v, unsigned int n)
{
    return v[rng_next(&rng) % n];
}

static void garbage(void)
{
    uint8_t buf[64];

    for ( unsigned int i = 0; i < sizeof(buf); i++ )
        buf[i] = rng_next(&rng) >> 13;

    /* Not xs_put(): nobody may be reading any more. */
    for ( unsigned int i = 0; i < 1 + rng_next(&rng) % sizeof(buf); i++ )
        xs_ring->req[MASK_XENSTORE_IDX(xs_ring->req_prod++)] = buf[i % 64];
}

static void put_bytes(const void *data, uint32_t len)
{
    const char *p = data;

    while ( len-- )
        xs_ring->req[MASK_XENSTORE_IDX(xs_ring->req_prod++)] = *p++;
}

/* A page-ref request with a wrong length, terminator or type. */
static void crooked_request(void)
{
    static const uint32_t lens[] = { 0, 1, 20, 21, 22, 27, 4095, 4096, 4097,
                                     0x7fffffff, 0x80000000, 0xfffffff0,
                                     0xffffffff };
    static const char body[] = "device/vfb/0/page-ref\0" "123456";
    struct xsd_sockmsg hdr = {
        .type = rng_next(&rng) & 1 ? XS_WRITE : rng_next(&rng) % 24,
        .req_id = rng_next(&rng),
        .tx_id = rng_next(&rng) & 1 ? rng_next(&rng) : 0,
        .len = pick(lens, ARRAY_SIZE(lens)),
    };

    put_bytes(&hdr, rng_next(&rng) & 7 ? sizeof(hdr) : rng_next(&rng) % 16);
    if ( rng_next(&rng) & 3 )
        put_bytes(body, rng_next(&rng) % sizeof(body));
}

static void crooked_index(void)
{
    static const uint32_t jumps[] = { 1, 1023, 1024, 1025, 4096, 0x7fffffff,
                                      0x80000000, 0xfffffc00, 0xffffffff };
    uint32_t *const idx[] = { &xs_ring->req_prod, &xs_ring->req_cons,
                              &xs_ring->rsp_prod, &xs_ring->rsp_cons };

    WRITE_ONCE(*idx[rng_next(&rng) % ARRAY_SIZE(idx)],
               pick(jumps, ARRAY_SIZE(jumps)) +
               (rng_next(&rng) & 1 ? READ_ONCE(xs_ring->req_cons) : 0));
}

enum verdict run_xs_fuzz(void)
{
    long count = arg_long("count", 1000);

    if ( arg_long("connect", 1) )
    {
        if ( !fb_connect(&fb) )
        {
            detail("no vfb or its backend does not connect");
            return ERROR;
        }
        draw_picture(&fb, arg_long("seed", 1));
        fb_update_all(&fb);
    }

    rng_seed(&rng, arg_long("seed", 1));
    for ( long i = 1; i <= count; i++ )
    {
        switch ( rng_next(&rng) % 8 )
        {
        case 0: garbage(); break;
        case 1: crooked_index(); break;
        case 2: /* an empty ring again */
            WRITE_ONCE(xs_ring->req_prod, READ_ONCE(xs_ring->req_cons));
            break;
        case 3: WRITE_ONCE(xs_ring->connection, rng_next(&rng)); break;
        case 4: WRITE_ONCE(xs_ring->error, rng_next(&rng) & 3); break;
        default: crooked_request(); break;
        }
        mb();
        evt_send(start.store_port);
        if ( !(i % 100) )
        {
            printk("xs-fuzz %ld error=%u\n", i, READ_ONCE(xs_ring->error));
            sleep_ms(10);
        }
    }

    if ( fb.info )
    {
        draw_picture(&fb, arg_long("seed", 1) + 1);
        fb_update_all(&fb);
        detail("alive crc=%08x", fb_crc(&fb));
    }
    else
        detail("alive");

    return SUCCESS;
}
