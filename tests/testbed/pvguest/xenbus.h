/* SPDX-License-Identifier: GPL-2.0-only */
/* A PV device frontend: publishing, states, closing. */
#ifndef PVGUEST_XENBUS_H
#define PVGUEST_XENBUS_H

#include "xenstore.h"

#include <xen/io/xenbus.h>

/* Ways to publish that a correct backend side must cope with. */
enum pub_style {
    PUB_LINUX,      /* one transaction, relative paths */
    PUB_ABSOLUTE,   /* /local/domain/ID/device/... */
    PUB_ABORTED,    /* wrong values in a transaction that is aborted first */
    PUB_NO_TX,      /* plain writes */
    PUB_REVERSED,   /* event-channel before page-ref */
    PUB_NUL,        /* page-ref with a trailing NUL */
    PUB_ZEROS,      /* page-ref with leading zeros */
    PUB_REWRITTEN,  /* page-ref: a wrong frame, then the right one */
    PUB_BAD_LAST,   /* page-ref: the right frame, then a wrong one */
};

struct pvdev
{
    const char *type; /* vfb or vkbd */
    char dir[64], backend[128];
    domid_t backend_id;
    void *page;
    evtchn_port_t port;
    grant_ref_t gref;

    /* What a hostile guest writes instead of the truth; NULL: the truth. */
    const char *ref_text, *port_text;
    enum pub_style style;
};

/* false: the domain has no such device. */
bool dev_find(struct pvdev *dev, const char *type);

/* Writes page-ref, event-channel and the rest, then state Initialised. */
bool dev_publish(struct pvdev *dev);

void dev_set_state(struct pvdev *dev, enum xenbus_state state);
enum xenbus_state dev_backend_state(struct pvdev *dev);

/* Waits until the backend is in one of the states of @mask (1 << state). */
bool dev_wait_backend(struct pvdev *dev, unsigned int mask, uint64_t ms);

/* Closing, Closed, event channel and grant gone, Initialising. */
bool dev_close(struct pvdev *dev);

#endif
