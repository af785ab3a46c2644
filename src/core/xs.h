/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Watches a guest's half of the XenStore ring (Xen public/io/xs_wire.h) for
 * what its frontends publish.  Feed it every byte that the guest sends, in
 * order; it never needs more than it holds and never trusts a length.
 */
#ifndef FBC_CORE_XS_H
#define FBC_CORE_XS_H

#include "core/fbc.h"
#include "core/xsdoor.h"

/* struct xsd_sockmsg: type, req_id, tx_id, len. */
#define FBC_XS_HEADER_LEN   16
#define FBC_XS_OFF_TYPE     0
#define FBC_XS_OFF_ID       4
#define FBC_XS_OFF_LEN      12
#define FBC_XS_PAYLOAD_MAX  4096    /* XENSTORE_PAYLOAD_MAX */
#define FBC_XS_KEEP         160     /* longest path + value we care for */

enum fbc_xs_dev { FBC_XS_VFB, FBC_XS_VKBD, FBC_XS_DEVS };

enum fbc_xs_key {
    FBC_XS_NONE,
    FBC_XS_PAGE_REF,
    FBC_XS_EVENT_CHANNEL,
    FBC_XS_STATE,               /* enum xenbus_state */
    FBC_XS_PROTOCOL,            /* value 1: x86_64-abi, 0: anything else */
};

struct fbc_xs_write {
    enum fbc_xs_dev dev;
    enum fbc_xs_key key;
    bool valid;                 /* value is a canonical decimal number */
    uint64_t value;
};

struct fbc_xs {
    uint16_t domid;
    bool broken;                /* length over FBC_XS_PAYLOAD_MAX was seen */
    uint32_t have;              /* bytes of header, then of payload, seen */
    uint32_t type, id, len;     /* of the current message */
    bool in_payload;
    struct fbc_xsdoor door;     /* is told of each message */
    uint8_t buf[FBC_XS_KEEP];
};

void fbc_xs_init(struct fbc_xs *xs, uint16_t domid);

/*
 * Takes bytes up to the end of data or of one write to device/vfb/0/KEY or
 * device/vkbd/0/KEY (also spelt /local/domain/<domid>/device/...), or up to a
 * message that the door has no room for, whichever comes first, and returns how
 * many it took.  w->key is FBC_XS_NONE when no such write was completed.  After
 * a length above the protocol's limit the stream has no meaning any more:
 * broken is set and all input is swallowed.
 */
size_t fbc_xs_feed(struct fbc_xs *xs, const uint8_t *data, size_t len,
                   struct fbc_xs_write *w);

#endif /* FBC_CORE_XS_H */
