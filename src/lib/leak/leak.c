/* SPDX-License-Identifier: GPL-2.0-only */
/* Does a frame stream leak? */
#include "lib/leak/leak.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/outfile.h"
#include "lib/frames/frames.h"
#include "lib/leak/leakpng.h"

#define TEXT_MAX (1u << 20)

static int load_text(struct fbc_leak *l, const char *path,
                     struct fbc_error *e)
{
    FILE *f = fopen(path, "rbe");
    int rc = 0;

    if ( !f )
        return fbc_fail_errno(e, path);
    l->text = malloc(TEXT_MAX);
    if ( !l->text )
        rc = fbc_fail(e, FBC_EXIT_ENV, path, "no memory");
    else
        l->text_len = fread(l->text, 1, TEXT_MAX, f);
    if ( !rc && ferror(f) )
        rc = fbc_fail_errno(e, path);
    fclose(f);

    return rc;
}

int fbc_leak_begin(struct fbc_leak *l, const struct fbc_leak_args *a,
                   struct fbc_leak_result *r, struct fbc_error *e)
{
    const char *font = a->font;

    l->a = a;
    l->r = r;
    l->find.text = a->find;
    if ( !font && !access(FBC_LEAK_FONT, R_OK) )
        font = FBC_LEAK_FONT;
    if ( font && fbc_leak_font_load(&l->font, font, e) )
        return -1;
    l->have_font = font;
    if ( a->truth && fbc_leak_picture_read(a->truth, &l->truth.picture, e) )
        return -1;
    if ( a->truth_text && load_text(l, a->truth_text, e) )
        return -1;

    return 0;
}

static bool same(const struct fbc_leak_screen *a,
                 const struct fbc_leak_screen *b)
{
    return !memcmp(a->px, b->px, (size_t)a->width * a->height * 3);
}

/* Another screen than before: places start anew. */
static int reshape(struct fbc_leak *l, const struct fbc_leak_screen *s,
                   struct fbc_error *e)
{
    free(l->flat);
    l->flat = calloc((size_t)s->cols * s->bands, 1);
    if ( !l->flat )
        return fbc_fail(e, FBC_EXIT_ENV, "frame", "no memory");

    return fbc_leak_blocks_begin(&l->blocks, s, e);
}

int fbc_leak_feed(struct fbc_leak *l, const uint8_t *pixels, uint32_t width,
                  uint32_t height, struct fbc_error *e)
{
    struct fbc_leak_screen *s = &l->screen[l->now];
    struct fbc_leak_screen *prev = &l->screen[!l->now];
    struct fbc_leak_result *r = l->r;
    size_t len = (size_t)width * height * 4;

    if ( (uint64_t)width * height > FBC_LEAK_PIXELS )
        return fbc_fail(e, FBC_EXIT_INPUT, "frame", "%u x %u pixels: more "
                        "than 2560 x 2160 would take too much memory", width,
                        height);
    if ( fbc_leak_screen_take(s, pixels, width, height, e) )
        return -1;
    r->frames++;
    r->shadows += s->shadow;
    r->keyed += s->keyed;
    r->width = s->width;
    r->height = s->height;

    if ( !l->have_prev || !fbc_leak_screen_like(s, prev) )
        prev = NULL;
    if ( prev && same(s, prev) )
        return 0;
    if ( !prev && reshape(l, s, e) )
        return -1;
    l->have_prev = true;
    l->now = !l->now;
    r->changed++;

    if ( fbc_leak_tiles_feed(&l->tiles, s, prev, l->flat, e) ||
         fbc_leak_sizes_feed(&l->sizes, s, !prev, e) ||
         fbc_leak_blocks_feed(&l->blocks, s, l->flat, e) )
        return -1;
    if ( l->a->truth )
        fbc_leak_truth_feed(&l->truth, s, l->flat);
    if ( l->a->find )
    {
        fbc_leak_find_raw(&l->find, pixels, len, len);
        len = (size_t)s->width * s->height * 3;
        fbc_leak_find_raw(&l->find, s->px, len, len);
        if ( l->have_font )
            fbc_leak_find_drawn(&l->find, &l->font, s);
    }

    return 0;
}

static int render(struct fbc_leak *l, struct fbc_error *e)
{
    struct fbc_picture p = { 0 };
    struct fbc_outfile o;
    int rc = -1;

    if ( fbc_leak_glyphs_render(&l->glyphs, &l->blocks, &l->font, &p, e) )
        return -1;
    if ( !fbc_outfile_open(&o, l->a->render, e) )
    {
        rc = fbc_png_write(o.fd, &p, l->a->render, e);
        if ( rc )
            fbc_outfile_abort(&o);
        else
            rc = fbc_outfile_commit(&o, true, e);
    }
    fbc_picture_free(&p);

    return rc;
}

int fbc_leak_finish(struct fbc_leak *l, struct fbc_error *e)
{
    const struct fbc_leak_tiles *t = &l->tiles;
    unsigned int i;
    struct fbc_leak_result *r = l->r;

    if ( l->a->truth && !l->truth.frames )
        return fbc_fail(e, FBC_EXIT_INPUT, l->a->truth, "is %u x %u, the "
                        "screen %u x %u", l->truth.picture.width,
                        l->truth.picture.height, r->width, r->height);
    if ( fbc_leak_glyphs_run(&l->glyphs, &l->blocks,
                             l->have_font ? &l->font : NULL, e) )
        return -1;

    r->tiles = t->seen;
    r->uniform = t->uniform;
    r->entropy_min = t->entropy_min;
    r->entropy_mean = t->judged ? t->entropy_sum / (double)t->judged : 0;
    r->chi2_max = t->chi2_max;
    for ( i = 0; i < FBC_CODINGS; i++ )
        r->updates += l->sizes.updates[i];
    r->update_bits = fbc_leak_sizes_bits(&l->sizes);
    r->inked = l->glyphs.inked;
    r->read = l->glyphs.read;
    if ( l->text && l->have_font )
    {
        r->scored = true;
        fbc_leak_glyphs_score(&l->glyphs, l->text, l->text_len, &r->score);
    }
    fbc_leak_judge(l);

    return l->a->render ? render(l, e) : 0;
}

void fbc_leak_free(struct fbc_leak *l)
{
    fbc_leak_screen_free(&l->screen[0]);
    fbc_leak_screen_free(&l->screen[1]);
    fbc_leak_tiles_free(&l->tiles);
    fbc_leak_sizes_free(&l->sizes);
    fbc_leak_blocks_free(&l->blocks);
    fbc_leak_glyphs_free(&l->glyphs);
    fbc_picture_free(&l->truth.picture);
    free(l->flat);
    free(l->text);
    memset(l, 0, sizeof(*l));
}

static int read_stream(struct fbc_leak *l, struct fbc_error *e)
{
    struct fbc_frame_in in;
    int rc;

    fbc_frame_in_begin(&in, STDIN_FILENO, l->a->stop);
    while ( (rc = fbc_frame_in_next(&in, e)) > 0 )
    {
        rc = fbc_leak_feed(l, in.pixels, in.frame.width, in.frame.height, e);
        if ( rc )
            break;
        if ( l->a->on_frame )
            l->a->on_frame((unsigned long)in.frames);
    }
    if ( !rc && !in.frames )
        rc = fbc_fail(e, FBC_EXIT_INPUT, "frame stream", "has no frames");
    fbc_frame_in_end(&in);

    return rc;
}

/* The picture must not take the place of what it is compared with. */
static int check_output(const struct fbc_leak_args *a, struct fbc_error *e)
{
    if ( !a->render )
        return 0;

    return fbc_outfile_not_input(a->render, STDIN_FILENO, e) ||
           fbc_outfile_not_file(a->render, a->truth, e) ||
           fbc_outfile_not_file(a->render, a->truth_text, e) ||
           fbc_outfile_not_file(a->render, a->font, e) ? -1 : 0;
}

int fbc_leak_run(const struct fbc_leak_args *a, struct fbc_leak_result *r,
                 struct fbc_error *e)
{
    struct fbc_leak l = { 0 };
    int rc = -1;

    memset(r, 0, sizeof(*r));
    r->raw = a->raw;
    r->input = a->input;
    if ( a->raw )
        return fbc_leak_run_raw(a, r, e);
    if ( a->input )
        return fbc_leak_run_input(a, r, e);
    if ( check_output(a, e) )
        return -1;

    if ( !fbc_leak_begin(&l, a, r, e) && !read_stream(&l, e) )
        rc = fbc_leak_finish(&l, e);
    fbc_leak_free(&l);

    return rc;
}
