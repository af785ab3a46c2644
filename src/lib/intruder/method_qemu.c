/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest's QEMU, a process of dom0, and what it has of the screen. */
#include "lib/intruder/method.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>

#include "lib/dom0/domain.h"
#include "lib/intruder/method_rfb.h"

#define VNC_BASE 5900
#define CHUNK    (256u << 10)
#define MAX_READ (512ull << 20)

/* 0: the guest's screen is not served by VNC. */
static uint16_t vnc_port(const struct fbc_victim *t)
{
    char node[64], text[8];
    long n;

    snprintf(node, sizeof(node), "backend/vfb/%u/0/vncdisplay", t->domid);
    if ( fbc_domain_read(t->xs, 0, node, text, sizeof(text)) )
        n = VNC_BASE + strtol(text, NULL, 10);
    else if ( fbc_domain_read(t->xs, t->domid, "console/vnc-port", text,
                              sizeof(text)) )
        n = strtol(text, NULL, 10);
    else
        n = 0;

    return n > 0 && n < 65536 ? (uint16_t)n : 0;
}

/* QEMU looks at the guest's screen only while somebody watches. */
static int capture(struct fbc_rfb *c, uint16_t port)
{
    const struct timespec look = { .tv_sec = 2 };
    int rc = fbc_rfb_open(c, port);

    if ( rc )
        return rc;
    rc = fbc_rfb_capture(c);
    if ( !rc )
    {
        nanosleep(&look, NULL);
        rc = fbc_rfb_capture(c);
    }
    if ( rc )
        fbc_rfb_close(c);

    return rc;
}

void fbc_method_vnc(struct fbc_method_run *r)
{
    uint16_t port = vnc_port(r->t);
    struct fbc_rfb c;
    int rc;

    if ( !port )
        return fbc_method_say(r, FBC_METHOD_NOTHING, "no VNC server");
    rc = capture(&c, port);
    if ( rc )
        return fbc_method_errno(r, rc, "VNC");
    if ( !fbc_method_frame(r, c.width, c.height, c.pixels) )
        fbc_method_say(r, FBC_METHOD_FRAMES, "%" PRIu32 " x %" PRIu32
                       " pixels from port %u", c.width, c.height, port);
    fbc_rfb_close(&c);
}

/* Everything writable that belongs to the process itself. */
static int read_maps(struct fbc_method_run *r, FILE *maps, int mem)
{
    uint8_t *buf = malloc(CHUNK);
    uint64_t from, to;
    char line[512], mode[5];

    if ( !buf )
        return ENOMEM;
    while ( fgets(line, sizeof(line), maps) && r->bytes < MAX_READ )
    {
        if ( sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to,
                    mode) != 3 || mode[0] != 'r' || mode[1] != 'w' )
            continue;
        while ( from < to )
        {
            size_t len = to - from < CHUNK ? to - from : CHUNK;
            ssize_t n = pread(mem, buf, len, (off_t)from);

            /* A foreign mapping cannot be read this way. */
            if ( n <= 0 )
                break;
            if ( fbc_method_put(r, buf, (size_t)n) )
                goto out;
            from += (uint64_t)n;
        }
    }

 out:
    free(buf);
    return 0;
}

void fbc_method_qemu(struct fbc_method_run *r)
{
    char pid[16], path[64];
    uint16_t port = vnc_port(r->t);
    bool watching;
    struct fbc_rfb c;
    FILE *maps;
    int mem = -1, rc;

    if ( !fbc_domain_read(r->t->xs, r->t->domid, "image/device-model-pid",
                          pid, sizeof(pid)) ||
         pid[strspn(pid, "0123456789")] )
        return fbc_method_say(r, FBC_METHOD_NOTHING, "no QEMU");

    watching = port && !capture(&c, port);
    snprintf(path, sizeof(path), "/proc/%s/maps", pid);
    maps = fopen(path, "re");
    if ( maps )
    {
        snprintf(path, sizeof(path), "/proc/%s/mem", pid);
        mem = open(path, O_RDONLY | O_CLOEXEC);
    }
    if ( mem < 0 )
        fbc_method_errno(r, errno, path);
    else if ( (rc = read_maps(r, maps, mem)) )
        fbc_method_errno(r, rc, "memory");
    else
        fbc_method_say(r, FBC_METHOD_NOTHING, "%" PRIu64 " kB of process %s",
                       r->bytes >> 10, pid);

    if ( mem >= 0 )
        close(mem);
    if ( maps )
        fclose(maps);
    if ( watching )
        fbc_rfb_close(&c);
}
