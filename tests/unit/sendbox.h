/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's end of sealed input as a sender meets it, by fbc-formats(5)
 * and without core/inputbox.h.
 */
#ifndef FBC_TEST_SENDBOX_H
#define FBC_TEST_SENDBOX_H

#include "vec.h"

#include "core/manifest.h"

static struct box {
    uint8_t key[FBC_KEY_LEN];
    struct {
        bool open;
        struct fbc_input_conn conn;
        uint64_t seq, counter;
    } slot[FBC_INPUT_SLOTS];
    struct fbc_manifest_input m;
    bool full;                      /* the guest has no room */
    struct fbc_input got[8192];
    size_t n;
} box;

static void box_hello(const uint8_t *record, const struct fbc_input_head *h)
{
    struct fbc_input_conn c;

    if ( h->seq <= box.slot[h->slot].seq ||
         fbc_input_accept(box.key, record, &c) )
        return;
    box.slot[h->slot].open = true;
    box.slot[h->slot].conn = c;
    box.slot[h->slot].seq = h->seq;
    box.slot[h->slot].counter = 0;
    box.m.conn[h->slot] = (uint16_t)h->seq;
    box.m.ack[h->slot] = 0;
    box.m.gap &= (uint8_t)~(1u << h->slot);
}

static void box_take(const uint8_t record[static FBC_INPUT_RECORD_LEN])
{
    struct fbc_input_head h;
    struct fbc_input in;
    uint64_t counter;

    assert_int_equal(fbc_input_parse(record, &h), FBC_OK);
    if ( h.hello )
    {
        box_hello(record, &h);
        return;
    }
    counter = box.slot[h.slot].counter + 1;
    if ( !box.slot[h.slot].open )
        return;
    if ( (uint16_t)(h.counter - counter) < 0x8000 )
        box.m.gap |= (uint8_t)(1u << h.slot);
    if ( fbc_input_open(&box.slot[h.slot].conn, counter, record, &in) ||
         (box.full && in.kind != FBC_INPUT_CHALLENGE) )
        return;
    box.m.gap &= (uint8_t)~(1u << h.slot);
    box.slot[h.slot].counter = counter;
    box.m.ack[h.slot] = (uint16_t)counter;
    if ( in.kind == FBC_INPUT_CHALLENGE )
        box.m.challenge = in.challenge | (uint64_t)h.slot << 56;
    else if ( in.kind == FBC_INPUT_BYE )
    {
        box.slot[h.slot].open = false;
        box.m.conn[h.slot] = 0;
    }
    else
    {
        assert_true(box.n < sizeof(box.got) / sizeof(box.got[0]));
        box.got[box.n++] = in;
    }
}

#endif /* FBC_TEST_SENDBOX_H */
