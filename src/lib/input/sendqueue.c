/* SPDX-License-Identifier: GPL-2.0-only */
/* Input on its way. */
#include "lib/input/sendqueue.h"

#define WHEEL_MIN (-8)
#define WHEEL_MAX 7

void fbc_sendqueue_init(struct fbc_sendqueue *q)
{
    fbc_wipe(q, sizeof(*q));
    q->first = 1;
}

size_t fbc_sendqueue_events(const struct fbc_sendqueue *q)
{
    size_t events = 0, i;

    for ( i = 0; i < q->n; i++ )
        events += q->in[(q->head + i) % FBC_SENDQUEUE_MAX].kind !=
                  FBC_INPUT_CHALLENGE;

    return events;
}

static struct fbc_input *at(struct fbc_sendqueue *q, size_t i)
{
    return &q->in[(q->head + i) % FBC_SENDQUEUE_MAX];
}

static bool join_keys(struct fbc_input *last, const struct fbc_input *in)
{
    if ( last->key[1].code || in->key[1].code )
        return false;
    last->key[1] = in->key[0];

    return true;
}

static bool join_moves(struct fbc_input *last, const struct fbc_input *in)
{
    int wheel = last->wheel + in->wheel;

    if ( last->buttons != in->buttons || wheel < WHEEL_MIN ||
         wheel > WHEEL_MAX )
        return false;
    last->x = in->x;
    last->y = in->y;
    last->wheel = (int8_t)wheel;

    return true;
}

bool fbc_sendqueue_put(struct fbc_sendqueue *q, const struct fbc_input *in)
{
    size_t waiting = q->n - q->sealed;
    struct fbc_input *last = waiting ? at(q, q->n - 1) : NULL;

    if ( last && last->kind == in->kind &&
         ((in->kind == FBC_INPUT_KEY && join_keys(last, in)) ||
          (in->kind == FBC_INPUT_POINTER && waiting >= FBC_SENDQUEUE_MERGE &&
           join_moves(last, in))) )
        return true;
    if ( q->n == FBC_SENDQUEUE_MAX )
        return false;

    *at(q, q->n++) = *in;

    return true;
}

const struct fbc_input *fbc_sendqueue_next(struct fbc_sendqueue *q,
                                           uint64_t *counter)
{
    if ( q->sent == q->n )
        return NULL;

    *counter = q->first + q->sent;
    q->sent++;
    if ( q->sealed < q->sent )
        q->sealed = q->sent;

    return at(q, q->sent - 1);
}

size_t fbc_sendqueue_ack(struct fbc_sendqueue *q, uint16_t ack)
{
    size_t taken = (uint16_t)(ack - (uint16_t)(q->first - 1)), i;

    if ( taken > q->sealed )
        return 0;

    for ( i = 0; i < taken; i++ )
        fbc_wipe(at(q, i), sizeof(q->in[0]));
    q->head = (q->head + taken) % FBC_SENDQUEUE_MAX;
    q->n -= taken;
    q->sealed -= taken;
    q->sent -= taken < q->sent ? taken : q->sent;
    q->first += taken;

    return taken;
}
