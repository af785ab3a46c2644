/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages that change under our feet: guest and dom0 are threads that write
 * whatever they like, or keep to the protocol, while the hypervisor's part
 * runs.  FBC_RACE_MS sets how long each test takes (default 700).
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "core/fbring.h"
#include "core/kbdring.h"
#include "core/xsring.h"
#include "engine.h"

#define PAGE     4096
#define REQ      0
#define RSP      1024
#define REQ_CONS 2048
#define REQ_PROD 2052
#define RSP_CONS 2056
#define RSP_PROD 2060

static atomic_bool stop;

static uint64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static uint64_t duration(void)
{
    const char *ms = getenv("FBC_RACE_MS");

    return ms ? strtoull(ms, NULL, 10) : 700;
}

static uint32_t load(const void *p)
{
    return *(const volatile uint32_t *)p;
}

static void store(void *p, uint32_t v)
{
    *(volatile uint32_t *)p = v;
}

static void start(pthread_t *t, void *(*f)(void *), void *arg)
{
    atomic_store(&stop, false);
    assert_int_equal(pthread_create(t, NULL, f, arg), 0);
}

static void finish(pthread_t *t)
{
    atomic_store(&stop, true);
    assert_int_equal(pthread_join(*t, NULL), 0);
}

/*
 * A test that waits for things to happen by chance goes on until they have:
 * on a busy machine the other thread may not run at all for a while.
 */
static bool go_on(uint64_t begin, bool seen)
{
    uint64_t took = now_ms() - begin;

    return took < duration() || (!seen && took < 60000);
}

/*
 * Every pixel the guest writes holds its own place, so that a pixel from
 * elsewhere, or one never written, is known in the picture.
 */
static uint32_t stamp(uint32_t i, uint32_t round)
{
    return 0xff000000 | (round & 0xff) << 16 | (i * 40503u & 0xffff);
}

static void *draw_thread(void *arg)
{
    struct engine *e = arg;
    uint32_t n = (uint32_t)(e->fb_len / 4), round = 0, i;

    while ( !atomic_load(&stop) )
        for ( round++, i = 0; i < n; i++ )
            store(e->fb + i * 4, stamp(i, round));

    return NULL;
}

static void drawing(void **state)
{
    struct engine e;
    pthread_t t;
    uint64_t seed = 3, begin = now_ms();
    uint32_t i, frames = 0;

    (void)state;
    engine_init(&e, 300, 120, 0);
    for ( i = 0; i < e.fb_len / 4; i++ )
        store(e.fb + i * 4, stamp(i, 0));
    assert_int_equal(engine_key(&e, FBC_AEAD_AES256_GCM, 1), FBC_OK);
    start(&t, draw_thread, &e);
    for ( ; go_on(begin, frames > 10); frames++ )
    {
        struct fbc_rect r = engine_rect(&e, &seed);
        struct fbc_view_stats st;

        fbc_shadow_damage(&e.s, &r);
        engine_seal(&e);
        assert_int_equal(engine_view(&e, &st), FBC_OK);
        assert_int_equal(st.bad, 0);
        assert_int_equal(st.pending, 0);
        assert_int_equal(st.manifest, FBC_OK);
        for ( i = 0; i < 300 * 120; i++ )
            assert_int_equal(e.screen[i * 3 + 1] << 8 | e.screen[i * 3 + 2],
                             stamp(i, 0) & 0xffff);
    }
    finish(&t);
    assert_true(frames > 10);
    engine_free(&e);
}

/* Words that the scribbler may still spoil of the present picture. */
static atomic_int spoil;

static void *scribble_thread(void *arg)
{
    struct engine *e = arg;
    size_t n = fbc_shadow_bytes(&e->g) / 4;
    uint64_t seed = 11;

    while ( !atomic_load(&stop) )
    {
        uint32_t at = engine_random(&seed) % (uint32_t)n;

        if ( atomic_load(&spoil) <= 0 )
        {
            sched_yield();
            continue;
        }
        atomic_fetch_sub(&spoil, 1);

        /* The header seldom: it is written once an epoch. */
        if ( at < FBC_HEADER_LEN / 3 && engine_random(&seed) % 1000 )
            continue;

        /* Flip, swap, or put back something old. */
        if ( engine_random(&seed) & 1 )
            store(e->out + at * 4, engine_random(&seed));
        else
            store(e->out + at * 4,
                  load(e->out + engine_random(&seed) % (uint32_t)n * 4));
    }

    return NULL;
}

/* Whatever verifies in a shadow under attack is what the guest drew. */
static void scribbling(void **state)
{
    struct engine e;
    struct fbc_rect all = { 0, 0, 300, 120 };
    pthread_t t;
    uint64_t begin = now_ms(), fresh = 0, bad = 0;
    uint32_t i, n, epoch = 0;
    uint8_t *copy;

    (void)state;
    engine_init(&e, 300, 120, 0);
    copy = malloc(fbc_shadow_bytes(&e.g));
    start(&t, scribble_thread, &e);
    for ( n = 0; go_on(begin, fresh && bad); n++ )
    {
        struct fbc_view_stats st = { 0 };
        uint64_t counter = e.s.counter;

        /* From hardly any to far more than there are tiles. */
        atomic_store(&spoil, 1 << n % 16);

        if ( n % 50 == 0 )
            assert_int_equal(engine_key(&e, FBC_AEAD_AES256_GCM, ++epoch),
                             FBC_OK);
        else
            fbc_shadow_damage(&e.s, &all);
        for ( i = 0; i < e.fb_len / 4; i++ )
            store(e.fb + i * 4, stamp(i, n));
        engine_seal(&e);
        assert_int_equal(e.s.counter,
                         (n % 50 ? counter : 0) + e.g.tiles + 1);

        /* The header may be torn; then nothing is shown at all. */
        memcpy(copy, e.out, fbc_shadow_bytes(&e.g));
        if ( fbc_view_update(&e.v, copy, e.g.swidth, e.g.sheight,
                             e.g.swidth * 4u, UINT32_MAX, e.screen, &st) )
            continue;
        fresh += st.fresh;
        bad += st.bad;
        for ( i = 0; i < 300 * 120; i++ )
        {
            uint32_t v = e.screen[i * 3 + 1] << 8 | e.screen[i * 3 + 2];

            assert_true(v == (stamp(i, 0) & 0xffff) ||
                        (!v && !e.screen[i * 3]));
        }
        if ( st.manifest == FBC_OK )
            assert_int_equal(e.screen[0], n & 0xff);
    }
    finish(&t);
    assert_true(fresh > 0);
    assert_true(bad > 0);
    engine_seal(&e);
    free(copy);
    engine_free(&e);
}

/* Both pages of a ring, full of whatever comes to mind. */
struct pages {
    uint8_t *real, *shadow;
};

static void *noise_thread(void *arg)
{
    struct pages *p = arg;
    uint64_t seed = 21;

    while ( !atomic_load(&stop) )
    {
        uint32_t v = engine_random(&seed), how = engine_random(&seed);
        uint8_t *page = how & 1 ? p->real : p->shadow;
        uint32_t off = how >> 4 & 1023;

        /* A third at the indices, mostly near each other: things move. */
        if ( how % 3 == 0 )
            off = (off & 3) + (how & 2 ? 512 : 0);
        off *= 4;
        if ( how % 3 == 0 && how >> 14 & 15 )
            v = load(page + (off ^ 4)) + v % 60;
        store(page + off, v);
    }

    return NULL;
}

static struct pages pages_new(void)
{
    struct pages p = { calloc(1, PAGE), calloc(1, PAGE) };

    assert_non_null(p.real);
    assert_non_null(p.shadow);

    return p;
}

static void fbring_noise(void **state)
{
    struct pages p = pages_new();
    struct fbc_fbring r;
    struct fbc_fbif fb = { .width = 800, .height = 600, .line_length = 3200,
                           .mem_length = 3200 * 600 };
    uint8_t ev[FBC_FBIF_EVENT_LEN];
    struct fbc_geom g;
    pthread_t t;
    uint64_t begin = now_ms(), events = 0, lost = 0, put = 0;
    uint32_t n;

    (void)state;
    assert_int_equal(fbc_geom_init(&g, 800, 600), FBC_OK);
    fbc_fbring_init(&r, p.real);
    start(&t, noise_thread, &p);
    for ( n = 0; go_on(begin, events && lost && put); n++ )
    {
        struct fbc_fbif_event e;
        uint32_t cons = r.cons, prod = r.s_prod;

        /* Noise alone hardly ever makes sense to our own indices. */
        if ( n % 16 == 0 )
        {
            store(p.real + FBC_FBIF_OUT_PROD, cons + n / 16 % 52);
            store(p.shadow + FBC_FBIF_OUT_CONS, prod - n / 32 % 52);
        }
        switch ( fbc_fbring_take(&r, p.real, ev) )
        {
        case FBC_FBRING_EMPTY:
            assert_int_equal(r.cons, cons);
            break;

        case FBC_FBRING_LOST:
            lost++;
            break;

        case FBC_FBRING_EVENT:
            events++;
            assert_int_equal(r.cons, cons + 1);
            fbc_fbif_event(ev, &fb, &g, &e);
            if ( e.type == FBC_FBIF_UPDATE && e.rect.w )
            {
                assert_true(e.rect.x + e.rect.w <= g.width);
                assert_true(e.rect.y + e.rect.h <= g.height);
            }
            break;
        }
        if ( fbc_fbring_room(&r, p.shadow) )
        {
            fbc_fbring_put(&r, p.shadow, ev);
            assert_int_equal(r.s_prod, prod + 1);
            put++;
        }
        fbc_fbring_drop_in(p.shadow);
    }
    finish(&t);
    assert_true(events > 0);
    assert_true(lost > 0);
    assert_true(put > 0);
    free(p.real);
    free(p.shadow);
}

/* A value that passes, and one that does not, over and over in each slot. */
static void *keys_thread(void *arg)
{
    struct pages *p = arg;
    uint64_t seed = 23;

    while ( !atomic_load(&stop) )
    {
        uint32_t v = engine_random(&seed);
        uint8_t *ev = p->shadow + FBC_KBDIF_IN_OFF +
                      v % FBC_KBDIF_IN_LEN * FBC_KBDIF_EVENT_LEN;

        store(ev, FBC_KBDIF_KEY | (v & 0xff00));
        store(ev + 4, v & 0x10000 ? 30 : v | 0x300);
        store(ev + 8, v);
    }

    return NULL;
}

/* However dom0's slots change, the guest finds keys that there are. */
static void kbdring_keys(void **state)
{
    static struct fbc_inputbox box = { .mode = FBC_INPUTBOX_PLAIN };
    static const struct fbc_kbdif_limits limits;
    struct pages p = pages_new();
    struct fbc_kbdring r;
    pthread_t t;
    uint64_t begin = now_ms();
    uint32_t i;

    (void)state;
    fbc_kbdring_init(&r, p.real);
    start(&t, keys_thread, &p);
    while ( go_on(begin, r.passed > 1000 && r.dropped > 1000) )
    {
        store(p.shadow + FBC_KBDIF_IN_PROD, r.s_cons + FBC_KBDIF_IN_LEN);
        if ( fbc_kbdring_pump(&r, p.real, p.shadow, &limits, &box, 0) &
             FBC_KBDRING_TELL_GUEST )
            for ( i = load(p.real + FBC_KBDIF_IN_CONS); i != r.prod; i++ )
            {
                const uint8_t *ev = p.real + FBC_KBDIF_IN_OFF +
                                    i % FBC_KBDIF_IN_LEN * FBC_KBDIF_EVENT_LEN;

                assert_int_equal(ev[0], FBC_KBDIF_KEY);
                assert_true(ev[1] < 2);
                assert_int_equal(load(ev + 4), 30);
                assert_int_equal(load(ev + 8), 0);
            }
        store(p.real + FBC_KBDIF_IN_CONS, r.prod);
    }
    finish(&t);
    assert_true(r.passed > 1000);
    assert_true(r.dropped > 1000);
    free(p.real);
    free(p.shadow);
}

/* Counters say what was moved, whatever the indices do meanwhile. */
static void kbdring_noise(void **state)
{
    static struct fbc_inputbox box = { .mode = FBC_INPUTBOX_PLAIN };
    static const struct fbc_kbdif_limits limits;
    struct pages p = pages_new();
    struct fbc_kbdring r;
    pthread_t t;
    uint64_t begin = now_ms();
    uint32_t n, i;

    (void)state;
    fbc_kbdring_init(&r, p.real);
    start(&t, noise_thread, &p);
    for ( n = 0; go_on(begin, r.passed && r.dropped && r.lost); n++ )
    {
        struct fbc_kbdring old = r;
        uint8_t *ev = p.shadow + FBC_KBDIF_IN_OFF +
                      r.s_cons % FBC_KBDIF_IN_LEN * FBC_KBDIF_EVENT_LEN;
        unsigned int done;

        /*
         * Noise makes no event that passes, once it has been everywhere: not
         * only the type counts, but what the next three words hold.
         */
        if ( n % 16 == 0 )
        {
            store(p.real + FBC_KBDIF_IN_CONS, r.prod - n / 16 % 52);
            store(p.shadow + FBC_KBDIF_IN_PROD, r.s_cons + n / 32 % 52);
            store(ev, FBC_KBDIF_MOTION + n / 16 % 2);
            for ( i = 4; i < FBC_KBDIF_USED_LEN; i += 4 )
                store(ev + i, 0);
        }
        done = fbc_kbdring_pump(&r, p.real, p.shadow, &limits, &box, 0);
        assert_int_equal(r.prod - old.prod, r.passed - old.passed);
        assert_int_equal(!!(done & FBC_KBDRING_TELL_GUEST),
                         r.passed != old.passed);
        assert_int_equal(!!(done & FBC_KBDRING_TELL_DOM0),
                         r.s_cons != old.s_cons);
        if ( r.lost == old.lost )
        {
            assert_true(r.s_cons - old.s_cons <= FBC_KBDIF_IN_LEN);
            assert_int_equal(r.s_cons - old.s_cons, r.passed - old.passed +
                             r.dropped - old.dropped);
        }
    }
    finish(&t);
    assert_true(r.passed && r.dropped && r.lost);
    free(p.real);
    free(p.shadow);
}

static void xsring_noise(void **state)
{
    struct pages p = pages_new();
    struct fbc_xsring r;
    pthread_t t;
    uint64_t begin = now_ms(), moved = 0;
    uint32_t n;

    (void)state;
    fbc_xsring_init(&r, 3, p.real, p.shadow);
    start(&t, noise_thread, &p);
    for ( n = 0; go_on(begin, moved); n++ )
    {
        struct fbc_xs_write w;
        uint32_t cons = r.req_cons, prod = r.s_req_prod, held = r.held_len;
        uint32_t rsp = r.rsp_prod, s_rsp = r.s_rsp_cons;

        /* Noise alone hardly ever makes sense to our own indices. */
        if ( n % 16 == 0 )
        {
            store(p.real + REQ_CONS, cons);
            store(p.real + RSP_PROD, rsp);
            store(p.real + REQ_PROD, cons + n / 16 % 1025);
            store(p.shadow + REQ_CONS, prod - n / 32 % 1025);
            store(p.shadow + RSP_PROD, s_rsp + n / 64 % 1025);
            store(p.real + RSP_CONS, rsp - n / 128 % 1025);
        }
        moved += fbc_xsring_requests(&r, p.real, p.shadow, &w);
        assert_true(r.held_len <= FBC_XS_RING);
        assert_true(r.held_len + (r.s_req_prod - prod) - held <=
                    9 * FBC_XS_RING);
        moved += fbc_xsring_answers(&r, p.real, p.shadow);
        assert_true(r.s_rsp_cons - s_rsp <= 9 * FBC_XS_RING);
        /* A stream of noise soon has no meaning: begin another. */
        if ( r.xs.broken )
            fbc_xs_init(&r.xs, 3);
    }
    finish(&t);
    assert_true(moved > 0);
    free(p.real);
    free(p.shadow);
}

/*
 * Guest and server that keep to the protocol on CPUs of their own, and sleep
 * until they get an event.  Nobody sends one twice: an event that is not sent
 * although its receiver sleeps would stop everything.
 */
static struct {
    uint8_t *real, *shadow;
    struct fbc_xsring r;
    pthread_mutex_t lock;
    atomic_uint guest_events, dom0_events;
    atomic_ulong progress;
    atomic_bool wrong;
} x;

static void pump(bool from_guest)
{
    struct fbc_xs_write w;
    bool reverse = false;

    pthread_mutex_lock(&x.lock);
    if ( fbc_xsring_answers(&x.r, x.real, x.shadow) && from_guest )
        reverse = true;
    do {
        x.r.xs.door.nr = x.r.xs.door.shut = 0;      /* all are answered */
        if ( fbc_xsring_requests(&x.r, x.real, x.shadow, &w) && !from_guest )
            reverse = true;
    } while ( w.key != FBC_XS_NONE );
    pthread_mutex_unlock(&x.lock);

    if ( from_guest || reverse )
        atomic_fetch_add(&x.dom0_events, 1);
    if ( !from_guest || reverse )
        atomic_fetch_add(&x.guest_events, 1);
}

/* Waits until there was an event since the one numbered *seen. */
static void await(atomic_uint *events, unsigned int *seen)
{
    while ( atomic_load(events) == *seen && !atomic_load(&stop) )
        __asm__ __volatile__ ( "pause" );
    *seen = atomic_load(events);
}

static uint8_t byte_at(uint32_t i)
{
    /* Messages of 16 + 61 bytes; as answers, events of watches. */
    uint32_t at = i % 77;

    if ( !at )
        return 15;

    return at < 16 ? (at == 12 ? 61 : 0) : (uint8_t)(i * 167 >> 3);
}

/* Linux's xb_write(): one thread; it sleeps on a full ring only. */
static void *guest_writer(void *arg)
{
    unsigned int seen = 0;
    uint32_t prod = 0;

    (void)arg;
    while ( !atomic_load(&stop) )
    {
        uint32_t room = FBC_XS_RING - (prod - load(x.real + REQ_CONS)), n;

        if ( !room )
        {
            seen = atomic_load(&x.guest_events);
            if ( prod - load(x.real + REQ_CONS) == FBC_XS_RING )
                await(&x.guest_events, &seen);
            continue;
        }
        n = prod % 50 + 1;
        if ( n > room )
            n = room;
        for ( room = 0; room < n; room++ )
            *(volatile uint8_t *)(x.real + REQ + (prod + room) %
                                  FBC_XS_RING) = byte_at(prod + room);
        __sync_synchronize();
        store(x.real + REQ_PROD, prod + n);
        __sync_synchronize();
        if ( load(x.real + REQ_CONS) - prod < 0x80000000 )
            pump(true);
        prod += n;
    }

    return NULL;
}

static void *server(void *arg)
{
    unsigned int seen = 0;
    uint32_t cons = 0, n;

    (void)arg;
    while ( !atomic_load(&stop) )
    {
        n = load(x.shadow + REQ_PROD) - cons;
        if ( !n )
        {
            seen = atomic_load(&x.dom0_events);
            if ( load(x.shadow + REQ_PROD) == cons )
                await(&x.dom0_events, &seen);
            continue;
        }
        for ( ; n; n--, cons++ )
            if ( *(volatile uint8_t *)(x.shadow + REQ + cons % FBC_XS_RING) !=
                 byte_at(cons) )
                atomic_store(&x.wrong, true);
        __sync_synchronize();
        store(x.shadow + REQ_CONS, cons);
        atomic_fetch_add(&x.progress, 1);
        pump(false);
    }

    return NULL;
}

/* The server's answers, and Linux's xb_read(). */
static void *answerer(void *arg)
{
    unsigned int seen = 0;
    uint32_t prod = 0, n, i;

    (void)arg;
    while ( !atomic_load(&stop) )
    {
        n = FBC_XS_RING - (prod - load(x.shadow + RSP_CONS));
        if ( !n )
        {
            seen = atomic_load(&x.dom0_events);
            if ( prod - load(x.shadow + RSP_CONS) == FBC_XS_RING )
                await(&x.dom0_events, &seen);
            continue;
        }
        if ( n > prod % 700 + 1 )
            n = prod % 700 + 1;
        for ( i = 0; i < n; i++ )
            *(volatile uint8_t *)(x.shadow + RSP + (prod + i) %
                                  FBC_XS_RING) = byte_at(prod + i);
        __sync_synchronize();
        store(x.shadow + RSP_PROD, prod += n);
        pump(false);
    }

    return NULL;
}

static void *guest_reader(void *arg)
{
    unsigned int seen = 0;
    uint32_t cons = 0, prod, from, i;

    (void)arg;
    while ( !atomic_load(&stop) )
    {
        prod = load(x.real + RSP_PROD);
        if ( prod == cons )
        {
            seen = atomic_load(&x.guest_events);
            if ( load(x.real + RSP_PROD) == cons )
                await(&x.guest_events, &seen);
            continue;
        }
        from = cons;
        for ( i = cons % 300 + 1; i && cons != prod; i--, cons++ )
            if ( *(volatile uint8_t *)(x.real + RSP + cons % FBC_XS_RING) !=
                 byte_at(cons) )
                atomic_store(&x.wrong, true);
        __sync_synchronize();
        store(x.real + RSP_CONS, cons);
        __sync_synchronize();
        atomic_fetch_add(&x.progress, 1);
        if ( load(x.real + RSP_PROD) - from >= FBC_XS_RING )
            pump(true);
    }

    return NULL;
}

static void run_pair(void *(*a)(void *), void *(*b)(void *))
{
    uint64_t end = now_ms() + duration(), moved = now_ms();
    unsigned long last = 0;
    pthread_t ta, tb;

    x.real = calloc(1, PAGE);
    x.shadow = calloc(1, PAGE);
    assert_non_null(x.real);
    assert_non_null(x.shadow);
    pthread_mutex_init(&x.lock, NULL);
    atomic_store(&x.progress, 0);
    atomic_store(&x.wrong, false);
    fbc_xsring_init(&x.r, 3, x.real, x.shadow);
    start(&ta, a, NULL);
    start(&tb, b, NULL);
    while ( (now_ms() < end || last <= 50) && now_ms() - moved < 60000 )
    {
        usleep(20000);
        if ( atomic_load(&x.progress) != last )
        {
            last = atomic_load(&x.progress);
            moved = now_ms();
        }
        else
            end += 20;          /* a stall has a minute to be over */
    }
    finish(&ta);
    finish(&tb);
    assert_true(now_ms() - moved < 60000);
    assert_false(atomic_load(&x.wrong));
    assert_true(last > 50);
    free(x.real);
    free(x.shadow);
}

static void no_lost_request(void **state)
{
    (void)state;
    run_pair(guest_writer, server);
}

static void no_lost_answer(void **state)
{
    (void)state;
    run_pair(answerer, guest_reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "a guest that draws all the time: every picture verifies", drawing,
          0, 0, 0 },
        { "a dom0 that scribbles: what verifies is what was drawn",
          scribbling, 0, 0, 0 },
        { "xenfb pages that change all the time", fbring_noise, 0, 0, 0 },
        { "keyboard events that change all the time: what is checked passes",
          kbdring_keys, 0, 0, 0 },
        { "xenkbd pages that change all the time", kbdring_noise, 0, 0, 0 },
        { "XenStore pages that change all the time", xsring_noise, 0, 0, 0 },
        { "requests on two CPUs: no byte and no event is lost",
          no_lost_request, 0, 0, 0 },
        { "answers on two CPUs: no byte and no event is lost",
          no_lost_answer, 0, 0, 0 },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
