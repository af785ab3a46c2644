/* SPDX-License-Identifier: GPL-2.0-only */
/* Does raw memory leak? */
#include <errno.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/leak/leak.h"

#define PAGE_BYTES 4096u

struct raw {
    uint64_t judged, uneven;
    double entropy_sum;
    struct fbc_leak_find find;
};

static bool uniform(const uint8_t *p, size_t len)
{
    return !memcmp(p, p + 1, len - 1);
}

static void page(struct raw *w, struct fbc_leak_result *r, const uint8_t *p,
                 size_t len)
{
    struct fbc_histogram h = { 0 };
    double entropy, chi2;

    r->tiles++;
    if ( uniform(p, len) )
    {
        r->uniform++;
        return;
    }
    if ( len < FBC_CHI2_MIN )
        return;

    fbc_histogram_add(&h, p, len);
    entropy = fbc_entropy(&h);
    chi2 = fbc_chi2(&h);
    if ( !w->judged || entropy < r->entropy_min )
        r->entropy_min = entropy;
    if ( chi2 > r->chi2_max )
        r->chi2_max = chi2;
    w->entropy_sum += entropy;
    w->judged++;
    w->uneven += fbc_chi2_leak(&h);
}

static void judge(const struct fbc_leak_args *a, struct fbc_leak_result *r,
                  const struct raw *w)
{
    if ( w->judged )
        r->entropy_mean = w->entropy_sum / (double)w->judged;
    fbc_leak_item(r, "page-bytes", "pages whose bytes are not random",
                  (double)w->uneven, 1, w->judged ? NULL :
                  "no page but such of one byte");
    fbc_leak_item(r, "find-text", "places with the text as bytes",
                  (double)w->find.raw,
                  (double)fbc_poisson_limit(w->find.raw_mean),
                  a->find ? NULL : "no --find given");
}

int fbc_leak_run_raw(const struct fbc_leak_args *a, struct fbc_leak_result *r,
                     struct fbc_error *e)
{
    /* The page that is looked at, and what a text in it may need of the
       next. */
    uint8_t buf[2 * PAGE_BYTES];
    struct raw w = { .find.text = a->find };
    size_t have = 0, len;
    ssize_t n;

    for ( ; ; )
    {
        n = fbc_read(STDIN_FILENO, buf + have, sizeof(buf) - have, a->stop);
        if ( n < 0 )
            return fbc_fail_errno(e, "stdin");
        have += (size_t)n;
        if ( !have )
            break;

        len = have < PAGE_BYTES ? have : PAGE_BYTES;
        page(&w, r, buf, len);
        if ( a->find )
            fbc_leak_find_raw(&w.find, buf, len, have);
        r->frames++;
        have -= len;
        memmove(buf, buf + len, have);
        if ( a->on_frame )
            a->on_frame((unsigned long)r->frames);
    }

    if ( !r->frames )
        return fbc_fail(e, FBC_EXIT_INPUT, "stdin", "is empty");
    if ( !w.judged && r->tiles != r->uniform && !a->find )
        return fbc_fail(e, FBC_EXIT_INPUT, "stdin",
                        "is too short to be judged: less than %u bytes",
                        FBC_CHI2_MIN);
    judge(a, r, &w);

    return 0;
}
