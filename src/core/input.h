/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sealed input: the tenant's keys and pointer as records that dom0 carries and
 * cannot read, make, alter, repeat, leave out or put in another order
 * (fbc-formats(5), "Sealed input").
 *
 * A connection is one sender's in one of FBC_INPUT_SLOTS slots.  It begins
 * with a hello; then come records with counters 1, 2, 3 ..., of which the
 * hypervisor takes exactly the next one.  Nothing here keeps state: see
 * core/inputbox.h for the hypervisor's, core/carrier.h for the way there.
 */
#ifndef FBC_CORE_INPUT_H
#define FBC_CORE_INPUT_H

#include "core/crypto.h"
#include "core/fbc.h"

#define FBC_INPUT_SLOTS       8
#define FBC_INPUT_RECORD_LEN  16
#define FBC_INPUT_TAG_LEN     FBC_CCM8_TAG_LEN
#define FBC_INPUT_HELLO_MAX   ((1ull << 56) - 1)
#define FBC_INPUT_COUNTER_MAX ((1ull << 48) - 1)
#define FBC_INPUT_KEYS        2     /* key events in one record, at most */
#define FBC_INPUT_POS_MAX     4095
#define FBC_INPUT_CHALLENGE_MAX ((1ull << 36) - 1)

enum fbc_input_kind {               /* values of the wire */
    FBC_INPUT_KEY = 1,
    FBC_INPUT_POINTER = 2,
    FBC_INPUT_CHALLENGE = 3,
    FBC_INPUT_BYE = 4,              /* ends the connection */
};

struct fbc_input {
    enum fbc_input_kind kind;
    /* KEY: Linux key codes, below FBC_KBDIF_KEYS.  Second code 0: only one. */
    struct fbc_input_key {
        uint16_t code;
        bool down;
    } key[FBC_INPUT_KEYS];
    /*
     * POINTER: pixels of the guest's screen; bit n of buttons is held
     * BTN_LEFT + n (left, right, middle ...); wheel: notches since the record
     * before, -8 to 7, above 0 away from the user.
     */
    uint16_t x, y;
    uint8_t buttons;
    int8_t wheel;
    /* CHALLENGE: comes back in the manifest; not 0. */
    uint64_t challenge;
};

/* Of one connection; both sides have it from the hello.  Secret. */
struct fbc_input_conn {
    uint8_t key[FBC_KEY_LEN];
    uint8_t slot;
};

/* The clear part of a record, before it is opened: none of it is authentic. */
struct fbc_input_head {
    uint8_t slot;
    bool hello;
    uint64_t seq;                   /* of a hello */
    uint16_t counter;               /* of another record: its low 16 bits */
};

/* FBC_ERR_RESERVED: not a record of this version. */
enum fbc_err FBC_MUST_CHECK
fbc_input_parse(const uint8_t record[static FBC_INPUT_RECORD_LEN],
                struct fbc_input_head *head);

/*
 * key: fbc_epoch_keys.input of the epoch that the header shows now.  The
 * connection outlives that epoch, not the session key.
 *
 * seq is above that of each hello before it in this epoch and slot: take the
 * time, with bits below it that are drawn.  Its low 16 bits, which the manifest
 * shows as the connection's name, are not 0 (fbc_input_seq()).  Two hellos of
 * one seq would share a key, and so nonces.
 */
enum fbc_err FBC_MUST_CHECK
fbc_input_hello(const uint8_t key[static FBC_KEY_LEN], unsigned int slot,
                uint64_t seq, struct fbc_input_conn *c,
                uint8_t record[static FBC_INPUT_RECORD_LEN]);
enum fbc_err FBC_MUST_CHECK
fbc_input_accept(const uint8_t key[static FBC_KEY_LEN],
                 const uint8_t record[static FBC_INPUT_RECORD_LEN],
                 struct fbc_input_conn *c);

/* The next number that can be used as seq. */
static inline uint64_t fbc_input_seq(uint64_t seq)
{
    return seq & 0xffff ? seq : seq + 1;
}

/*
 * Each counter once: what is sent again is the same bytes.  FBC_ERR_RANGE: in
 * holds something that the format does not.
 */
enum fbc_err FBC_MUST_CHECK
fbc_input_seal(const struct fbc_input_conn *c, uint64_t counter,
               const struct fbc_input *in,
               uint8_t record[static FBC_INPUT_RECORD_LEN]);
/*
 * counter: the one that is expected.  FBC_ERR_STALE: record has another;
 * FBC_ERR_AUTH; FBC_ERR_RANGE: authentic, and nothing that could be done.
 * in is written only on success.
 */
enum fbc_err FBC_MUST_CHECK
fbc_input_open(const struct fbc_input_conn *c, uint64_t counter,
               const uint8_t record[static FBC_INPUT_RECORD_LEN],
               struct fbc_input *in);

#endif /* FBC_CORE_INPUT_H */
