/* SPDX-License-Identifier: GPL-2.0-only */
/* What the kernel needs from Xen: memory, time, events, grants, a vCPU. */

#include "platform.h"

#define ARENA_PAGES 3072 /* 12 MiB: 1920x1080x32 and a bit */
#define NR_GRANTS 512
#define FIRST_GRANT 8 /* the builder's and Xen's reserved entries */

const struct arch *arch;
struct start start;

static struct shared_info *shared;
static uint8_t shared_page[PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t grant_frame[PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t arenas[2][ARENA_PAGES * PAGE_SIZE]
    __attribute__((aligned(4096)));
static unsigned int arena, arena_used;
static grant_entry_v1_t *grants;

uint64_t va_to_frame(const void *va)
{
    return arch->va_to_frame(va);
}

void *frame_to_va(uint64_t frame)
{
    return arch->frame_to_va(frame);
}

void arena_switch(void)
{
    arena ^= 1;
    arena_used = 0;
}

void *arena_pages(unsigned int n)
{
    void *p = arenas[arena] + arena_used * PAGE_SIZE;

    if ( n > ARENA_PAGES - arena_used )
        return NULL;

    arena_used += n;

    return memset(p, 0, n * PAGE_SIZE);
}

static uint64_t rdtsc(void)
{
    uint32_t lo, hi;

    asm volatile ( "lfence; rdtsc" : "=a" (lo), "=d" (hi) );

    return (uint64_t)hi << 32 | lo;
}

static uint64_t system_time(void)
{
    struct vcpu_time_info *t = &shared->vcpu_info[0].time;
    uint64_t ns;
    uint32_t ver;

    do {
        uint64_t delta;

        ver = READ_ONCE(t->version);
        wmb();
        delta = rdtsc() - READ_ONCE(t->tsc_timestamp);
        if ( t->tsc_shift < 0 )
            delta >>= -t->tsc_shift;
        else
            delta <<= t->tsc_shift;
        ns = t->system_time +
             (uint64_t)((unsigned __int128)delta * t->tsc_to_system_mul >> 32);
        wmb();
    } while ( (ver & 1) || ver != READ_ONCE(t->version) );

    return ns;
}

uint64_t now_us(void)
{
    return system_time() / 1000;
}

uint64_t now_ms(void)
{
    return system_time() / 1000000;
}

void evt_wait(evtchn_port_t port, uint64_t until_ms)
{
    struct sched_poll poll = { .nr_ports = port ? 1 : 0,
                               .timeout = until_ms * 1000000 };

    set_xen_guest_handle(poll.ports, &port);
    hyp_sched(SCHEDOP_poll, &poll);
}

void sleep_ms(uint64_t ms)
{
    uint64_t until = now_ms() + ms;

    while ( now_ms() < until )
        evt_wait(0, until);
}

evtchn_port_t evt_alloc(domid_t remote)
{
    struct evtchn_alloc_unbound op = { .dom = DOMID_SELF,
                                       .remote_dom = remote };

    return hyp_evtchn(EVTCHNOP_alloc_unbound, &op) ? 0 : op.port;
}

void evt_close(evtchn_port_t port)
{
    struct evtchn_close op = { .port = port };

    hyp_evtchn(EVTCHNOP_close, &op);
}

void evt_send(evtchn_port_t port)
{
    struct evtchn_send op = { .port = port };

    hyp_evtchn(EVTCHNOP_send, &op);
}

void evt_clear(evtchn_port_t port)
{
    __atomic_fetch_and(&shared->evtchn_pending[port / 64],
                       ~(1UL << (port % 64)), __ATOMIC_SEQ_CST);
}

grant_ref_t grant_page(domid_t dom, const void *va)
{
    if ( !grants )
    {
        if ( !arch->map_grants(grant_frame) )
            return 0;
        grants = (grant_entry_v1_t *)grant_frame;
    }

    for ( grant_ref_t ref = FIRST_GRANT; ref < NR_GRANTS; ref++ )
        if ( !grants[ref].flags )
        {
            grants[ref].domid = dom;
            grants[ref].frame = va_to_frame(va);
            wmb();
            grants[ref].flags = GTF_permit_access;
            return ref;
        }

    return 0;
}

void grant_end(grant_ref_t ref)
{
    uint16_t flags = GTF_permit_access;

    if ( ref )
        __atomic_compare_exchange_n(&grants[ref].flags, &flags, 0, false,
                                    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

bool grant_mapped(grant_ref_t ref)
{
    return READ_ONCE(grants[ref].flags) & (GTF_reading | GTF_writing);
}

static void (*ap_fn)(void);

void ap_main(void)
{
    for ( ; ; )
        ap_fn();
}

bool smp_start(void (*fn)(void))
{
    ap_fn = fn;

    return arch->start_ap(shared);
}

void platform_init(const void *info, const struct arch *how)
{
    arch = how;
    arch->init(info);
    shared = (struct shared_info *)shared_page;
    arch->map_shared_info(shared);
    shared->vcpu_info[0].evtchn_upcall_mask = 1;
}
