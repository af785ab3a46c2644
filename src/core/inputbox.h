/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's end of sealed input: connections of all slots, what was
 * taken of each, and what the guest gets for it.  The caller serialises.
 */
#ifndef FBC_CORE_INPUTBOX_H
#define FBC_CORE_INPUTBOX_H

#include "core/carrier.h"
#include "core/input.h"
#include "core/kbdif.h"
#include "core/manifest.h"

#define FBC_INPUTBOX_EVENTS 9       /* of one record: position, 8 buttons */
#define FBC_INPUTBOX_FAILS  64      /* wrong tags a slot has in a second */

/*
 * A connection of which nothing was taken for so long is over.  Its sender
 * would have asked for an answer each second, and given up by now: what comes
 * yet was withheld.
 */
#define FBC_INPUTBOX_IDLE_NS UINT64_C(10000000000)

enum fbc_inputbox_mode {            /* values of the hypercall */
    FBC_INPUTBOX_CLOSED = 0,        /* no key: nothing reaches the guest */
    FBC_INPUTBOX_PLAIN = 1,         /* what dom0 sends does, until a hello */
    FBC_INPUTBOX_SEALED = 2,        /* only records do */
};

struct fbc_inputbox {
    enum fbc_inputbox_mode mode;
    bool keyed;                     /* hellos can be verified */
    uint8_t key[FBC_KEY_LEN];       /* fbc_epoch_keys.input */
    uint16_t width, height;         /* the shadow's, for the carrier */

    struct fbc_inputslot {
        struct fbc_input_conn conn;
        uint64_t seq;               /* the connection's, 0: there is none */
        uint64_t hello;             /* highest one taken in this epoch */
        uint64_t counter;           /* last one taken */
        uint64_t when;              /* it was taken, or the hello, ns */
        uint64_t since;             /* when wrong tags were counted from, ns */
        uint8_t fails;
        uint8_t buttons;            /* held by the connection, or the last */
        bool gap;                   /* as in the manifest */
    } slot[FBC_INPUT_SLOTS];

    struct fbc_carrier carrier;
    uint64_t challenge;             /* as in the manifest */

    struct fbc_inputbox_stats {
        uint64_t taken;             /* records */
        uint64_t refused;           /* wrong tag, counter or form */
        uint64_t full;              /* right, but the guest had no room */
        uint64_t senseless;         /* taken; nothing came of them */
        uint64_t discarded;         /* events of dom0's own */
    } stats;
};

/*
 * A session begins, or there is none any more: every connection is gone, and
 * the buttons that it held go up with the next hello in its slot.  Keeps stats.
 */
void fbc_inputbox_session(struct fbc_inputbox *b, enum fbc_inputbox_mode mode);

/* Its epoch begins: key for hellos, size of the shadow.  Connections stay. */
void fbc_inputbox_epoch(struct fbc_inputbox *b,
                        const uint8_t key[static FBC_KEY_LEN], uint16_t width,
                        uint16_t height);

/*
 * Takes a record that dom0 brought.  FBC_OK: *nr events in ev are the guest's,
 * nr may be 0, and a manifest is due.  FBC_ERR_IN_USE: right, but it needs more
 * room than the guest has for events; nothing has changed.  Any other error:
 * not one to take, or not now.
 */
enum fbc_err FBC_MUST_CHECK
fbc_inputbox_take(struct fbc_inputbox *b,
                  const uint8_t record[static FBC_INPUT_RECORD_LEN],
                  uint64_t now_ns, const struct fbc_kbdif_limits *limits,
                  unsigned int room,
                  uint8_t ev[static FBC_INPUTBOX_EVENTS][FBC_KBDIF_EVENT_LEN],
                  unsigned int *nr);

/* Fills in the manifest's part about input. */
void fbc_inputbox_report(const struct fbc_inputbox *b,
                         struct fbc_manifest_input *out);

#endif /* FBC_CORE_INPUTBOX_H */
