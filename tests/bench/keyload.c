/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Load for a key server: registers hosts, lets all of them wait for nonces
 * and answer them as a TPM's agent would, and asks for keys at a fixed rate,
 * whether answers come or not.  Every answer is looked into, every 8th is
 * verified as a client does.
 *
 *   keyload URL[,URL]... CACERT DIR HOSTS RATE SECONDS [fresh] [rough]
 *           [bulk=N [polls=N]] [told=FILE]
 *
 * DIR has admin.key.  Several URLs are servers of one database: hosts and
 * clients are spread over them in different ways.  fresh: each client makes a
 * TLS connection of its own.  rough: servers may be killed; what they cannot
 * answer then (connections that fail, statuses 503 and 504) is no error, and
 * is asked of the next one if it is a registration or a poll.  bulk: so many
 * more hosts are registered; polls: so many times a second one of them asks
 * for nonces, without waiting.  told: what was acknowledged goes there, a line
 * each: "released NONCE", "registered HOST".
 * Exit status 1 if anything failed; stdout: "name, value, unit" lines.
 */
#include "curlloop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lib/base/clock.h"
#include "fakehost.h"
#include "lib/base/keyfile.h"
#include "lib/base/random.h"
#include "lib/verify/adminkey.h"
#include "lib/verify/attest_verify.h"
#include "parse/attest/release.h"

#define ANSWER_MAX FBC_RECORD_MAX_FILE
#define VERIFY_1IN 8
#define CLIENTS    4096         /* that may be on their way at once */
#define LATE_S     15           /* for the last answers */
#define AT_ONCE    32           /* registrations */
#define PAUSE_NS   (100 * FBC_NS_PER_MS)    /* before it is tried again */
#define SERVERS    4

static void must(bool ok, const char *what)
{
    if ( !ok )
    {
        fprintf(stderr, "keyload: error: %s\n", what);
        exit(4);
    }
}

enum step { REGISTER, BULK, QUICK, POLL, POST, ASK };

struct transfer {
    enum step step;
    CURL *easy;
    unsigned int host, server;
    char url[256];
    char *body;                 /* to send */
    size_t body_len;
    char *answer;
    size_t len;
    uint8_t nonce[FBC_TPM_NONCE_LEN];
    struct fbc_nonces nonces;   /* of a host, still to be answered */
    unsigned int next;
    uint64_t started;           /* when it should have begun */
    struct transfer *free;
    uint64_t again;             /* ns: when a pause ends */
    struct transfer *pause;     /* the next that pauses */
};

static const char *base[SERVERS], *cacert;
static unsigned int servers;
static bool fresh, rough;
static FILE *told;
static struct transfer *pausing;
static unsigned int bulk, bulk_done, polls;
static unsigned long polled, polls_right;
static unsigned long away, requests;
static struct fake_host bulk_host;
static CURLM *multi;
static struct fake_world world;
static struct fake_host *hosts;
static uint64_t *clocks;
static uint8_t admin[FBC_KEY_LEN];
static struct fbc_golden golden;
static struct fbc_roots *roots;
static unsigned int host_count, registered, in_flight;
static unsigned long asked, released, failed, verified, quotes;
static double *ms;              /* of each answer */
static struct transfer *idle;
static bool ending;

static void fail(const struct transfer *t, const char *what, long status)
{
    static unsigned int said;

    failed++;
    if ( said++ < 20 )
        fprintf(stderr, "keyload: %s: %s, status %ld: %.120s\n", t->url,
                what, status, t->len ? t->answer : "");
}

static size_t take(char *data, size_t one, size_t n, void *arg)
{
    struct transfer *t = arg;

    (void)one;
    if ( n > ANSWER_MAX - t->len )
        return 0;
    memcpy(t->answer + t->len, data, n);
    t->len += n;
    t->answer[t->len] = '\0';

    return n;
}

static struct transfer *make_transfer(void)
{
    struct transfer *t = calloc(1, sizeof(*t));

    must(t && (t->answer = malloc(ANSWER_MAX + 1)) &&
         (t->easy = curl_easy_init()), "memory");

    return t;
}

static void start(struct transfer *t, const char *method, const char *fmt,
                  const char *more)
{
    CURL *c = t->easy;

    char name[32];

    snprintf(name, sizeof(name), "bulk-%06u", t->host);
    snprintf(t->url, sizeof(t->url), fmt, base[t->server],
             t->step == BULK || t->step == QUICK ? name
             : hosts[t->host].name, more);
    requests++;
    t->len = 0;
    curl_easy_reset(c);
    curl_easy_setopt(c, CURLOPT_URL, t->url);
    curl_easy_setopt(c, CURLOPT_CAINFO, cacert);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(c, CURLOPT_PRIVATE, t);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(c, CURLOPT_TIMEOUT, 90L);
    /* Before the server closes it, which may be while it is used again. */
    curl_easy_setopt(c, CURLOPT_MAXAGE_CONN, 20L);
    if ( t->body )
    {
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, t->body);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)t->body_len);
    }
    if ( t->step == ASK && fresh )
    {
        curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
        curl_easy_setopt(c, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    }
    must(curl_multi_add_handle(multi, c) == CURLM_OK, "curl");
}

static void start_poll(struct transfer *t)
{
    t->step = POLL;
    free(t->body);
    t->body = NULL;
    start(t, "GET", "%s/v1/hosts/%s/nonces%s", "?wait=60");
}

/* step: REGISTER or BULK. */
static void start_register(struct transfer *t, enum step step)
{
    static struct fbc_registration r;
    const struct fake_host *h = step == BULK ? &bulk_host : &hosts[t->host];
    struct fbc_host record;
    struct fbc_error e;

    memset(&r, 0, sizeof(r));
    fake_host_record(&world, h, &record);
    if ( step == BULK )
        snprintf(record.name, sizeof(record.name), "bulk-%06u", t->host);
    strcpy(r.name, record.name);
    r.serial = 1;
    r.host.len = (uint16_t)fbc_record_encode(&fbc_host_record, &record,
                                             (char *)r.host.data,
                                             sizeof(r.host.data));
    r.golden[0].len =
        (uint16_t)fbc_record_encode(&fbc_golden_record, &world.golden,
                                    (char *)r.golden[0].data,
                                    sizeof(r.golden[0].data));
    r.root[0].len = world.root.len;
    memcpy(r.root[0].data, world.root.data, world.root.len);
    free(t->body);
    must((t->body = malloc(FBC_REGISTRATION_MAX)), "memory");
    must(!fbc_registration_sign(&r, admin, t->body, &t->body_len, &e),
         "registration");
    t->step = step;
    start(t, "PUT", "%s/v1/hosts/%s%s", "");
}

/* The next quote that is asked for, or another poll. */
static void answer_nonce(struct transfer *t)
{
    struct fake_quote q = { .resets = 1, .clock = ++clocks[t->host] };

    free(t->body);
    t->body = NULL;
    if ( t->next == FBC_NONCES_MAX || !t->nonces.nonce[t->next].len )
    {
        start_poll(t);
        return;
    }
    memcpy(q.nonce, t->nonces.nonce[t->next++].data, sizeof(q.nonce));
    t->body = fake_evidence(&world, &hosts[t->host], &q, &t->body_len);
    t->step = POST;
    quotes++;
    start(t, "POST", "%s/v1/hosts/%s/evidence%s", "");
}

static bool is_right(const struct transfer *t, bool whole)
{
    static struct fbc_release r;
    static struct fbc_evidence ev;
    static struct fbc_verdict v;
    struct fbc_host record;
    struct fbc_tpm_quote q;
    struct fbc_attest a = { .evidence = &ev, .host = &record,
                            .roots = roots, .nonce = t->nonce,
                            .golden = &golden, .goldens = 1 };

    if ( fbc_record_parse(&fbc_release_record, t->answer, t->len, &r,
                          NULL) ||
         strcmp(r.name, hosts[t->host].name) ||
         fbc_record_parse(&fbc_evidence_record, (char *)r.evidence.data,
                          r.evidence.len, &ev, NULL) ||
         fbc_tpm_quote_parse(ev.quote.data, ev.quote.len, &q) ||
         memcmp(q.nonce, t->nonce, sizeof(q.nonce)) )
        return false;
    if ( !whole )
        return true;

    verified++;
    fake_host_record(&world, &hosts[t->host], &record);
    fbc_attest_check(&a, &v);

    return v.ok && !memcmp(r.vmm_key, ev.vmm_key, FBC_KEY_LEN);
}

static void start_ask(unsigned int host, uint64_t when)
{
    char query[80] = "?nonce=", *p = query + 7;
    struct transfer *t = idle;
    struct fbc_error e;
    unsigned int i;

    must(t, "too many clients wait");
    idle = t->free;
    in_flight++;
    asked++;
    t->host = host;
    t->server = (unsigned int)(asked / 2 % servers);
    t->started = when;
    t->step = ASK;
    must(!fbc_random(t->nonce, sizeof(t->nonce), &e), "random");
    for ( i = 0; i < sizeof(t->nonce); i++ )
        p += sprintf(p, "%02x", t->nonce[i]);
    start(t, "GET", "%s/v1/hosts/%s/key%s", query);
}

/* A host that does nothing polls. */
static void start_quick(void)
{
    struct transfer *t = idle;

    must(t, "too many clients wait");
    idle = t->free;
    in_flight++;
    t->host = (unsigned int)(polled * 7919 % bulk);
    t->server = (unsigned int)(polled++ % servers);
    t->step = QUICK;
    start(t, "GET", "%s/v1/hosts/%s/nonces%s", "?wait=0");
}

/* May it be that, as somebody was killed? */
static bool is_away(CURLcode rc, long status)
{
    if ( !rough || !(rc || status == 503 || status == 504) )
        return false;
    away++;

    return true;
}

/* It is tried again in a while, elsewhere. */
static void pause_it(struct transfer *t)
{
    t->server = (t->server + 1) % servers;
    t->again = fbc_clock_ns() + PAUSE_NS;
    t->pause = pausing;
    pausing = t;
}

static void end_pauses(void)
{
    struct transfer **p = &pausing, *t;
    uint64_t now = fbc_clock_ns();

    while ( (t = *p) )
        if ( t->again > now )
            p = &t->pause;
        else
        {
            *p = t->pause;
            if ( t->step == REGISTER || t->step == BULK )
                start_register(t, t->step);
            else
                start_poll(t);
        }
}

static void end_ask(struct transfer *t, CURLcode rc, long status)
{
    unsigned int i;

    if ( is_away(rc, status) )
        ;
    else if ( rc || status != 200 || !is_right(t, asked % VERIFY_1IN == 0) )
        fail(t, rc ? curl_easy_strerror(rc) : "refused or wrong", status);
    else
    {
        ms[released++] = (double)(fbc_clock_ns() - t->started) / 1e6;
        for ( i = 0; told && i < sizeof(t->nonce); i++ )
            fprintf(told, "%s%02x", i ? "" : "released ", t->nonce[i]);
        if ( told )
            putc('\n', told);
    }
    in_flight--;
    t->free = idle;
    idle = t;
}

static void ended(void *arg, CURLcode rc)
{
    struct transfer *t = arg;
    long status = 0;

    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_multi_remove_handle(multi, t->easy);
    switch ( t->step )
    {
    case REGISTER:
    case BULK:
        if ( is_away(rc, status) )
        {
            pause_it(t);
            return;
        }
        if ( rc || status != 204 )
            fail(t, rc ? curl_easy_strerror(rc) : "not registered", status);
        else if ( told && t->step == BULK )
            fprintf(told, "registered bulk-%06u\n", t->host);
        if ( t->step == BULK )
        {
            bulk_done++;
            free(t->body);
            t->body = NULL;
            t->free = idle;
            idle = t;
            return;
        }
        registered++;
        start_poll(t);
        return;

    case QUICK:
        if ( is_away(rc, status) )
            ;
        else if ( rc || status != 200 || strcmp(t->answer, "fbc-nonces-1\n") )
            fail(t, rc ? curl_easy_strerror(rc) : "poll", status);
        else
            polls_right++;
        in_flight--;
        t->free = idle;
        idle = t;
        return;

    case POLL:
        t->next = 0;
        if ( rc || status != 200 ||
             fbc_record_parse(&fbc_nonces_record, t->answer, t->len,
                              &t->nonces, NULL) )
        {
            if ( ending )
                return;
            if ( is_away(rc, status) )
            {
                pause_it(t);
                return;
            }
            fail(t, rc ? curl_easy_strerror(rc) : "no nonces", status);
            memset(&t->nonces, 0, sizeof(t->nonces));
        }
        answer_nonce(t);
        return;

    case POST:
        /* Nobody waits: a client that was away. */
        if ( is_away(rc, status) || (rough && status == 409) )
            ;
        else if ( rc || status != 204 )
            fail(t, rc ? curl_easy_strerror(rc) : "evidence", status);
        answer_nonce(t);
        return;

    case ASK:
        end_ask(t, rc, status);
        return;
    }
}

static void open_all(const char *dir)
{
    struct rlimit l;
    struct fbc_error e;
    char path[512];
    unsigned int i;

    must(!getrlimit(RLIMIT_NOFILE, &l), "limits");
    l.rlim_cur = l.rlim_max;
    setrlimit(RLIMIT_NOFILE, &l);
    snprintf(path, sizeof(path), "%s/admin.key", dir);
    must(!fbc_keyfile_read(FBC_KEY_ADMIN_SECRET, path, admin, &e), e.why);
    fake_world_make(&world);
    golden = world.golden;
    must((roots = fbc_roots_new()) &&
         fbc_roots_add(roots, world.root.data, world.root.len), "roots");
    must((hosts = calloc(host_count, sizeof(*hosts))) &&
         (clocks = calloc(host_count, sizeof(*clocks))), "memory");

    must((multi = curlloop_new()), "curl");
    for ( i = 0; i < CLIENTS; i++ )
    {
        struct transfer *t = make_transfer();

        t->free = idle;
        idle = t;
    }
}

static void run(uint64_t until)
{
    uint64_t step = fbc_clock_ns() + PAUSE_NS;

    end_pauses();
    curlloop_run(rough && step < until ? step : until, ended);
}

static void register_bulk(void)
{
    unsigned int next = 0;
    struct transfer *t;

    fake_host_make(&bulk_host, "bulk");
    while ( bulk_done < bulk )
    {
        while ( next < bulk && next < bulk_done + AT_ONCE )
        {
            t = idle;
            idle = t->free;
            t->host = next++;
            t->server = t->host % servers;
            start_register(t, BULK);
        }
        run(fbc_clock_ns() + FBC_NS_PER_S);
    }
}

static void register_all(void)
{
    unsigned int next = 0;
    char name[32];

    while ( registered < host_count )
    {
        while ( next < host_count && next < registered + AT_ONCE )
        {
            struct transfer *t = make_transfer();

            snprintf(name, sizeof(name), "host-%04u", next);
            fake_host_make(&hosts[next], name);
            t->host = next++;
            t->server = t->host % servers;
            start_register(t, REGISTER);
        }
        run(fbc_clock_ns() + FBC_NS_PER_S);
    }
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static double percentile(double p)
{
    return released ? ms[(size_t)(p * (double)(released - 1) + 0.5)] : -1;
}

static double cpu_s(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);

    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void print(unsigned int rate, double reg_s, double s, double cpu)
{
    qsort(ms, released, sizeof(*ms), by_size);
    printf("# name, value, unit\n");
    printf("hosts, %u, registered in %.1f s\n", host_count + bulk, reg_s);
    printf("rate, %u, requests/s%s\n", rate, fresh
           ? ", each over a TLS connection of its own" : "");
    printf("requests, %lu, in %.1f s\n", asked, s);
    printf("requests of all, %.0f, /s, with those of hosts\n",
           (double)requests / s);
    printf("released, %lu, right answers\n", released);
    printf("verified, %lu, as a client does\n", verified);
    if ( polls )
        printf("polls, %lu, right answers of %lu\n", polls_right, polled);
    printf("quotes, %lu, by all hosts\n", quotes);
    printf("errors, %lu, of any kind\n", failed);
    if ( rough )
        printf("away, %lu, answers that could not be had\n", away);
    printf("latency p50, %.1f, ms\n", percentile(0.5));
    printf("latency p90, %.1f, ms\n", percentile(0.9));
    printf("latency p99, %.1f, ms\n", percentile(0.99));
    printf("latency p99.9, %.1f, ms\n", percentile(0.999));
    printf("latency max, %.1f, ms\n", percentile(1));
    printf("load's own CPU, %.1f, s\n", cpu);
}

int main(int argc, char **argv)
{
    unsigned long total, i;
    uint64_t begin, when, late, poll;
    unsigned int rate;
    double reg_s, cpu;
    char *url;

    must(argc >= 7, "usage");
    for ( url = strtok(argv[1], ","); url; url = strtok(NULL, ",") )
    {
        must(servers < SERVERS, "usage");
        base[servers++] = url;
    }
    for ( i = 7; i < (unsigned long)argc; i++ )
        if ( !strcmp(argv[i], "fresh") )
            fresh = true;
        else if ( !strcmp(argv[i], "rough") )
            rough = true;
        else if ( !strncmp(argv[i], "bulk=", 5) )
            bulk = (unsigned int)strtoul(argv[i] + 5, NULL, 10);
        else if ( !strncmp(argv[i], "polls=", 6) )
            polls = (unsigned int)strtoul(argv[i] + 6, NULL, 10);
        else
            must(!strncmp(argv[i], "told=", 5) &&
                 (told = fopen(argv[i] + 5, "we")), "usage");
    must(servers && (bulk || !polls), "usage");
    cacert = argv[2];
    host_count = (unsigned int)strtoul(argv[4], NULL, 10);
    rate = (unsigned int)strtoul(argv[5], NULL, 10);
    total = strtoul(argv[6], NULL, 10) * rate;
    must(host_count && rate && total, "usage");
    must((ms = calloc(total, sizeof(*ms))), "memory");
    open_all(argv[3]);

    begin = fbc_clock_ns();
    register_bulk();
    register_all();
    reg_s = (double)(fbc_clock_ns() - begin) / 1e9;
    if ( told )
        fprintf(stderr, "keyload: all are registered\n");
    for ( begin = fbc_clock_ns() + FBC_NS_PER_S; fbc_clock_ns() < begin; )
        run(begin);

    cpu = cpu_s();
    requests = 0;
    begin = fbc_clock_ns();
    for ( i = 0; i < total; i++ )
    {
        when = begin + i * FBC_NS_PER_S / rate;
        do
        {
            poll = polls ? begin + polled * FBC_NS_PER_S / polls : when;
            if ( polls && poll <= fbc_clock_ns() )
                start_quick();
            run(poll < when ? poll : when);
        } while ( fbc_clock_ns() < when );
        start_ask((unsigned int)(i * 7919 % host_count), when);
    }
    late = fbc_clock_ns() + LATE_S * FBC_NS_PER_S;
    while ( in_flight && fbc_clock_ns() < late )
        run(fbc_clock_ns() + 100 * FBC_NS_PER_MS);
    failed += in_flight;
    ending = true;
    print(rate, reg_s, (double)(fbc_clock_ns() - begin) / 1e9,
          cpu_s() - cpu);

    if ( told && fclose(told) )
        failed++;

    return failed || (released != total && !rough);
}
