/* SPDX-License-Identifier: GPL-2.0-only */
/* Whole images of a guest, as `xl dump-core' and `xl save' make them. */
#include "lib/method.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>
#include <xenguest.h>

/* Headers are there of any domain, pages are not. */
#define NO_PAGES (256u << 10)

struct core {
    struct fbc_method_run *r;
    uint64_t bytes;
};

static int take_core(xc_interface *xc, void *arg, char *buf, unsigned int len)
{
    struct core *c = arg;

    (void)xc;
    c->bytes += len;

    return fbc_method_put(c->r, buf, len);
}

void fbc_method_dumpcore(struct fbc_method_run *r)
{
    struct core c = { .r = r };
    int rc, err;

    if ( xc_domain_pause(r->t->xc, r->t->domid) )
        return fbc_method_errno(r, errno, "pause");
    errno = 0;
    rc = xc_domain_dumpcore_via_callback(r->t->xc, r->t->domid, &c,
                                         take_core);
    err = errno;
    xc_domain_unpause(r->t->xc, r->t->domid);

    if ( c.bytes < NO_PAGES )
        r->result = FBC_METHOD_NOTHING;
    if ( rc )
        fbc_method_errno(r, err ?: EINVAL, "dump");
    else
        fbc_method_say(r, FBC_METHOD_NOTHING, "%" PRIu64 " kB of core",
                       c.bytes >> 10);
}

/* Once over all memory; the guest is never asked to suspend. */
static int one_pass(struct precopy_stats stats, void *arg)
{
    *(unsigned long *)arg = stats.total_written;

    return stats.iteration ? XGS_POLICY_ABORT : XGS_POLICY_CONTINUE_PRECOPY;
}

static int no_suspend(void *arg)
{
    (void)arg;

    return 0;
}

void fbc_method_save(struct fbc_method_run *r)
{
    unsigned long pages = 0;
    struct save_callbacks ops = { .suspend = no_suspend,
                                  .precopy_policy = one_pass,
                                  .data = &pages };
    int fd = r->fd >= 0 ? r->fd : open("/dev/null", O_WRONLY | O_CLOEXEC);
    int rc, err;

    if ( fd < 0 )
        return fbc_method_errno(r, errno, "/dev/null");
    errno = 0;
    rc = xc_domain_save(r->t->xc, fd, r->t->domid, XCFLAGS_LIVE, &ops,
                        XC_STREAM_PLAIN, -1);
    err = errno;
    if ( fd != r->fd )
        close(fd);

    if ( pages )
    {
        r->bytes = (uint64_t)pages * FBC_PAGE;
        fbc_method_say(r, FBC_METHOD_FRAMES, "%lu pages of an image", pages);
        r->result = FBC_METHOD_FRAMES;
    }
    else if ( rc )
        fbc_method_errno(r, err ?: EINVAL, "save");
}
