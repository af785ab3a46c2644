/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The proxy of a guest's XenStore page between a guest that writes as Linux
 * does (a message in three pieces, no event while the other side is still at
 * work) and a server that works as C xenstored does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/xsring.h"

#define PAGE     4096
#define REQ      0
#define RSP      1024
#define REQ_CONS 2048
#define REQ_PROD 2052
#define RSP_CONS 2056
#define RSP_PROD 2060
#define SERVER   2064

#define STREAM_MAX (1u << 18)
#define WRITES_MAX 2048
#define XS_READ  2
#define XS_WRITE 11
#define XS_WATCH_EVENT 15
#define XS_ERROR 16

/* Bytes on their way in one direction. */
struct stream {
    uint8_t *data;
    uint32_t put, got;
};

struct world {
    uint8_t *real, *shadow;
    struct fbc_xsring r;
    uint64_t seed;
    bool guest_event, dom0_event;

    struct stream req, rsp;
    uint32_t msg_left[3];       /* of the guest's message: pieces to write */
    bool guest_waits;           /* for space on its ring */

    /* Ends of the watched writes in the request stream; seen so far. */
    uint32_t end[WRITES_MAX], value[WRITES_MAX];
    uint32_t writes, seen;
    uint32_t shown;             /* request bytes that xenstored could read */
    uint32_t shown_from;        /* index of the first one */

    /* Requests by their numbers; ends in the request stream; answered so far. */
    uint32_t id[WRITES_MAX], id_end[WRITES_MAX];
    uint32_t ids, answered;
    uint32_t rsp_end;           /* of the message that xenstored writes */
};

static uint32_t get(const uint8_t *p, uint32_t off)
{
    return fbc_get32(p + off);
}

static uint32_t rnd(struct world *w)
{
    w->seed ^= w->seed << 13;
    w->seed ^= w->seed >> 7;
    w->seed ^= w->seed << 17;

    return (uint32_t)(w->seed >> 16);
}

static void world_init(struct world *w, uint64_t seed, uint32_t start)
{
    memset(w, 0, sizeof(*w));
    w->seed = seed * 2654435761u + 1;
    w->real = calloc(1, PAGE);
    w->shadow = calloc(1, PAGE);
    w->req.data = malloc(STREAM_MAX);
    w->rsp.data = malloc(STREAM_MAX);
    assert_non_null(w->real);
    assert_non_null(w->shadow);
    assert_non_null(w->req.data);
    assert_non_null(w->rsp.data);
    fbc_put32(w->real + REQ_CONS, start);
    fbc_put32(w->real + REQ_PROD, start);
    fbc_put32(w->real + RSP_CONS, start + 5);
    fbc_put32(w->real + RSP_PROD, start + 5);
    fbc_xsring_init(&w->r, 3, w->real, w->shadow);
}

static void world_free(struct world *w)
{
    free(w->real);
    free(w->shadow);
    free(w->req.data);
    free(w->rsp.data);
}

/* What xenstored may see: nothing from the end of an unreported write on. */
static void look(struct world *w)
{
    w->shown = get(w->shadow, REQ_PROD) - w->shown_from;
    assert_true(w->r.held_len <= FBC_XS_RING);
    assert_true(w->shown <= w->req.put);
    if ( w->seen < w->writes )
        assert_true(w->shown < w->end[w->seen]);
}

static void saw(struct world *w, const struct fbc_xs_write *wr)
{
    assert_true(w->seen < w->writes);
    assert_int_equal(wr->dev, FBC_XS_VFB);
    assert_int_equal(wr->key, FBC_XS_PAGE_REF);
    assert_true(wr->valid);
    assert_int_equal(wr->value, w->value[w->seen]);

    /* It is known here before xenstored knows. */
    look(w);
    w->seen++;
}

/* As fbc_store_pump() does it in the hypervisor. */
static void pump(struct world *w, bool from_guest)
{
    struct fbc_xs_write wr;
    bool reverse = false;

    if ( fbc_xsring_answers(&w->r, w->real, w->shadow) && from_guest )
        reverse = true;
    for ( ; ; )
    {
        look(w);
        if ( fbc_xsring_requests(&w->r, w->real, w->shadow, &wr) &&
             !from_guest )
            reverse = true;
        if ( wr.key == FBC_XS_NONE )
            break;
        saw(w, &wr);
    }
    look(w);

    if ( from_guest || reverse )
        w->dom0_event = true;
    if ( !from_guest || reverse )
        w->guest_event = true;
}

/* Composes a message in the stream; its pieces wait to be written. */
static void compose(struct world *w)
{
    uint8_t *p = w->req.data + w->req.put;
    uint32_t path = 0, value, i;

    memset(p, 0, FBC_XS_HEADER_LEN);
    fbc_put32(p, rnd(w) % 3 ? XS_WRITE : XS_READ);
    fbc_put32(p + 4, rnd(w));
    if ( rnd(w) % 3 == 0 && w->writes < WRITES_MAX )
    {
        uint32_t v = rnd(w) % 900000 + 100000;

        fbc_put32(p, XS_WRITE);
        path = (uint32_t)sprintf((char *)p + 16, "%sdevice/vfb/0/page-ref",
                                 rnd(w) & 1 ? "/local/domain/3/" : "") + 1;
        value = (uint32_t)sprintf((char *)p + 16 + path, "%u", v);
        w->end[w->writes] = w->req.put + 16 + path + value;
        w->value[w->writes++] = v;
    }
    else
    {
        path = 1 + rnd(w) % 40;
        value = rnd(w) % 8 ? rnd(w) % 100 : rnd(w) % 3000;
        for ( i = 0; i < path + value; i++ )
            p[16 + i] = (uint8_t)(rnd(w) | 0x80);
    }
    fbc_put32(p + 12, path + value);
    assert_true(w->ids < WRITES_MAX);
    w->id[w->ids] = get(p, 4);
    w->id_end[w->ids++] = w->req.put + 16 + path + value;
    w->msg_left[0] = FBC_XS_HEADER_LEN;
    w->msg_left[1] = path;
    w->msg_left[2] = value;
}

/* One turn of Linux's xb_write(). */
static void guest_write(struct world *w)
{
    uint32_t prod = get(w->real, REQ_PROD), cons = get(w->real, REQ_CONS);
    uint32_t room = FBC_XS_RING - (prod - cons), piece = 0, n, i;

    while ( piece < 3 && !w->msg_left[piece] )
        piece++;
    if ( piece == 3 )
    {
        if ( w->req.put + 8192 > STREAM_MAX )
            return;
        compose(w);
        piece = 0;
    }
    if ( !room )
    {
        w->guest_waits = true;
        return;
    }

    n = FBC_XS_RING - prod % FBC_XS_RING;
    if ( n > room )
        n = room;
    if ( n > w->msg_left[piece] )
        n = w->msg_left[piece];
    for ( i = 0; i < n; i++ )
        w->real[REQ + (prod + i) % FBC_XS_RING] =
            w->req.data[w->req.put + i];
    w->req.put += n;
    w->msg_left[piece] -= n;
    fbc_put32(w->real + REQ_PROD, prod + n);

    /* Linux compares prod <= cons, which is this but for 2^32. */
    if ( (int32_t)(get(w->real, REQ_CONS) - prod) >= 0 )
        pump(w, true);
}

/* One turn of Linux's xb_read(). */
static void guest_read(struct world *w, uint32_t most)
{
    uint32_t prod = get(w->real, RSP_PROD), cons = get(w->real, RSP_CONS);
    uint32_t n = prod - cons, i;

    assert_true(n <= FBC_XS_RING);
    if ( n > most )
        n = most;
    for ( i = 0; i < n; i++ )
        assert_int_equal(w->real[RSP + (cons + i) % FBC_XS_RING],
                         w->rsp.data[w->rsp.got + i]);
    w->rsp.got += n;
    fbc_put32(w->real + RSP_CONS, cons + n);
    if ( n && prod - cons == FBC_XS_RING )
        pump(w, true);
}

static bool xenstored_read(struct world *w, uint32_t most)
{
    uint32_t prod = get(w->shadow, REQ_PROD);
    uint32_t cons = get(w->shadow, REQ_CONS), n = prod - cons, i;

    assert_true(n <= FBC_XS_RING);
    if ( n > most )
        n = most;
    if ( !n )
        return false;
    for ( i = 0; i < n; i++ )
        assert_int_equal(w->shadow[REQ + (cons + i) % FBC_XS_RING],
                         w->req.data[w->req.got + i]);
    w->req.got += n;
    fbc_put32(w->shadow + REQ_CONS, cons + n);
    pump(w, false);

    return true;
}

/* Composes an event, or an answer to what xenstored has read. */
static bool compose_answer(struct world *w)
{
    uint8_t *p = w->rsp.data + w->rsp.put;
    uint32_t len = rnd(w) % 4 ? rnd(w) % 100 : rnd(w) % 2000, i;
    bool answer = w->answered < w->ids &&
                  w->req.got >= w->id_end[w->answered] && rnd(w) % 8;

    if ( w->rsp.put + FBC_XS_HEADER_LEN + len > STREAM_MAX )
        return false;
    fbc_put32(p, answer ? XS_READ : XS_WATCH_EVENT);
    fbc_put32(p + 4, answer ? w->id[w->answered++] : 0);
    fbc_put32(p + 8, rnd(w));
    fbc_put32(p + 12, len);
    for ( i = 0; i < len; i++ )
        p[FBC_XS_HEADER_LEN + i] = (uint8_t)rnd(w);
    w->rsp_end = w->rsp.put + FBC_XS_HEADER_LEN + len;

    return true;
}

static bool xenstored_write(struct world *w, uint32_t most)
{
    uint32_t prod = get(w->shadow, RSP_PROD);
    uint32_t n = FBC_XS_RING - (prod - get(w->shadow, RSP_CONS)), i;

    if ( n && w->rsp.put == w->rsp_end && !compose_answer(w) )
        return false;
    if ( n > most )
        n = most;
    if ( n > w->rsp_end - w->rsp.put )
        n = w->rsp_end - w->rsp.put;
    if ( !n )
        return false;
    for ( i = 0; i < n; i++ )
        w->shadow[RSP + (prod + i) % FBC_XS_RING] =
            w->rsp.data[w->rsp.put + i];
    w->rsp.put += n;
    fbc_put32(w->shadow + RSP_PROD, prod + n);
    pump(w, false);

    return true;
}

/* Whoever has an event, or is awake anyway, gets a random turn. */
static void turn(struct world *w, bool more)
{
    switch ( rnd(w) % 4 )
    {
    case 0:
        if ( w->guest_waits && !w->guest_event )
            break;
        w->guest_waits = false;
        if ( more || w->msg_left[0] || w->msg_left[1] || w->msg_left[2] )
            guest_write(w);
        break;

    case 1:
        if ( !w->guest_event )
            break;
        w->guest_event = w->guest_waits = false;
        while ( get(w->real, RSP_PROD) != get(w->real, RSP_CONS) )
            guest_read(w, 1 + rnd(w) % 2000);
        break;

    case 2:
        if ( !w->dom0_event )
            break;
        w->dom0_event = false;
        while ( xenstored_read(w, 1 + rnd(w) % 2000) )
            if ( rnd(w) % 4 == 0 )
                guest_write(w);
        break;

    case 3:
        if ( more || w->rsp.put < w->rsp_end ||
             (w->answered < w->ids && w->req.got >= w->id_end[w->answered]) )
            xenstored_write(w, 1 + rnd(w) % 1500);
        break;
    }
}

static void interleave(struct world *w, uint32_t turns)
{
    uint32_t i;

    for ( i = 0; i < turns; i++ )
        turn(w, true);
    for ( i = 0; i < 2000; i++ )
        turn(w, false);

    /* Nothing waits for an event that nobody will send. */
    assert_int_equal(w->req.got, w->req.put);
    assert_int_equal(w->rsp.got, w->rsp.put);
    assert_int_equal(w->seen, w->writes);
    assert_int_equal(w->r.held_len, 0);
    assert_int_equal(w->answered, w->ids);
    assert_int_equal(w->r.xs.door.nr, 0);
}

static void interleavings(void **state)
{
    uint64_t seed, bytes = 0, writes = 0;

    (void)state;
    for ( seed = 1; seed <= 300; seed++ )
    {
        struct world w;

        world_init(&w, seed, (uint32_t)(seed % 3 * 1000));
        interleave(&w, 400);
        bytes += w.req.got + w.rsp.got;
        writes += w.writes;
        world_free(&w);
    }
    assert_true(bytes > 1000000);
    assert_true(writes > 1000);
}

static void wraps(void **state)
{
    uint64_t seed;

    (void)state;
    for ( seed = 1; seed <= 100; seed++ )
    {
        struct world w;

        world_init(&w, seed, (uint32_t)-2000);
        interleave(&w, 400);
        assert_true(w.r.req_cons < 0x80000000);
        world_free(&w);
    }
}

/* The server side's indices run over 2^32, too. */
static void wraps_shadow(void **state)
{
    struct world w;

    (void)state;
    world_init(&w, 9, 0);
    memset(w.shadow, 0, PAGE);
    fbc_put32(w.shadow + REQ_CONS, (uint32_t)-700);
    fbc_put32(w.shadow + REQ_PROD, (uint32_t)-700);
    fbc_put32(w.shadow + RSP_CONS, (uint32_t)-300);
    fbc_put32(w.shadow + RSP_PROD, (uint32_t)-300);
    fbc_xsring_init(&w.r, 3, w.real, w.shadow);
    w.shown_from = (uint32_t)-700;
    while ( w.rsp.put < 5000 || w.rsp.put < w.rsp_end )
    {
        assert_true(xenstored_write(&w, 100));
        guest_read(&w, 2000);
    }
    assert_int_equal(w.rsp.got, w.rsp.put);

    memset(w.real + REQ, 0x80, FBC_XS_RING);
    fbc_put32(w.real + REQ_PROD, 1000);
    {
        struct fbc_xs_write wr;

        assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
    }
    assert_int_equal(get(w.shadow, REQ_PROD), 300);
    world_free(&w);
}

#define VALUE "123456"

static uint32_t watched(uint8_t *msg)
{
    static const char path[] = "device/vfb/0/page-ref";
    uint32_t len = sizeof(path) + sizeof(VALUE) - 1;

    memset(msg, 0, FBC_XS_HEADER_LEN);
    fbc_put32(msg, XS_WRITE);
    fbc_put32(msg + 12, len);
    memcpy(msg + 16, path, sizeof(path));
    memcpy(msg + 16 + sizeof(path), VALUE, sizeof(VALUE) - 1);

    return 16 + len;
}

static void send(struct world *w, const uint8_t *p, uint32_t len)
{
    uint32_t prod = get(w->real, REQ_PROD), i;

    for ( i = 0; i < len; i++ )
        w->real[REQ + (prod + i) % FBC_XS_RING] = p[i];
    fbc_put32(w->real + REQ_PROD, prod + len);
}

static void split_at_every_byte(void **state)
{
    uint8_t msg[256];
    uint32_t len = watched(msg), at, start;

    (void)state;
    for ( start = 0; start < 2 * FBC_XS_RING; start += 491 )
        for ( at = 0; at <= len; at++ )
        {
            struct fbc_xs_write wr;
            struct world w;

            world_init(&w, 1, start);
            send(&w, msg, at);
            fbc_xsring_requests(&w.r, w.real, w.shadow, &wr);
            if ( at < len )
            {
                assert_int_equal(wr.key, FBC_XS_NONE);
                assert_int_equal(get(w.shadow, REQ_PROD), at);
                send(&w, msg + at, len - at);
                assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow,
                                                &wr));
            }
            assert_int_equal(wr.key, FBC_XS_PAGE_REF);
            assert_int_equal(wr.value, 123456);
            assert_int_equal(get(w.shadow, REQ_PROD), at < len ? at : 0);
            assert_int_equal(get(w.real, REQ_CONS), start + len);

            assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
            assert_int_equal(wr.key, FBC_XS_NONE);
            assert_int_equal(get(w.shadow, REQ_PROD), len);
            assert_memory_equal(w.shadow + REQ, msg, len);
            assert_false(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
            world_free(&w);
        }
}

/* Several writes in the ring: a call reports one, shows the one before. */
static void one_write_a_call(void **state)
{
    struct fbc_xs_write wr;
    struct world w;
    uint8_t msg[256];
    uint32_t len = watched(msg), i;

    (void)state;
    world_init(&w, 1, 1000);
    for ( i = 0; i < 10; i++ )
        send(&w, msg, len);
    for ( i = 0; i < 10; i++ )
    {
        assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
        assert_int_equal(wr.key, FBC_XS_PAGE_REF);
        assert_int_equal(get(w.shadow, REQ_PROD), i * len);
        assert_int_equal(w.r.held_len, len);
    }
    assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
    assert_int_equal(wr.key, FBC_XS_NONE);
    assert_int_equal(get(w.shadow, REQ_PROD), 10 * len);
    world_free(&w);
}

/* xenstored sleeps: a ring, the held bytes and a ring of requests wait. */
static void requests_back_up(void **state)
{
    struct fbc_xs_write wr;
    struct world w;
    uint32_t i, total = 0, got = 0;

    (void)state;
    world_init(&w, 1, 17);
    for ( ; ; )
    {
        uint32_t prod = get(w.real, REQ_PROD);

        if ( prod - get(w.real, REQ_CONS) == FBC_XS_RING )
            break;
        /* Two payloads' worth of a message that nobody watches. */
        w.real[REQ + prod % FBC_XS_RING] =
            total < 16 ? (total == 13 ? 0x10 : 0) : (uint8_t)(total * 7);
        total++;
        fbc_put32(w.real + REQ_PROD, prod + 1);
        fbc_xsring_requests(&w.r, w.real, w.shadow, &wr);
        assert_true(w.r.held_len <= FBC_XS_RING);
    }
    assert_int_equal(get(w.shadow, REQ_PROD), FBC_XS_RING);
    assert_true(w.r.held_len > 0);
    assert_false(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));

    for ( i = 1; got < total; i = i % 97 + 1 )
    {
        uint32_t cons = get(w.shadow, REQ_CONS), n = i;

        assert_true(get(w.shadow, REQ_PROD) != cons);
        if ( n > get(w.shadow, REQ_PROD) - cons )
            n = get(w.shadow, REQ_PROD) - cons;
        for ( ; n; n--, cons++, got++ )
            assert_int_equal(w.shadow[REQ + cons % FBC_XS_RING],
                             got < 16 ? (got == 13 ? 0x10 : 0)
                                      : (uint8_t)(got * 7));
        fbc_put32(w.shadow + REQ_CONS, cons);
        fbc_xsring_requests(&w.r, w.real, w.shadow, &wr);
    }
    assert_int_equal(w.r.held_len, 0);
    world_free(&w);
}

static void answers_back_up(void **state)
{
    struct world w;
    uint32_t n = 0;

    (void)state;
    world_init(&w, 1, 17);
    while ( xenstored_write(&w, 50) )
        ;
    /* Two rings, and a header between them. */
    assert_true(w.rsp.put >= 2 * FBC_XS_RING);
    assert_true(w.rsp.put <= 2 * FBC_XS_RING + FBC_XS_HEADER_LEN);
    assert_false(fbc_xsring_answers(&w.r, w.real, w.shadow));
    for ( ; w.rsp.got < w.rsp.put; n++ )
    {
        guest_read(&w, 1 + n % 77);
        pump(&w, true);
        if ( w.rsp.put < w.rsp_end )
            xenstored_write(&w, 50);
    }
    world_free(&w);
}

static uint32_t put_message(uint8_t *p, uint32_t type, uint32_t id,
                            const char *text, uint32_t len)
{
    memset(p, 0, FBC_XS_HEADER_LEN);
    fbc_put32(p, type);
    fbc_put32(p + 4, id);
    fbc_put32(p + 12, len);
    memcpy(p + FBC_XS_HEADER_LEN, text, len);

    return FBC_XS_HEADER_LEN + len;
}

static void ask(struct world *w, uint32_t id, const char *path)
{
    struct fbc_xs_write wr;
    uint8_t msg[128];

    send(w, msg, put_message(msg, XS_READ, id, path,
                             (uint32_t)strlen(path) + 1));
    fbc_xsring_requests(&w->r, w->real, w->shadow, &wr);
}

/* In pieces of that many bytes; the guest reads as many at a time. */
static void answer(struct world *w, const uint8_t *p, uint32_t len,
                   uint32_t piece, uint8_t *got, uint32_t *n)
{
    while ( len )
    {
        uint32_t prod = get(w->shadow, RSP_PROD), i;

        for ( i = 0; i < piece && len; i++, len-- )
            w->shadow[RSP + (prod + i) % FBC_XS_RING] = *p++;
        fbc_put32(w->shadow + RSP_PROD, prod + i);
        do {
            uint32_t cons = get(w->real, RSP_CONS);
            uint32_t there;

            fbc_xsring_answers(&w->r, w->real, w->shadow);
            there = get(w->real, RSP_PROD) - cons;
            for ( i = 0; i < piece && i < there; i++ )
                got[(*n)++] = w->real[RSP + (cons + i) % FBC_XS_RING];
            fbc_put32(w->real + RSP_CONS, cons + i);
        } while ( i );
    }
}

static void refusals(void **state)
{
    uint8_t said[1024], want[1024], got[1024];
    uint32_t piece, nsaid, nwant, n;
    struct world w;
    size_t i;
    static const struct {
        uint32_t type, id;
        const char *text;
        bool refused;
    } answers[] = {
        { XS_READ, 7, "1", true },              /* what is not for it */
        { XS_READ, 8, "4", false },
        { XS_READ, 8, "5", true },              /* twice */
        { XS_READ, 99, "unasked", true },
        { XS_WATCH_EVENT, 0, "device/vdispl/1", false },
        { XS_ERROR, 10, "ENOENT", false },      /* asked twice, each once */
        { XS_READ, 10, "", true },
        { XS_READ, 9, "", false },
        { XS_WATCH_EVENT, 7, "", false },
    };

    (void)state;
    for ( piece = 1; piece < 200; piece++ )
    {
        world_init(&w, 1, piece * 5);
        ask(&w, 7, "device/vdispl/1/state");
        ask(&w, 8, "device/vbd/1/state");
        ask(&w, 9, "device");
        ask(&w, 10, "device/vkbd/0/state");
        ask(&w, 10, "/local/domain/3/device/vkbd/1/state");
        nsaid = nwant = n = 0;
        for ( i = 0; i < sizeof(answers) / sizeof(answers[0]); i++ )
        {
            uint32_t len = (uint32_t)strlen(answers[i].text);

            nsaid += put_message(said + nsaid, answers[i].type, answers[i].id,
                                 answers[i].text, len);
            nwant += answers[i].refused
                     ? put_message(want + nwant, XS_ERROR, answers[i].id,
                                   "ENOENT", 7)
                     : put_message(want + nwant, answers[i].type,
                                   answers[i].id, answers[i].text, len);
        }
        answer(&w, said, nsaid, piece, got, &n);
        assert_int_equal(n, nwant);
        assert_memory_equal(got, want, n);
        assert_int_equal(w.r.xs.door.nr, 0);
        assert_int_equal(w.r.xs.door.refused, 2);
        world_free(&w);
    }
}

/* An answer that comes before its request is whole is none. */
static void too_early(void **state)
{
    static const char path[] = "device/vbd/1/state";
    uint8_t msg[128], said[64], got[64];
    uint32_t len = put_message(msg, XS_READ, 3, path, sizeof(path)), n = 0;
    struct fbc_xs_write wr;
    struct world w;

    (void)state;
    world_init(&w, 1, 0);
    send(&w, msg, len - 1);
    fbc_xsring_requests(&w.r, w.real, w.shadow, &wr);
    answer(&w, said, put_message(said, XS_READ, 3, "1", 1), 64, got, &n);
    assert_int_equal(n, FBC_XS_HEADER_LEN + 7);
    assert_int_equal(get(got, 0), XS_ERROR);
    send(&w, msg + len - 1, 1);
    fbc_xsring_requests(&w.r, w.real, w.shadow, &wr);
    n = 0;
    answer(&w, said, put_message(said, XS_READ, 3, "1", 1), 64, got, &n);
    assert_int_equal(n, FBC_XS_HEADER_LEN + 1);
    assert_int_equal(get(got, 0), XS_READ);
    world_free(&w);
}

/* More requests than are remembered wait for answers; none is lost. */
static void many_requests(void **state)
{
    uint8_t said[64], got[64];
    struct world w;
    uint32_t i, n;

    (void)state;
    world_init(&w, 1, 0);
    for ( i = 0; i < FBC_XSDOOR_ASKED + 5; i++ )
    {
        ask(&w, i, "x");
        fbc_put32(w.shadow + REQ_CONS, get(w.shadow, REQ_PROD));
    }
    assert_int_equal(w.r.xs.door.nr, FBC_XSDOOR_ASKED);
    assert_int_equal(get(w.shadow, REQ_PROD), FBC_XSDOOR_ASKED * 18);
    for ( i = 0; i < FBC_XSDOOR_ASKED + 5; i++ )
    {
        struct fbc_xs_write wr;

        n = 0;
        answer(&w, said, put_message(said, XS_READ, i, "1", 1), 64, got, &n);
        assert_int_equal(n, FBC_XS_HEADER_LEN + 1);
        assert_int_equal(get(got, 0), XS_READ);
        fbc_xsring_requests(&w.r, w.real, w.shadow, &wr);
        fbc_put32(w.shadow + REQ_CONS, get(w.shadow, REQ_PROD));
    }
    assert_int_equal(get(w.shadow, REQ_PROD), (FBC_XSDOOR_ASKED + 5) * 18);
    world_free(&w);
}

/* After an impossible length the guest gets nothing more. */
static void broken_answers(void **state)
{
    uint8_t said[64], got[64];
    uint32_t n = 0;
    struct world w;

    (void)state;
    world_init(&w, 1, 0);
    put_message(said, XS_WATCH_EVENT, 0, "", 0);
    fbc_put32(said + 12, FBC_XS_PAYLOAD_MAX + 1);
    answer(&w, said, 64, 64, got, &n);
    assert_int_equal(n, 0);
    assert_true(w.r.ans_broken);
    world_free(&w);
}

/* A server's words reach the guest; the guest's do not reach the server. */
static void server_words(void **state)
{
    struct world w;

    (void)state;
    world_init(&w, 1, 0);
    /* Reconnection (bit 0) is not offered: it would reset one side only. */
    fbc_put32(w.shadow + SERVER, 3);
    fbc_put32(w.shadow + SERVER + 4, 2);
    fbc_put32(w.shadow + SERVER + 8, 3);
    fbc_put32(w.real + SERVER + 12, 0x11111111);
    assert_false(fbc_xsring_answers(&w.r, w.real, w.shadow));
    assert_int_equal(get(w.real, SERVER), 2);
    assert_int_equal(get(w.real, SERVER + 4), 2);
    assert_int_equal(get(w.real, SERVER + 8), 3);
    assert_int_equal(get(w.real, SERVER + 12), 0x11111111);
    assert_int_equal(get(w.shadow, SERVER + 12), 0);
    world_free(&w);
}

/* Indices more than a ring apart: nothing moves, nothing is spoilt. */
static void senseless(void **state)
{
    static const uint32_t ahead[] = {
        FBC_XS_RING + 1, 5000, 0x7fffffff, 0x80000000, 0xffffffff,
    };
    struct fbc_xs_write wr;
    struct world w;
    uint8_t msg[256];
    uint32_t len = watched(msg), k = 0;
    size_t i;

    (void)state;
    world_init(&w, 1, 0);
    for ( i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++, k++ )
    {
        uint32_t prod = get(w.real, REQ_PROD);
        uint32_t cons = get(w.shadow, REQ_CONS);

        /* Guest. */
        fbc_put32(w.real + REQ_PROD, w.r.req_cons + ahead[i]);
        fbc_put32(w.real + RSP_CONS, w.r.rsp_prod - ahead[i]);
        fbc_put32(w.shadow + RSP_PROD, w.r.s_rsp_cons + 10);
        assert_false(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
        assert_int_equal(wr.key, FBC_XS_NONE);
        assert_false(fbc_xsring_answers(&w.r, w.real, w.shadow));
        fbc_put32(w.real + REQ_PROD, prod);
        fbc_put32(w.real + RSP_CONS, w.r.rsp_prod);

        /* dom0. */
        send(&w, msg, len);
        fbc_put32(w.shadow + REQ_CONS, w.r.s_req_prod - ahead[i]);
        fbc_put32(w.shadow + RSP_PROD, w.r.s_rsp_cons + ahead[i]);
        assert_false(fbc_xsring_answers(&w.r, w.real, w.shadow));
        assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
        assert_int_equal(wr.key, FBC_XS_PAGE_REF);
        assert_false(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
        assert_int_equal(get(w.shadow, REQ_PROD), k * len);
        assert_int_equal(w.r.held_len, len);

        /* Sense again: the bytes are still there. */
        fbc_put32(w.shadow + REQ_CONS, cons);
        fbc_put32(w.shadow + RSP_PROD, w.r.s_rsp_cons);
        assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
        assert_int_equal(get(w.shadow, REQ_PROD), (k + 1) * len);
        assert_memory_equal(w.shadow + REQ + k * len, msg, len);
    }
    world_free(&w);
}

/* Both pages full of noise, time and again: only ours is ever written. */
static void noise(void **state)
{
    uint8_t real[PAGE], shadow[PAGE];
    struct fbc_xs_write wr;
    struct world w;
    uint32_t n, i;

    (void)state;
    world_init(&w, 77, 0);
    for ( n = 0; n < 5000; n++ )
    {
        uint32_t cons, prod = w.r.s_req_prod;
        uint32_t held = w.r.held_len;

        for ( i = 0; i < PAGE; i++ )
        {
            w.real[i] = (uint8_t)rnd(&w);
            w.shadow[i] = (uint8_t)rnd(&w);
        }
        /* Close to sense, so that something moves. */
        for ( i = REQ_CONS; i <= RSP_PROD; i += 4 )
        {
            fbc_put32(w.real + i, w.r.req_cons + rnd(&w) % 1100);
            fbc_put32(w.shadow + i, w.r.s_rsp_cons + rnd(&w) % 1100);
        }
        fbc_put32(w.real + RSP_PROD, w.r.rsp_prod + rnd(&w) % 2 * 7);
        fbc_put32(w.shadow + REQ_CONS, w.r.s_req_prod - rnd(&w) % 1100);
        fbc_put32(w.real + RSP_CONS, w.r.rsp_prod - rnd(&w) % 1100);
        cons = get(w.real, REQ_CONS);
        memcpy(real, w.real, PAGE);
        memcpy(shadow, w.shadow, PAGE);

        fbc_xsring_requests(&w.r, w.real, w.shadow, &wr);
        assert_true(w.r.held_len <= FBC_XS_RING);
        assert_int_equal(held + (w.r.req_cons - cons),
                         w.r.held_len + (w.r.s_req_prod - prod));
        fbc_xsring_answers(&w.r, w.real, w.shadow);

        assert_memory_equal(w.real, real, RSP);
        assert_int_equal(get(w.real, REQ_PROD), get(real, REQ_PROD));
        assert_int_equal(get(w.real, RSP_CONS), get(real, RSP_CONS));
        assert_memory_equal(w.real + SERVER + 12, real + SERVER + 12,
                            PAGE - SERVER - 12);
        assert_memory_equal(w.shadow + RSP, shadow + RSP, FBC_XS_RING);
        assert_int_equal(get(w.shadow, REQ_CONS), get(shadow, REQ_CONS));
        assert_int_equal(get(w.shadow, RSP_PROD), get(shadow, RSP_PROD));
        assert_memory_equal(w.shadow + SERVER, shadow + SERVER,
                            PAGE - SERVER);
    }
    world_free(&w);
}

/* What was there before the guest ran is carried over. */
static void takes_over(void **state)
{
    struct fbc_xs_write wr;
    struct world w;
    uint8_t msg[256];
    uint32_t len = watched(msg);

    (void)state;
    world_init(&w, 1, 0);
    memset(w.real, 0, PAGE);
    fbc_put32(w.real + REQ_CONS, 40);
    fbc_put32(w.real + REQ_PROD, 40);
    send(&w, msg, len);
    fbc_put32(w.shadow + RSP_PROD,
              put_message(w.shadow + RSP, XS_WATCH_EVENT, 0, "abc", 3));
    fbc_xsring_init(&w.r, 3, w.real, w.shadow);
    assert_true(fbc_xsring_answers(&w.r, w.real, w.shadow));
    assert_memory_equal(w.real + RSP, w.shadow + RSP, 19);
    assert_int_equal(get(w.real, RSP_PROD), 19);
    assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
    assert_int_equal(wr.key, FBC_XS_PAGE_REF);
    assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
    assert_memory_equal(w.shadow + REQ, msg, len);
    world_free(&w);
}

/* Firmware leaves the page to the next system as if nobody had used it. */
static void begins_anew(void **state)
{
    struct fbc_xs_write wr;
    struct world w;
    uint8_t msg[256];
    uint32_t len = watched(msg), i;

    (void)state;
    world_init(&w, 1, 5000);
    for ( i = 0; i < 3; i++ )
    {
        send(&w, msg, len);
        assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
        assert_int_equal(wr.key, FBC_XS_PAGE_REF);
        assert_true(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
        assert_int_equal(get(w.shadow, REQ_PROD), (i + 1) * len);
        assert_memory_equal(w.shadow + REQ + i * len, msg, len);
        fbc_put32(w.shadow + REQ_CONS, (i + 1) * len);

        put_message(w.shadow + RSP + i * 19, XS_WATCH_EVENT, i, "abc", 3);
        fbc_put32(w.shadow + RSP_PROD, (i + 1) * 19);
        assert_true(fbc_xsring_answers(&w.r, w.real, w.shadow));
        assert_memory_equal(w.real + RSP + (i ? 0 : 5005 % FBC_XS_RING),
                            w.shadow + RSP + i * 19, 19);
        assert_int_equal(get(w.real, RSP_PROD) - get(w.real, RSP_CONS), 19);

        /* Index by index, as edk2 does it, and nothing moves meanwhile. */
        memset(w.real + REQ, 0xff, 2 * FBC_XS_RING);
        put_message(w.shadow + RSP + (i + 1) * 19, XS_WATCH_EVENT, 0, "abc", 3);
        fbc_put32(w.real + REQ_PROD, 0);
        assert_false(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
        fbc_put32(w.real + REQ_CONS, 0);
        assert_false(fbc_xsring_requests(&w.r, w.real, w.shadow, &wr));
        fbc_put32(w.real + RSP_PROD, 0);
        assert_false(fbc_xsring_answers(&w.r, w.real, w.shadow));
        fbc_put32(w.real + RSP_CONS, 0);
        assert_false(fbc_xsring_answers(&w.r, w.real, w.shadow));
    }
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        { "every interleaving: all bytes, in order, no lost event",
          interleavings, 0, 0, 0 },
        { "the same where the guest's indices run over 2^32", wraps,
          0, 0, 0 },
        { "the shadow's indices run over 2^32", wraps_shadow, 0, 0, 0 },
        { "a message split at every byte is seen and held back",
          split_at_every_byte, 0, 0, 0 },
        { "one watched write a call, shown by the next", one_write_a_call,
          0, 0, 0 },
        { "a sleeping server loses no request", requests_back_up, 0, 0, 0 },
        { "a sleeping guest loses no answer", answers_back_up, 0, 0, 0 },
        { "what a guest is not to know is an error, however it is cut", refusals, 0,
          0, 0 },
        { "an answer before its request is no answer", too_early, 0, 0, 0 },
        { "more requests than are remembered wait", many_requests, 0, 0, 0 },
        { "after an impossible length no answer comes", broken_answers, 0, 0,
          0 },
        { "feature, connection and error words reach the guest",
          server_words, 0, 0, 0 },
        { "senseless indices move nothing and spoil nothing", senseless,
          0, 0, 0 },
        { "noise on both pages: only our own words are written", noise,
          0, 0, 0 },
        { "a guest that sets the page back goes on from there", begins_anew,
          0, 0, 0 },
        { "what was on the pages before is carried over", takes_over,
          0, 0, 0 },
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
