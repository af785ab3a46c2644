/* SPDX-License-Identifier: GPL-2.0-only */
/* Brings clients that wait for a host and that host's polls together. */
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/keyserver/keyserver_int.h"

static struct fbc_ks_meeting **bucket(struct fbc_ks *ks, const char *name)
{
    uint32_t h = ks->seed;

    while ( *name )
        h = (h ^ (uint8_t)*name++) * 16777619u;

    return &ks->meeting[(h ^ h >> 16) % FBC_KS_BUCKETS];
}

static struct fbc_ks_meeting *find_meeting(struct fbc_ks *ks, const char *name)
{
    struct fbc_ks_meeting *m = *bucket(ks, name);

    while ( m && strcmp(m->name, name) )
        m = m->next;

    return m;
}

static struct fbc_ks_meeting *find_or_make(struct fbc_ks *ks,
                                           const char *name)
{
    struct fbc_ks_meeting *m = find_meeting(ks, name), **b;

    if ( m || !(m = calloc(1, sizeof(*m))) )
        return m;
    b = bucket(ks, name);
    strcpy(m->name, name);
    m->next = *b;
    *b = m;

    return m;
}

static void forget_if_empty(struct fbc_ks *ks, const char *name)
{
    struct fbc_ks_meeting **p = bucket(ks, name), *m;

    while ( (m = *p) && strcmp(m->name, name) )
        p = &m->next;
    if ( m && !m->clients && !m->polls )
    {
        *p = m->next;
        free(m);
    }
}

static void append(struct fbc_ks_request **list, struct fbc_ks_request *r)
{
    while ( *list )
        list = &(*list)->next;
    *list = r;
    r->next = NULL;
}

void fbc_ks_suspend(struct fbc_ks_request *r)
{
    r->state = FBC_KS_WAITING;
    MHD_suspend_connection(r->conn);
}

void fbc_ks_resume(struct fbc_ks_request *r)
{
    r->state = FBC_KS_DONE;
    r->next = NULL;
    MHD_resume_connection(r->conn);
}

/* The first ones of different clients; equal nonces are told once. */
static void answer_nonces(const struct fbc_ks_meeting *m,
                          struct fbc_ks_request *poll)
{
    const struct fbc_ks_request *c = m ? m->clients : NULL;
    struct fbc_nonces n;
    unsigned int i = 0, j;

    memset(&n, 0, sizeof(n));
    for ( ; c && i < FBC_NONCES_MAX; c = c->next )
    {
        for ( j = 0; j < i && memcmp(n.nonce[j].data, c->route.nonce,
                                     FBC_TPM_NONCE_LEN); )
            j++;
        if ( j < i )
            continue;
        n.nonce[i].len = FBC_TPM_NONCE_LEN;
        memcpy(n.nonce[i++].data, c->route.nonce, FBC_TPM_NONCE_LEN);
    }
    fbc_ks_record(poll, &fbc_nonces_record, &n);
}

/* n: what is told; NULL: what the meeting's clients wait for. */
static void end_first_poll(struct fbc_ks_meeting *m,
                           const struct fbc_nonces *n)
{
    struct fbc_ks_request *r = m->polls;

    m->polls = r->next;
    if ( n )
        fbc_ks_record(r, &fbc_nonces_record, n);
    else
        answer_nonces(m, r);
    fbc_ks_resume(r);
}

void fbc_ks_tell_host(struct fbc_ks *ks, const char *name,
                      const struct fbc_nonces *n)
{
    struct fbc_ks_meeting *m = find_meeting(ks, name);

    while ( m && m->polls )
        end_first_poll(m, n);
    forget_if_empty(ks, name);
}

bool fbc_ks_add_client(struct fbc_ks *ks, struct fbc_ks_request *r)
{
    struct fbc_ks_meeting *m = find_or_make(ks, r->route.name);
    const struct fbc_ks_request *c;
    unsigned int n = 0;

    for ( c = m ? m->clients : NULL; c; c = c->next )
        n++;
    if ( !m || n >= FBC_NONCES_MAX || ks->waiting >= FBC_KS_WAITING_MAX )
    {
        fbc_ks_deny(r, FBC_DENIAL_BUSY);
        forget_if_empty(ks, r->route.name);
        return false;
    }
    r->deadline = fbc_clock_ns() + ks->config.wait * FBC_NS_PER_S;
    append(&m->clients, r);
    ks->waiting++;
    fbc_ks_suspend(r);
    /* If it is shared, the relay tells: not before all servers know. */
    while ( m->polls && !ks->shared )
        end_first_poll(m, NULL);

    return true;
}

bool fbc_ks_add_poll(struct fbc_ks *ks, struct fbc_ks_request *r)
{
    struct fbc_ks_meeting *m = find_or_make(ks, r->route.name);
    const struct fbc_ks_request *p;
    unsigned int n = 0;

    if ( !m )
    {
        fbc_ks_deny(r, FBC_DENIAL_BUSY);
        return false;
    }
    if ( (m->clients && !ks->shared) || !r->route.wait || ks->draining )
    {
        answer_nonces(m, r);
        forget_if_empty(ks, r->route.name);
        return false;
    }

    for ( p = m->polls; p; p = p->next )
        n++;
    if ( n >= FBC_KS_POLLS_MAX )
        end_first_poll(m, NULL);
    r->deadline = fbc_clock_ns() + r->route.wait * FBC_NS_PER_S;
    append(&m->polls, r);
    fbc_ks_suspend(r);

    return true;
}

static bool is_for(const struct fbc_ks_request *c, const uint8_t *nonce)
{
    return !memcmp(c->route.nonce, nonce, FBC_TPM_NONCE_LEN);
}

bool fbc_ks_is_waited_for(struct fbc_ks *ks, const char *name,
                          const uint8_t *nonce)
{
    const struct fbc_ks_meeting *m = find_meeting(ks, name);
    const struct fbc_ks_request *c = m ? m->clients : NULL;

    while ( c && !is_for(c, nonce) )
        c = c->next;

    return c;
}

/* Moves those of *list that are over, or are for this nonce, to the end. */
static void take_waiting(struct fbc_ks_request **list, uint64_t now,
                         const uint8_t *nonce, struct fbc_ks_request ***end)
{
    struct fbc_ks_request *r;

    while ( (r = *list) )
        if ( nonce ? is_for(r, nonce) : r->deadline <= now )
        {
            *list = r->next;
            r->next = NULL;
            **end = r;
            *end = &r->next;
        }
        else
            list = &r->next;
}

static void count_out(struct fbc_ks *ks, const struct fbc_ks_request *r)
{
    for ( ; r; r = r->next )
        ks->waiting--;
}

struct fbc_ks_request *fbc_ks_take_clients(struct fbc_ks *ks,
                                           const char *name,
                                           const uint8_t *nonce)
{
    struct fbc_ks_request *out = NULL, **end = &out;
    struct fbc_ks_meeting *m = find_meeting(ks, name);

    if ( m )
        take_waiting(&m->clients, 0, nonce, &end);
    forget_if_empty(ks, name);
    count_out(ks, out);

    return out;
}

struct fbc_ks_wait *fbc_ks_list_waits(struct fbc_ks *ks)
{
    struct fbc_ks_wait *list = NULL, *w;
    const struct fbc_ks_meeting *m;
    const struct fbc_ks_request *c;
    unsigned int i;

    for ( i = 0; i < FBC_KS_BUCKETS; i++ )
        for ( m = ks->meeting[i]; m; m = m->next )
            for ( c = m->clients; c; c = c->next )
                if ( (w = calloc(1, sizeof(*w))) )
                {
                    strcpy(w->host, m->name);
                    memcpy(w->nonce, c->route.nonce, sizeof(w->nonce));
                    w->next = list;
                    list = w;
                }

    return list;
}

struct fbc_ks_request *fbc_ks_take_silent(struct fbc_ks *ks, uint64_t now)
{
    struct fbc_ks_request *out = NULL, **end = &out;
    struct fbc_ks_meeting *m, *next;
    unsigned int i;

    for ( i = 0; i < FBC_KS_BUCKETS; i++ )
        for ( m = ks->meeting[i]; m; m = next )
        {
            next = m->next;
            take_waiting(&m->clients, now, NULL, &end);
            forget_if_empty(ks, m->name);
        }
    count_out(ks, out);

    return out;
}

void fbc_ks_end_polls(struct fbc_ks *ks, uint64_t now)
{
    struct fbc_ks_request *over = NULL, **end = &over, *r;
    struct fbc_ks_meeting *m, *next;
    unsigned int i;

    for ( i = 0; i < FBC_KS_BUCKETS; i++ )
        for ( m = ks->meeting[i]; m; m = next )
        {
            next = m->next;
            take_waiting(&m->polls, now, NULL, &end);
            forget_if_empty(ks, m->name);
        }
    while ( (r = over) )
    {
        over = r->next;
        answer_nonces(NULL, r);
        fbc_ks_resume(r);
    }
}
