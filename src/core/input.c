/* SPDX-License-Identifier: GPL-2.0-only */
/* Records of sealed input: AES-256-CCM with a tag of 8 bytes. */
#include "core/input.h"
#include "core/kbdif.h"
#include "core/tile.h"

/* Byte offsets in a record. */
#define OFF_HEAD     0
#define OFF_COUNTER  1
#define OFF_BODY     3
#define OFF_TAG      8
#define BODY_LEN     (OFF_TAG - OFF_BODY)
#define OFF_SEQ      1              /* of a hello */

#define HEAD_SLOT    0x07
#define HEAD_HELLO   0x08

#define LABEL "fbcrypt v1 connection"
#define LABEL_LEN (sizeof(LABEL) - 1)

_Static_assert(OFF_TAG + FBC_INPUT_TAG_LEN == FBC_INPUT_RECORD_LEN, "record");
_Static_assert(FBC_INPUT_SLOTS == HEAD_SLOT + 1, "slots");

/* Fields of the body, a number of 40 bits. */
#define BODY_KIND    4              /* bits, at the low end */
#define KEY_BITS     16             /* code, and down above it */
#define KEY_DOWN     (1u << 15)
#define POS_BITS     12
#define BUTTON_BITS  8
#define WHEEL_BITS   4
#define WHEEL_MIN    (-8)
#define WHEEL_MAX    7

_Static_assert(BODY_KIND + 2 * POS_BITS + BUTTON_BITS + WHEEL_BITS ==
               8 * BODY_LEN, "pointer");
_Static_assert(FBC_INPUT_CHALLENGE_MAX >> (8 * BODY_LEN - BODY_KIND) == 0,
               "challenge");

static uint64_t get_bytes(const uint8_t *p, unsigned int n)
{
    uint8_t b[8] = { 0 };

    memcpy(b, p, n);

    return fbc_get64(b);
}

static void put_bytes(uint8_t *p, uint64_t v, unsigned int n)
{
    uint8_t b[8];

    fbc_put64(b, v);
    memcpy(p, b, n);
}

enum fbc_err
fbc_input_parse(const uint8_t record[static FBC_INPUT_RECORD_LEN],
                struct fbc_input_head *head)
{
    uint8_t b = record[OFF_HEAD];

    if ( b & ~(HEAD_SLOT | HEAD_HELLO) )
        return FBC_ERR_RESERVED;

    head->slot = b & HEAD_SLOT;
    head->hello = b & HEAD_HELLO;
    head->seq = head->hello ? get_bytes(record + OFF_SEQ, 7) : 0;
    head->counter = head->hello ? 0 : fbc_get16(record + OFF_COUNTER);

    /* The connection would have no name. */
    if ( head->hello && !(head->seq & 0xffff) )
        return FBC_ERR_RESERVED;

    return FBC_OK;
}

/* Everything that a hello's first 8 bytes decide; *c is left on failure. */
static enum fbc_err derive(const uint8_t key[static FBC_KEY_LEN],
                           const uint8_t *record, struct fbc_input_conn *c,
                           uint8_t tag[static FBC_INPUT_TAG_LEN])
{
    uint8_t info[LABEL_LEN + 1 + OFF_TAG];
    uint8_t out[FBC_KEY_LEN + FBC_INPUT_TAG_LEN];

    memcpy(info, LABEL, LABEL_LEN);
    info[LABEL_LEN] = 0;
    memcpy(info + LABEL_LEN + 1, record, OFF_TAG);
    if ( fbc_hkdf_expand(key, info, sizeof(info), out, sizeof(out)) )
        return FBC_ERR_CRYPTO;

    memcpy(c->key, out, FBC_KEY_LEN);
    c->slot = record[OFF_HEAD] & HEAD_SLOT;
    memcpy(tag, out + FBC_KEY_LEN, FBC_INPUT_TAG_LEN);
    fbc_wipe(out, sizeof(out));

    return FBC_OK;
}

enum fbc_err fbc_input_hello(const uint8_t key[static FBC_KEY_LEN],
                             unsigned int slot, uint64_t seq,
                             struct fbc_input_conn *c,
                             uint8_t record[static FBC_INPUT_RECORD_LEN])
{
    uint8_t r[FBC_INPUT_RECORD_LEN];
    enum fbc_err err;

    if ( slot >= FBC_INPUT_SLOTS || seq > FBC_INPUT_HELLO_MAX ||
         !(seq & 0xffff) )
        return FBC_ERR_RANGE;

    r[OFF_HEAD] = (uint8_t)(HEAD_HELLO | slot);
    put_bytes(r + OFF_SEQ, seq, 7);
    err = derive(key, r, c, r + OFF_TAG);
    if ( !err )
        memcpy(record, r, sizeof(r));

    return err;
}

enum fbc_err
fbc_input_accept(const uint8_t key[static FBC_KEY_LEN],
                 const uint8_t record[static FBC_INPUT_RECORD_LEN],
                 struct fbc_input_conn *c)
{
    uint8_t tag[FBC_INPUT_TAG_LEN];
    struct fbc_input_head head;
    struct fbc_input_conn t;
    enum fbc_err err = fbc_input_parse(record, &head);

    if ( err || !head.hello )
        return err ?: FBC_ERR_RESERVED;

    err = derive(key, record, &t, tag);
    if ( err )
        return err;
    if ( fbc_equal(tag, record + OFF_TAG, sizeof(tag)) )
        *c = t;
    else
        err = FBC_ERR_AUTH;
    fbc_wipe(&t, sizeof(t));
    fbc_wipe(tag, sizeof(tag));

    return err;
}

static bool key_ok(const struct fbc_input_key *k)
{
    return k->code && k->code < FBC_KBDIF_KEYS;
}

static bool encode(const struct fbc_input *in, uint64_t *body)
{
    uint64_t v = 0;
    unsigned int i;

    switch ( in->kind )
    {
    case FBC_INPUT_KEY:
        for ( i = 0; i < FBC_INPUT_KEYS; i++ )
        {
            const struct fbc_input_key *k = &in->key[i];

            if ( i && !k->code && !k->down )
                continue;
            if ( !key_ok(k) )
                return false;
            v |= (uint64_t)(k->code | (k->down ? KEY_DOWN : 0))
                 << (i * KEY_BITS);
        }
        break;

    case FBC_INPUT_POINTER:
        if ( in->x > FBC_INPUT_POS_MAX || in->y > FBC_INPUT_POS_MAX ||
             in->wheel < WHEEL_MIN || in->wheel > WHEEL_MAX )
            return false;
        v = in->x | (uint64_t)in->y << POS_BITS |
            (uint64_t)in->buttons << (2 * POS_BITS) |
            (uint64_t)(in->wheel & ((1 << WHEEL_BITS) - 1))
            << (2 * POS_BITS + BUTTON_BITS);
        break;

    case FBC_INPUT_CHALLENGE:
        v = in->challenge;
        if ( !v || v > FBC_INPUT_CHALLENGE_MAX )
            return false;
        break;

    case FBC_INPUT_BYE:
        break;

    default:
        return false;
    }

    *body = v << BODY_KIND | (uint64_t)in->kind;

    return true;
}

static bool decode(uint64_t body, struct fbc_input *in)
{
    struct fbc_input t = { 0 };
    uint64_t v = body >> BODY_KIND;
    unsigned int i;

    t.kind = (enum fbc_input_kind)(body & ((1u << BODY_KIND) - 1));
    switch ( t.kind )
    {
    case FBC_INPUT_KEY:
        for ( i = 0; i < FBC_INPUT_KEYS; i++, v >>= KEY_BITS )
        {
            struct fbc_input_key *k = &t.key[i];

            k->code = v & (KEY_DOWN - 1);
            k->down = v & KEY_DOWN;
            if ( !key_ok(k) && !(i && !k->code && !k->down) )
                return false;
        }
        if ( v )
            return false;
        break;

    case FBC_INPUT_POINTER:
        t.x = v & FBC_INPUT_POS_MAX;
        t.y = (v >> POS_BITS) & FBC_INPUT_POS_MAX;
        t.buttons = (uint8_t)(v >> (2 * POS_BITS));
        t.wheel = (int8_t)(v >> (2 * POS_BITS + BUTTON_BITS));
        if ( t.wheel > WHEEL_MAX )
            t.wheel = (int8_t)(t.wheel - (1 << WHEEL_BITS));
        break;

    case FBC_INPUT_CHALLENGE:
        t.challenge = v;
        if ( !v )
            return false;
        break;

    case FBC_INPUT_BYE:
        if ( v )
            return false;
        break;

    default:
        return false;
    }

    *in = t;

    return true;
}

enum fbc_err fbc_input_seal(const struct fbc_input_conn *c, uint64_t counter,
                            const struct fbc_input *in,
                            uint8_t record[static FBC_INPUT_RECORD_LEN])
{
    uint8_t r[FBC_INPUT_RECORD_LEN], nonce[FBC_NONCE_LEN];
    enum fbc_err err = FBC_OK;
    uint64_t body;

    if ( !counter || counter > FBC_INPUT_COUNTER_MAX || !encode(in, &body) )
        return FBC_ERR_RANGE;

    r[OFF_HEAD] = c->slot;
    fbc_put16(r + OFF_COUNTER, (uint16_t)counter);
    put_bytes(r + OFF_BODY, body, BODY_LEN);
    fbc_nonce(nonce, FBC_NONCE_INPUT, c->slot, counter);
    if ( fbc_ccm8_seal(c->key, nonce, r, OFF_BODY, r + OFF_BODY, BODY_LEN,
                       r + OFF_TAG) )
        err = FBC_ERR_CRYPTO;
    else
        memcpy(record, r, sizeof(r));
    fbc_wipe(r, sizeof(r));

    return err;
}

enum fbc_err
fbc_input_open(const struct fbc_input_conn *c, uint64_t counter,
               const uint8_t record[static FBC_INPUT_RECORD_LEN],
               struct fbc_input *in)
{
    uint8_t body[BODY_LEN], nonce[FBC_NONCE_LEN];
    struct fbc_input_head head;
    enum fbc_err err = fbc_input_parse(record, &head);

    if ( err )
        return err;
    if ( head.hello || head.slot != c->slot ||
         head.counter != (uint16_t)counter || !counter ||
         counter > FBC_INPUT_COUNTER_MAX )
        return FBC_ERR_STALE;

    memcpy(body, record + OFF_BODY, sizeof(body));
    fbc_nonce(nonce, FBC_NONCE_INPUT, c->slot, counter);
    if ( fbc_ccm8_open(c->key, nonce, record, OFF_BODY, body, BODY_LEN,
                       record + OFF_TAG) )
        return FBC_ERR_AUTH;

    if ( !decode(get_bytes(body, sizeof(body)), in) )
        err = FBC_ERR_RANGE;
    fbc_wipe(body, sizeof(body));

    return err;
}
