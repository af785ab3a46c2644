/* SPDX-License-Identifier: GPL-2.0-only */
/* XenStore client, one request at a time, over the store ring. */
#ifndef PVGUEST_XENSTORE_H
#define PVGUEST_XENSTORE_H

#include "platform.h"

#include <xen/io/xs_wire.h>

#define XS_EAGAIN (-2) /* the transaction must be repeated */
#define XS_FAILED (-1)

struct xs_vec
{
    const void *data;
    uint32_t len;
};

/* How requests reach the ring: argument xs= of the command line. */
enum xs_mode {
    XS_MODE_LINUX,  /* xs=linux: header, path, value; event if prod <= cons */
    XS_MODE_ALL,    /* xs=all: whole request, one event */
    XS_MODE_CHUNKS, /* xs=chunks: header, path, value, an event after each */
    XS_MODE_BYTES,  /* xs=bytes: a byte and an event at a time */
};

extern struct xenstore_domain_interface *xs_ring;

void xs_init(enum xs_mode mode);

/* Uses the store as firmware does, and leaves it to the next system. */
void xs_firmware(unsigned int requests);

/* Reply length (the reply is NUL terminated), XS_EAGAIN or XS_FAILED. */
int xs_talk(enum xsd_sockmsg_type type, uint32_t tx, const struct xs_vec *vec,
            unsigned int n, char *reply, size_t size);

int xs_read(uint32_t tx, const char *path, char *val, size_t size);
int xs_write(uint32_t tx, const char *dir, const char *node, const char *val);
int xs_write_raw(uint32_t tx, const char *path, const void *val, size_t len);
int xs_writef(uint32_t tx, const char *dir, const char *node, const char *fmt,
              ...) __attribute__((format(printf, 4, 5)));
long xs_read_long(const char *dir, const char *node, long def);

uint32_t xs_start(void);
int xs_end(uint32_t tx, bool commit);

/* Puts bytes on the ring as they are; for requests and for garbage. */
bool xs_put(const void *data, uint32_t len);

#endif
