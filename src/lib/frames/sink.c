/* SPDX-License-Identifier: GPL-2.0-only */
/* Where pictures go. */
#include "lib/frames/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a signal that ends the process must not leave behind. */
static struct {
    char dir[PATH_MAX], stage[PATH_MAX], name[PATH_MAX];
    size_t len;                         /* of name before the number */
    bool made_dir;
    volatile uint32_t first, last;      /* numbers, or 0 */
} staged;

static void remove_number(uint32_t n)
{
    char digits[10], *to = staged.name + staged.len;
    size_t len = 0;

    do
        digits[len++] = (char)('0' + n % 10);
    while ( (n /= 10) || len < 6 );
    while ( len )
        *to++ = digits[--len];
    memcpy(to, ".png", sizeof(".png"));
    unlink(staged.name);
}

/* In a signal handler: nothing is printed or allocated there. */
static void remove_staged(void)
{
    uint32_t n;

    for ( n = staged.first; n && n <= staged.last; n++ )
        remove_number(n);
    rmdir(staged.stage);
    if ( staged.made_dir )
        rmdir(staged.dir);
}

static void begin_stage(const struct fbc_sink *s)
{
    staged.first = staged.last = 0;
    staged.made_dir = s->made_dir;
    snprintf(staged.dir, sizeof(staged.dir), "%s", s->path);
    snprintf(staged.stage, sizeof(staged.stage), "%s", s->stage);
    staged.len = (size_t)snprintf(staged.name, sizeof(staged.name),
                                  "%s/frame-", s->stage);
    fbc_outfile_also(remove_staged);
}

/*
 * A hostile stream could ask for years of film.  A frame of an encrypted screen
 * is as long as its picture, and so earns as many repeats of it as a pause
 * takes at 60 a second; to others go a few, and what all share.
 */
#define NS_PER_S     UINT64_C(1000000000)
#define MAX_PAUSE_S  10
#define MAX_REPEATS  600u
#define FREE_REPEATS 10u
#define FILM_BYTES   (UINT64_C(1) << 30)

static int open_dir(struct fbc_sink *s, struct fbc_error *e)
{
    struct stat st;

    if ( !mkdir(s->path, 0777) )
        s->made_dir = true;
    else if ( errno != EEXIST )
        return fbc_fail_errno(e, s->path);
    else if ( stat(s->path, &st) )
        return fbc_fail_errno(e, s->path);
    else if ( !S_ISDIR(st.st_mode) )
        return fbc_fail(e, FBC_EXIT_INPUT, s->path, "is not a directory");

    if ( snprintf(s->stage, sizeof(s->stage), "%s/.fbc-XXXXXX", s->path) >=
         (int)sizeof(s->stage) )
        fbc_fail(e, FBC_EXIT_INPUT, s->path, "name is too long");
    else if ( mkdtemp(s->stage) )
    {
        begin_stage(s);
        return 0;
    }
    else
        fbc_fail_errno(e, s->path);

    s->stage[0] = 0;
    fbc_sink_abort(s);
    return -1;
}

int fbc_sink_open(struct fbc_sink *s, enum fbc_sink_kind kind,
                  const char *path, unsigned int fps,
                  const volatile int *stop, struct fbc_error *e)
{
    memset(s, 0, sizeof(*s));
    s->path = path;
    s->fps = fps;
    s->stop = stop;
    s->credit = FILM_BYTES;
    s->file.fd = -1;

    if ( kind == FBC_SINK_PNG && open_dir(s, e) )
        return -1;
    if ( (kind == FBC_SINK_PPM || kind == FBC_SINK_Y4M) &&
         fbc_outfile_open(&s->file, path, e) )
        return -1;
    s->kind = kind;

    return 0;
}

static void stage_name(const struct fbc_sink *s, uint32_t frame,
                       char name[static PATH_MAX])
{
    snprintf(name, PATH_MAX, "%s/frame-%06u.png", s->stage, frame);
}

static int put_png(struct fbc_sink *s, uint32_t frame,
                   const struct fbc_picture *p, struct fbc_error *e)
{
    char name[PATH_MAX];
    int fd, rc;

    if ( s->count == s->cap )
    {
        size_t cap = s->cap ? s->cap * 2 : 64;
        uint32_t *n = realloc(s->frames, cap * sizeof(*n));

        if ( !n )
            return fbc_fail_errno(e, s->path);
        s->frames = n;
        s->cap = cap;
    }

    stage_name(s, frame, name);
    staged.last = frame;
    if ( !staged.first )
        staged.first = frame;
    fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if ( fd < 0 )
        return fbc_fail_errno(e, s->path);
    s->frames[s->count++] = frame;
    rc = fbc_png_write(fd, p, s->path, e);
    if ( close(fd) && !rc )
        rc = fbc_fail_errno(e, s->path);

    return rc;
}

/* Writes the held picture as often as it stands before this place. */
static int y4m_until(struct fbc_sink *s, uint64_t slot, const char *name,
                     struct fbc_error *e)
{
    uint64_t first = s->next;

    for ( ; s->next < slot; s->next++ )
    {
        if ( s->next > first && s->stop && *s->stop )
            break;
        if ( fbc_y4m_frame(s->file.fd, &s->held, name, e) )
            return -1;
    }

    return 0;
}

/* The place in the film that comes so long after the picture before. */
static uint64_t y4m_slot(struct fbc_sink *s, uint64_t pause, size_t len)
{
    uint64_t size = (uint64_t)s->width * s->height * 3;
    uint64_t slot, most;

    if ( pause > MAX_PAUSE_S * NS_PER_S )
        pause = MAX_PAUSE_S * NS_PER_S;
    s->film_ns += pause;
    slot = (s->film_ns * s->fps + NS_PER_S / 2) / NS_PER_S;
    s->credit += (uint64_t)len * MAX_REPEATS + size * FREE_REPEATS;
    if ( slot <= s->next )
        return slot;

    most = s->credit / size;
    if ( most > MAX_REPEATS )
        most = MAX_REPEATS;
    if ( slot > s->next + most )
    {
        slot = s->next + most;
        s->film_ns = slot * NS_PER_S / s->fps;
    }
    s->credit -= (slot - s->next) * size;

    return slot;
}

static int put_y4m(struct fbc_sink *s, uint64_t time_ns, size_t len,
                   const struct fbc_picture *p, struct fbc_error *e)
{
    const char *name = s->file.is_stdout ? "stdout" : s->path;
    uint64_t pause;

    if ( !s->width )
    {
        if ( fbc_y4m_begin(s->file.fd, p, s->fps, name, e) )
            return -1;
        s->width = p->width;
        s->height = p->height;
    }
    if ( p->width != s->width || p->height != s->height )
    {
        fbc_fail(e, FBC_EXIT_INPUT, name, "the screen changed from %u x %u "
                 "to %u x %u, which Y4M cannot", s->width, s->height,
                 p->width, p->height);
        return fbc_hint(e, "use --png, or cut the stream there");
    }

    /* Joined streams follow each other at the film's own pace. */
    pause = !s->held.rgb ? 0 : time_ns < s->time_ns ? 1000000000 / s->fps
            : time_ns - s->time_ns;
    s->time_ns = time_ns;
    if ( y4m_until(s, y4m_slot(s, pause, len), name, e) ||
         fbc_picture_size(&s->held, p->width, p->height, e) )
        return -1;
    memcpy(s->held.rgb, p->rgb, (size_t)p->width * p->height * 3);

    return 0;
}

int fbc_sink_put(struct fbc_sink *s, uint32_t frame,
                 uint64_t time_ns, size_t len, const struct fbc_picture *p,
                 struct fbc_error *e)
{
    switch ( s->kind )
    {
    case FBC_SINK_NONE: return 0;
    case FBC_SINK_PNG:  return put_png(s, frame, p, e);
    case FBC_SINK_Y4M:  return put_y4m(s, time_ns, len, p, e);
    case FBC_SINK_PPM:
        return fbc_ppm_write(s->file.fd, p,
                             s->file.is_stdout ? "stdout" : s->path, e);
    }

    return 0;
}

int fbc_sink_commit(struct fbc_sink *s, struct fbc_error *e)
{
    char from[PATH_MAX], to[PATH_MAX];
    size_t i;

    if ( s->kind == FBC_SINK_Y4M )
    {
        if ( s->held.rgb &&
             y4m_until(s, s->next + 1, s->file.is_stdout ? "stdout" : s->path,
                       e) )
            return -1;
        fbc_picture_free(&s->held);
    }
    if ( s->kind == FBC_SINK_PPM || s->kind == FBC_SINK_Y4M )
        return fbc_outfile_commit(&s->file, true, e);
    if ( s->kind != FBC_SINK_PNG )
        return 0;

    for ( i = 0; i < s->count; i++ )
    {
        stage_name(s, s->frames[i], from);
        snprintf(to, sizeof(to), "%.*s/frame-%06u.png", PATH_MAX - 64,
                 s->path, s->frames[i]);
        if ( rename(from, to) )
        {
            fbc_fail_errno(e, to);
            fbc_sink_abort(s);
            return -1;
        }
    }
    s->made_dir = false;
    s->count = 0;
    fbc_sink_abort(s);

    return 0;
}

void fbc_sink_abort(struct fbc_sink *s)
{
    char name[PATH_MAX];
    size_t i;

    for ( i = 0; i < s->count; i++ )
    {
        stage_name(s, s->frames[i], name);
        unlink(name);
    }
    if ( s->stage[0] )
    {
        rmdir(s->stage);
        fbc_outfile_also(NULL);
    }
    if ( s->made_dir )
        rmdir(s->path);
    if ( s->kind == FBC_SINK_PPM || s->kind == FBC_SINK_Y4M )
        fbc_outfile_abort(&s->file);
    fbc_picture_free(&s->held);
    free(s->frames);
    memset(s, 0, sizeof(*s));
    s->file.fd = -1;
}
