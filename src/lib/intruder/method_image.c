/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole images of a guest, as `xl dump-core' and `xl save' make them. */
#include "lib/intruder/method.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <xenguest.h>
#include <xenstore.h>

/* Headers are there of any domain, pages are not. */
#define NO_PAGES  (256u << 10)
#define SUSPEND_S 10

/*
 * libxenguest hands pages on in lots of so many bytes.  Before the last one,
 * which is not whole, it goes through a PVH guest's holes up to 4 GiB, where
 * its special pages are: that takes minutes, and is not waited for.
 */
#define CORE_LOT     (16ull << 20)
#define CORE_SPECIAL (1ull << 20)

struct core {
    struct fbc_method_run *r;
    uint64_t bytes, memory;
    bool holes, enough;
};

static int take_core(xc_interface *xc, void *arg, char *buf, unsigned int len)
{
    struct core *c = arg;

    (void)xc;
    c->bytes += len;
    if ( fbc_method_put(c->r, buf, len) )
        return -1;
    c->enough = c->holes && len == CORE_LOT &&
                c->bytes + CORE_LOT + CORE_SPECIAL > c->memory;

    return c->enough ? -1 : 0;
}

void fbc_method_dumpcore(struct fbc_method_run *r)
{
    struct core c = { .r = r };
    xc_domaininfo_t info;
    int rc, err;

    if ( xc_domain_getinfolist(r->t->xc, r->t->domid, 1, &info) != 1 ||
         info.domain != r->t->domid )
        return fbc_method_errno(r, errno ?: ESRCH, "domain");
    c.memory = info.tot_pages * XC_PAGE_SIZE;
    c.holes = info.flags & XEN_DOMINF_hvm_guest;
    if ( xc_domain_pause(r->t->xc, r->t->domid) )
        return fbc_method_errno(r, errno, "pause");
    errno = 0;
    rc = xc_domain_dumpcore_via_callback(r->t->xc, r->t->domid, &c,
                                         take_core);
    err = errno;
    xc_domain_unpause(r->t->xc, r->t->domid);

    if ( c.bytes < NO_PAGES )
        r->result = FBC_METHOD_NOTHING;
    if ( rc && !c.enough )
        fbc_method_errno(r, err ?: EINVAL, "dump");
    else
        fbc_method_say(r, FBC_METHOD_NOTHING, "%" PRIu64 " kB of core",
                       c.bytes >> 10);
}

struct save {
    struct fbc_method_run *r;
    int pipe[2];
    uint64_t bytes;
    bool suspended;
};

/* The saving library wants a file descriptor: this is its other end. */
static void *drain(void *arg)
{
    struct save *s = arg;
    uint8_t buf[16384];
    ssize_t n;

    while ( (n = read(s->pipe[0], buf, sizeof(buf))) > 0 )
    {
        s->bytes += (uint64_t)n;
        if ( fbc_method_put(s->r, buf, (size_t)n) )
            continue;           /* what is left must go somewhere */
    }

    return NULL;
}

/* Only what has let itself be suspended can be saved. */
static int suspend(void *arg)
{
    static const struct timespec step = { .tv_nsec = 100000000 };
    struct save *s = arg;
    struct fbc_victim *t = s->r->t;
    xc_domaininfo_t info;
    char path[64];
    int i;

    snprintf(path, sizeof(path), "/local/domain/%u/control/shutdown",
             t->domid);
    if ( !xs_write(t->xs, XBT_NULL, path, "suspend", strlen("suspend")) )
        return 0;
    for ( i = 0; i < SUSPEND_S * 10; i++ )
    {
        if ( xc_domain_getinfolist(t->xc, t->domid, 1, &info) != 1 )
            break;
        if ( info.flags & XEN_DOMINF_shutdown )
        {
            s->suspended = true;
            return 1;
        }
        nanosleep(&step, NULL);
    }
    xs_write(t->xs, XBT_NULL, path, "", 0);

    return 0;
}

/* A PVH guest has no device model that could write to its memory. */
static int no_device_model(uint32_t domid, unsigned int enable, void *arg)
{
    (void)domid;
    (void)enable;
    (void)arg;

    return 0;
}

static int save(struct save *s)
{
    struct fbc_victim *t = s->r->t;
    struct save_callbacks ops = {
        .suspend = suspend, .switch_qemu_logdirty = no_device_model, .data = s
    };
    pthread_t reader;
    int err = 0;

    if ( pipe2(s->pipe, O_CLOEXEC) )
        return errno;
    err = pthread_create(&reader, NULL, drain, s);
    if ( !err )
    {
        errno = 0;
        if ( xc_domain_save(t->xc, s->pipe[1], t->domid, 0, &ops,
                            XC_STREAM_PLAIN, -1) )
            err = errno ?: EINVAL;
        close(s->pipe[1]);
        s->pipe[1] = -1;
        pthread_join(reader, NULL);
    }
    if ( s->suspended && xc_domain_resume(t->xc, t->domid, 1) && !err )
        err = errno;
    if ( s->pipe[1] >= 0 )
        close(s->pipe[1]);
    close(s->pipe[0]);

    return err;
}

void fbc_method_save(struct fbc_method_run *r)
{
    struct save s = { .r = r };
    int err = save(&s);

    if ( s.bytes < NO_PAGES )
        r->result = FBC_METHOD_NOTHING;
    if ( err )
        fbc_method_errno(r, err, "save");
    else
        fbc_method_say(r, FBC_METHOD_NOTHING, "%" PRIu64 " kB of image",
                       s.bytes >> 10);
}
