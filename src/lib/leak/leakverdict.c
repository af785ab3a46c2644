/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What was counted, against what chance gives.  man/fbc-leakcheck.1, "Analyses"
 * explains each limit: change both.
 */
#include "lib/leak/leak.h"

#include <math.h>

void fbc_leak_item(struct fbc_leak_result *r, const char *name,
                   const char *about, double value, double limit,
                   const char *why)
{
    struct fbc_leak_item *i = &r->item[r->items++];

    i->name = name;
    i->about = about;
    i->value = value;
    i->limit = limit;
    i->why = why;
    i->answer = why ? FBC_LEAK_NOT_RUN
                    : value >= limit ? FBC_LEAK_YES : FBC_LEAK_NO;
    r->leak = r->leak || i->answer == FBC_LEAK_YES;
}

static void judge_bytes(const struct fbc_histogram *h,
                        struct fbc_leak_result *r, const char *name,
                        const char *about)
{
    fbc_leak_item(r, name, about, h->total ? fbc_chi2(h) : 0, FBC_CHI2_HIGH,
                  h->total < FBC_CHI2_MIN ? "too few bytes" : NULL);
}

static void judge_truth(struct fbc_leak *l)
{
    const char *no = l->a->truth ? NULL : "no --truth given";
    bool fits = l->a->truth && l->blocks.cols &&
                l->blocks.cols == l->truth.picture.width / 2 &&
                l->blocks.rows == l->truth.picture.height;
    uint64_t rows = 0;
    double r = fits ? fbc_leak_truth_ink(&l->truth, &l->glyphs, &l->blocks,
                                         &rows) : 0;

    fbc_leak_item(l->r, "truth", "standard deviations by which brightness "
                  "follows the true picture", l->truth.sigmas,
                  FBC_LEAK_SIGMAS, no);
    fbc_leak_item(l->r, "truth-ink", "correlation of changed blocks with the "
                  "true picture's ink", fabs(r), FBC_LEAK_INK_LIMIT,
                  no ? no : !fits ? "the last screen has another size"
                  : rows < FBC_LEAK_INK_ROWS ? "too few rows show both"
                  : NULL);
}

static void judge_find(struct fbc_leak *l)
{
    const char *no = l->a->find ? NULL : "no --find given";
    const char *no_font = no ? no : l->have_font ? NULL : "no font";

    fbc_leak_item(l->r, "find-text", "places with the text as bytes",
                  (double)l->find.raw,
                  (double)fbc_poisson_limit(l->find.raw_mean), no);
    fbc_leak_item(l->r, "find-drawn", "places with the text drawn",
                  (double)l->find.drawn, 1, no_font);
    fbc_leak_item(l->r, "find-read", "places where the glyphs that were read "
                  "are the text", no_font ? 0 :
                  (double)fbc_leak_glyphs_find(&l->glyphs, l->a->find), 1,
                  no_font);
}

void fbc_leak_judge(struct fbc_leak *l)
{
    const struct fbc_leak_tiles *t = &l->tiles;
    const struct fbc_leak_blocks *b = &l->blocks;
    const char *once = l->r->changed < 2 ? "nothing changes" : NULL;
    struct fbc_leak_result *r = l->r;

    fbc_leak_item(r, "tile-bytes", "tiles whose bytes are not random",
                  (double)t->uneven, 1, t->judged ? NULL : "no tile has "
                  "enough bytes");
    fbc_leak_item(r, "tile-pixels", "tiles with equal pixels side by side",
                  (double)t->smooth, 1, NULL);
    judge_bytes(&t->bytes, r, "all-bytes", "chi-square of all bytes");
    fbc_leak_item(r, "colours", "colours of plain tiles that tell something",
                  (double)(t->colours + t->uniform_shadow), 1, NULL);
    fbc_leak_item(r, "tiles", "tiles that were shown before, here or "
                  "elsewhere", (double)(t->again_here + t->again_elsewhere),
                  (double)fbc_poisson_limit(t->again_mean), NULL);
    fbc_leak_item(r, "repeated", "blocks equal to another one in their frame",
                  (double)b->repeated,
                  (double)fbc_poisson_limit(b->repeated_mean), NULL);
    fbc_leak_item(r, "returned", "blocks that came back to an earlier value",
                  (double)b->returned,
                  (double)fbc_poisson_limit(b->returned_mean), once);
    fbc_leak_item(r, "partial", "tiles of which parts changed",
                  (double)t->partial, 1, once);
    judge_bytes(&t->xor, r, "xor", "chi-square of old bytes xor new bytes");
    fbc_leak_item(r, "sizes", "changes of size among bands sealed together",
                  l->sizes.changes, FBC_LEAK_SIZE_CHANGES,
                  l->sizes.sealed ? NULL : "no bands are coded");
    fbc_leak_item(r, "glyphs", "characters read in the last screen",
                  l->glyphs.distinct >= FBC_LEAK_DISTINCT
                  ? (double)l->glyphs.read : 0, FBC_LEAK_READ,
                  once ? once : l->have_font ? NULL : "no font");
    judge_truth(l);
    judge_find(l);
}
