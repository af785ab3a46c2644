/* SPDX-License-Identifier: GPL-2.0-only */
/* Verifies and decrypts a frame stream into pictures. */
#include "lib/frames/decrypt.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/keyfile.h"
#include "lib/base/secmem.h"
#include "lib/frames/frames.h"
#include "lib/frames/noncecheck.h"

struct secrets {
    uint8_t file[FBC_SESSION_FILE_LEN];
    struct fbc_view view;
    struct fbc_noncecheck nonces;
};

struct job {
    const struct fbc_decrypt_args *a;
    struct fbc_decrypt_result *r;
    struct secrets *s;
    struct fbc_picture screen;  /* newest verified */
    struct fbc_picture fresh;   /* of an epoch that may be starting */
    struct fbc_picture half, shadow;
    struct fbc_sink sink;
    uint32_t epoch;
    bool usable;                /* screen holds something */
    enum fbc_err first_err, last_err;
};

static bool same_epoch(const struct fbc_header *x, const struct fbc_header *y)
{
    return x->ep.epoch == y->ep.epoch && x->ep.aead == y->ep.aead &&
           x->ep.geom.width == y->ep.geom.width &&
           x->ep.geom.height == y->ep.geom.height &&
           !memcmp(x->ep.salt, y->ep.salt, FBC_SALT_LEN);
}

/* Rows of the screen that --half decrypts: whole bands. */
static uint32_t half_bands(const struct fbc_geom *g)
{
    return g->bands / 2;
}

static void count(struct fbc_decrypt_result *r, const struct fbc_view *v,
                  const struct fbc_view_stats *st, uint32_t limit)
{
    uint32_t tile;

    r->fresh += st->fresh;
    r->held += st->held;
    r->pending += st->pending;
    r->bad += st->bad;
    r->last_pending = st->pending;
    r->last_bad = st->bad;
    r->tiles = limit;
    r->width = v->header.ep.geom.width;
    r->height = v->header.ep.geom.height;
    r->live = st->manifest == FBC_OK;
    r->manifest_counter = v->manifest_counter;
    r->launched = v->header.ep.launched;
    memcpy(r->launch, v->header.ep.launch, FBC_HASH_LEN);

    switch ( st->manifest )
    {
    case FBC_OK:          r->manifests_ok++; break;
    case FBC_ERR_PENDING: r->manifests_pending++; break;
    case FBC_ERR_STALE:   r->manifests_stale++; break;
    default:              r->manifests_bad++; break;
    }

    if ( !r->epochs || r->epoch != v->header.ep.epoch )
    {
        r->epochs++;
        r->counter = 0;
    }
    r->epoch = v->header.ep.epoch;
    for ( tile = 0; tile < limit; tile++ )
        if ( fbc_vector_get(v->vec, tile) > r->counter )
            r->counter = fbc_vector_get(v->vec, tile);
}

/* -1 with *e: give up; else *err tells whether the frame was of use. */
static int update(struct job *j, const uint8_t *shadow, uint32_t w,
                  uint32_t h, struct fbc_view_stats *st, enum fbc_err *err,
                  struct fbc_error *e)
{
    struct fbc_view *v = &j->s->view;
    struct fbc_picture *p = &j->screen, swap;
    const struct fbc_geom *g;
    struct fbc_header head;
    size_t stride = (size_t)w * 4;
    uint32_t limit;

    *err = fbc_view_header(shadow, w, h, stride, &head);
    if ( *err )
        return 0;

    /* A new epoch starts black; but only when its header proves right. */
    g = &head.ep.geom;
    if ( !j->usable || !same_epoch(&head, &v->header) )
    {
        p = &j->fresh;
        p->width = 0;
        if ( fbc_picture_size(p, g->width, g->height, e) )
            return -1;
    }
    limit = j->a->mode == FBC_DECRYPT_HALF
            ? (uint32_t)half_bands(g) * g->cols : g->tiles;
    *err = fbc_view_update(v, shadow, w, h, stride, limit, p->rgb, st);
    if ( *err )
        return 0;

    if ( p == &j->fresh )
    {
        swap = j->screen;
        j->screen = j->fresh;
        j->fresh = swap;
    }
    j->usable = true;
    count(j->r, v, st, limit);

    if ( j->a->check_counters )
    {
        *err = fbc_noncecheck_feed(&j->s->nonces, &v->header, shadow,
                                   stride);
        if ( *err )
            return fbc_fail_core(e, "counters", *err);
        j->r->counters_seen = j->s->nonces.seen;
        j->r->counters_reused = j->s->nonces.reused;
    }

    return 0;
}

static int take_shadow(struct job *j, const uint8_t *shadow, uint32_t w,
                       uint32_t h, struct fbc_error *e)
{
    uint32_t y;

    if ( fbc_picture_size(&j->shadow, w, h, e) )
        return -1;
    for ( y = 0; y < h; y++ )
        fbc_picture_set_row(&j->shadow, y, shadow + (size_t)y * w * 4);

    return 0;
}

/* The upper half of the screen over the lower half of the shadow. */
static int take_half(struct job *j, const uint8_t *shadow, uint32_t w,
                     struct fbc_error *e)
{
    const struct fbc_geom *g = &j->s->view.header.ep.geom;
    uint32_t y = half_bands(g) * FBC_TILE_H;

    if ( fbc_picture_size(&j->half, g->width, g->height, e) )
        return -1;
    memcpy(j->half.rgb, j->screen.rgb, (size_t)y * g->width * 3);
    for ( ; y < g->height; y++ )
        fbc_picture_set_row(&j->half, y,
                            shadow + (size_t)fbc_geom_srow(y) * w * 4);

    return 0;
}

static const struct fbc_picture *picture(const struct job *j)
{
    return j->a->mode == FBC_DECRYPT_NONE ? &j->shadow
           : j->a->mode == FBC_DECRYPT_HALF ? &j->half : &j->screen;
}

static int one_frame(struct job *j, uint64_t time_ns, size_t len,
                     const uint8_t *shadow, uint32_t w, uint32_t h,
                     struct fbc_error *e)
{
    struct fbc_decrypt_frame f = { .number = ++j->r->frames };
    struct fbc_view_stats st;
    bool was_usable = j->usable;

    if ( f.number > 999999 && j->a->sink == FBC_SINK_PNG && !j->a->last )
        return fbc_fail(e, FBC_EXIT_INPUT, "frame stream",
                        "more than 999999 frames for --png");

    if ( j->a->mode == FBC_DECRYPT_NONE )
    {
        if ( take_shadow(j, shadow, w, h, e) )
            return -1;
        j->usable = true;
    }
    else
    {
        if ( update(j, shadow, w, h, &st, &f.err, e) )
            return -1;
        if ( !f.err && j->a->mode == FBC_DECRYPT_HALF &&
             take_half(j, shadow, w, e) )
            return -1;
        f.stats = f.err ? NULL : &st;
    }

    if ( f.err )
    {
        j->r->unusable++;
        j->r->live = false;
        if ( !was_usable && !j->first_err )
            j->first_err = f.err;
    }
    j->last_err = f.err;
    if ( j->a->on_frame )
        j->a->on_frame(&f);

    return j->usable && !j->a->last
           ? fbc_sink_put(&j->sink, (uint32_t)f.number, time_ns, len,
                          picture(j), e) : 0;
}

static int read_stream(struct job *j, struct fbc_error *e)
{
    struct fbc_frame_in in;
    int rc;

    fbc_frame_in_begin(&in, STDIN_FILENO, j->a->stop);
    while ( (rc = fbc_frame_in_next(&in, e)) > 0 )
    {
        rc = one_frame(j, in.frame.time_ns, in.frame.data_len, in.pixels,
                       in.frame.width, in.frame.height, e);
        if ( rc )
            break;
    }
    fbc_frame_in_end(&in);

    return rc;
}

static int read_image(struct job *j, struct fbc_error *e)
{
    struct fbc_picture p = { 0 };
    uint8_t *shadow = NULL;
    uint32_t y;
    int rc = -1;

    if ( fbc_ppm_read(STDIN_FILENO, &p, "stdin", e) )
        goto out;
    shadow = malloc((size_t)p.width * p.height * 4);
    if ( !shadow )
    {
        fbc_fail(e, FBC_EXIT_ENV, "picture", "no memory");
        goto out;
    }
    for ( y = 0; y < p.height; y++ )
        fbc_picture_get_row(&p, y, shadow + (size_t)y * p.width * 4);
    rc = one_frame(j, 0, 0, shadow, p.width, p.height, e);

 out:
    free(shadow);
    fbc_picture_free(&p);
    return rc;
}

/* Why frames were of no use. */
static int explain(enum fbc_err err, const char *what, struct fbc_error *e)
{
    switch ( err )
    {
    case FBC_ERR_UNKEYED:
        fbc_fail(e, FBC_EXIT_NO, what, "not keyed yet: the screen is black");
        return fbc_hint(e, "set a key: fbc-wrapkey, then fbc-setkey or xl "
                        "fbcrypt-setkey");

    case FBC_ERR_AUTH:
        fbc_fail(e, FBC_EXIT_NO, what, "made with another session key, or "
                 "for another launch");
        return fbc_hint(e, "use the session key file of the last "
                        "fbc-wrapkey that was set");

    case FBC_ERR_WRONG_VM:
    case FBC_ERR_WRONG_VMM:
        return fbc_fail(e, FBC_EXIT_NO, what, "%s", fbc_strerror(err));

    default:
        fbc_fail_core(e, what, err);
        if ( err == FBC_ERR_MAGIC )
            fbc_hint(e, "is this a protected domain's screen? "
                     "--without-key shows what is in it");
        return -1;
    }
}

/* After all of the input: the answer. */
static int verdict(const struct job *j, struct fbc_error *e)
{
    const struct fbc_decrypt_result *r = j->r;

    if ( j->a->mode == FBC_DECRYPT_NONE )
        return 0;
    if ( r->counters_reused )
        return fbc_fail(e, FBC_EXIT_NO, "counters", "%llu reused, first "
                        "counter %llu of tile %u",
                        (unsigned long long)r->counters_reused,
                        (unsigned long long)j->s->nonces.counter,
                        j->s->nonces.tile);
    if ( j->last_err )
    {
        explain(j->last_err, "last frame", e);
        e->status = FBC_EXIT_NO;
        return -1;
    }
    if ( r->last_bad || r->last_pending )
        return fbc_fail(e, FBC_EXIT_NO, "last frame", "%u tiles do not "
                        "verify, %u are missing, of %u", r->last_bad,
                        r->last_pending, r->tiles);
    if ( j->a->live && !r->live )
    {
        fbc_fail(e, FBC_EXIT_NO, "last frame", "its manifest does not verify: "
                 "parts of the screen may be old");
        return fbc_hint(e, "a frame read while the screen changes is like "
                        "that, too: read more frames");
    }

    return 0;
}

static int decrypt_stream(struct job *j, struct fbc_error *e)
{
    int rc = j->a->image ? read_image(j, e) : read_stream(j, e);

    if ( rc )
        return -1;
    if ( !j->r->frames )
        return fbc_fail(e, FBC_EXIT_INPUT, "frame stream", "has no frames");
    if ( !j->usable )
        return explain(j->first_err, j->r->frames > 1 ? "frames" : "frame",
                       e);
    if ( j->a->last && fbc_sink_put(&j->sink, (uint32_t)j->r->frames, 0, 0,
                                    picture(j), e) )
        return -1;
    if ( fbc_sink_commit(&j->sink, e) )
        return -1;

    return verdict(j, e);
}

/* A picture must not take the place of the key or of the frames. */
static int check_output(const struct fbc_decrypt_args *a, struct fbc_error *e)
{
    int fd, rc;

    if ( a->sink != FBC_SINK_PPM && a->sink != FBC_SINK_Y4M )
        return 0;
    if ( fbc_outfile_not_input(a->path, STDIN_FILENO, e) )
        return -1;
    if ( !a->key )
        return 0;

    fd = open(a->key, O_RDONLY | O_CLOEXEC);
    if ( fd < 0 )
        return fbc_fail_errno(e, a->key);
    rc = fbc_outfile_not_input(a->path, fd, e);
    close(fd);

    return rc;
}

int fbc_decrypt_run(const struct fbc_decrypt_args *args,
                    struct fbc_decrypt_result *r, struct fbc_error *e)
{
    struct fbc_decrypt_args a = *args;
    struct job j = { .a = &a, .r = r };
    int rc = -1;

    memset(r, 0, sizeof(*r));
    if ( a.sink == FBC_SINK_PPM )
        a.last = true;
    j.sink.file.fd = -1;
    j.s = fbc_secret_alloc(sizeof(*j.s));
    if ( !j.s )
        return fbc_fail_errno(e, "memory");
    if ( a.mode != FBC_DECRYPT_NONE )
    {
        if ( fbc_keyfile_read(FBC_KEY_SESSION, a.key, j.s->file, e) )
            goto out;
        fbc_view_init(&j.s->view, j.s->file);
        j.s->view.recheck = true;
        fbc_noncecheck_init(&j.s->nonces, j.s->file);
    }
    if ( check_output(&a, e) ||
         fbc_sink_open(&j.sink, a.sink, a.path, a.fps, a.stop, e) )
        goto out;

    rc = decrypt_stream(&j, e);
    fbc_sink_abort(&j.sink);

 out:
    if ( a.mode != FBC_DECRYPT_NONE )
    {
        fbc_view_clear(&j.s->view);
        fbc_noncecheck_clear(&j.s->nonces);
    }
    fbc_picture_free(&j.screen);
    fbc_picture_free(&j.fresh);
    fbc_picture_free(&j.half);
    fbc_picture_free(&j.shadow);
    fbc_secret_free(j.s, sizeof(*j.s));
    return rc;
}
