/* SPDX-License-Identifier: GPL-2.0-only */
/* All viewers, and libvncserver's idea of the picture. */
#include "lib/viewers/viewers.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/random.h"
#include "lib/viewers/viewer.h"

#define GREETING_NS  (10 * FBC_NS_PER_S)    /* machines among themselves */
#define PERSON_NS    (300 * FBC_NS_PER_S)   /* who is asked for a password */
#define STALLED_NS   (20 * FBC_NS_PER_S)    /* without taking a byte */
#define BELL_NS      FBC_NS_PER_S           /* between two of them */

struct fbc_viewers {
    struct fbc_viewers_opts opts;
    struct fbc_viewers_stats stats;
    rfbScreenInfoPtr screen;
    char name[FBC_VIEWERS_NAME];
    char password[MAXPWLEN + 1];
    char *passwords[2];
    struct fbc_viewer *list[FBC_VIEWERS_MAX];   /* the first count */
    size_t count;
    uint64_t next_bell;
};

static void say_nothing(const char *format, ...)
{
    (void)format;
}

static void unused_key(void *arg, unsigned int who, bool down, uint32_t keysym,
                       uint32_t keycode)
{
    (void)arg, (void)who, (void)down, (void)keysym, (void)keycode;
}

static void unused_pointer(void *arg, unsigned int who, uint8_t buttons,
                           uint16_t x, uint16_t y)
{
    (void)arg, (void)who, (void)buttons, (void)x, (void)y;
}

/* One attempt a connection: libvncserver would allow any number. */
static rfbBool check_password(rfbClientPtr cl, const char *response, int len)
{
    struct fbc_viewer *v = cl->clientData;

    if ( rfbCheckPasswordByList(cl, response, len) )
        return TRUE;
    v->goodbye = v->dropped = true;

    return FALSE;
}

/* The format that almost all viewers want: nothing is converted for them. */
static void set_format(rfbScreenInfoPtr screen)
{
    screen->serverFormat.depth = 24;
    screen->serverFormat.redShift = 16;
    screen->serverFormat.greenShift = 8;
    screen->serverFormat.blueShift = 0;
}

static int no_memory(struct fbc_error *e)
{
    return fbc_fail(e, FBC_EXIT_ENV, "viewers", "no memory");
}

static int make_screen(struct fbc_viewers *v, uint8_t *picture,
                       uint32_t width, uint32_t height, struct fbc_error *e)
{
    rfbScreenInfoPtr s;

    rfbLog = rfbErr = say_nothing;
    s = v->screen = rfbGetScreen(NULL, NULL, (int)width, (int)height, 8, 3,
                                 4);
    if ( !s )
        return no_memory(e);

    s->frameBuffer = (char *)picture;
    set_format(s);
    s->desktopName = v->name;
    s->cursor = NULL;                   /* the guest draws its own */
    s->alwaysShared = TRUE;
    s->deferUpdateTime = 0;
    s->maxClientWait = 1;               /* ms; it never waits at all */
    if ( v->passwords[0] )
    {
        s->authPasswdData = v->passwords;
        s->passwordCheck = check_password;
    }

    return 0;
}

/*
 * Let the cipher and the random numbers of libvncserver's authentication set
 * themselves up while files can still be opened.
 */
static void warm_up(struct fbc_viewers *v)
{
    unsigned char challenge[CHALLENGESIZE];

    rfbRandomBytes(challenge);
    if ( v->passwords[0] )
        rfbEncryptBytes(challenge, v->passwords[0]);
}

/* libvncserver draws challenges from random(), seeded with the time. */
static void seed(void)
{
    struct fbc_error e;
    unsigned int s;

    if ( !fbc_random(&s, sizeof(s), &e) )
        srandom(s);
}

void fbc_viewers_name(struct fbc_viewers *v, const char *name)
{
    snprintf(v->name, sizeof(v->name), "%s", name);
}

int fbc_viewers_new(const struct fbc_viewers_opts *opts, uint8_t *picture,
                    uint32_t width, uint32_t height,
                    struct fbc_viewers **out, struct fbc_error *e)
{
    struct fbc_viewers *v = calloc(1, sizeof(*v));

    if ( !v )
        return no_memory(e);
    v->opts = *opts;
    if ( !v->opts.key )
        v->opts.key = unused_key;
    if ( !v->opts.pointer )
        v->opts.pointer = unused_pointer;
    fbc_viewers_name(v, opts->name ? opts->name : "");
    if ( opts->password )
    {
        memcpy(v->password, opts->password,
               strnlen(opts->password, MAXPWLEN));
        v->passwords[0] = v->password;
    }

    if ( make_screen(v, picture, width, height, e) )
    {
        fbc_viewers_free(v);
        return -1;
    }
    warm_up(v);
    *out = v;

    return 0;
}

void fbc_viewers_free(struct fbc_viewers *v)
{
    if ( !v )
        return;

    while ( v->count )
        fbc_viewer_free(v->list[--v->count]);
    if ( v->screen )
        rfbScreenCleanup(v->screen);
    explicit_bzero(v->password, sizeof(v->password));
    free(v);
}

static bool in_handshake(const struct fbc_viewer *v)
{
    return !v->encodings && (!v->cl || v->cl->state != RFB_NORMAL);
}

static void remove_viewer(struct fbc_viewers *v, size_t i)
{
    struct fbc_viewer *each = v->list[i];

    v->stats.dropped += each->dropped;
    memmove(v->list + i, v->list + i + 1,
            (--v->count - i) * sizeof(v->list[0]));
    fbc_viewer_free(each);
}

/* The list is in the order of their coming. */
static bool make_room(struct fbc_viewers *v)
{
    size_t i, found = v->count;

    for ( i = 0; i < v->count && found == v->count; i++ )
        if ( !v->list[i]->cl )
            found = i;
    for ( i = 0; i < v->count && found == v->count; i++ )
        if ( in_handshake(v->list[i]) )
            found = i;
    if ( found == v->count )
        return false;
    fbc_viewer_drop(v->list[found]);
    remove_viewer(v, found);

    return true;
}

/* There is one: the list is not full. */
static unsigned int free_number(const struct fbc_viewers *v)
{
    uint32_t used = 0;
    unsigned int i;

    for ( i = 0; i < v->count; i++ )
        used |= 1u << v->list[i]->who;
    for ( i = 0; used >> i & 1; i++ )
        ;

    return i;
}

int fbc_viewers_add(struct fbc_viewers *v, int fd, bool greeted)
{
    struct fbc_viewer *new;

    if ( v->count == FBC_VIEWERS_MAX && !make_room(v) )
    {
        close(fd);
        v->stats.refused++;
        return -1;
    }

    new = fbc_viewer_new(fd, greeted, free_number(v), &v->opts, &v->stats);
    if ( !new )
    {
        v->stats.refused++;
        return -1;
    }
    v->list[v->count++] = new;
    v->stats.accepted++;
    fbc_viewer_write(new);

    return 0;
}

unsigned int fbc_viewers_count(const struct fbc_viewers *v)
{
    return (unsigned int)v->count;
}

/* libvncserver marks all as changed, and knows who must be told the size. */
static void resize(struct fbc_viewers *v, uint8_t *picture, uint32_t width,
                   uint32_t height)
{
    size_t i;

    rfbNewFramebuffer(v->screen, (char *)picture, (int)width, (int)height, 8,
                      3, 4);
    set_format(v->screen);
    for ( i = 0; i < v->count; i++ )
    {
        struct fbc_viewer *each = v->list[i];

        if ( each->cl && !each->lost )
            v->screen->setTranslateFunction(each->cl);
        fbc_viewer_resized(each);
    }
}

void fbc_viewers_show(struct fbc_viewers *v, uint8_t *picture, uint32_t width,
                      uint32_t height, uint64_t since)
{
    const struct fbc_rect all = { 0, 0, (uint16_t)width, (uint16_t)height };

    if ( (uint32_t)v->screen->width != width ||
         (uint32_t)v->screen->height != height )
        resize(v, picture, width, height);
    v->screen->frameBuffer = (char *)picture;
    fbc_viewers_changed(v, &all, since);
}

void fbc_viewers_changed(struct fbc_viewers *v, const struct fbc_rect *r,
                         uint64_t since)
{
    size_t i;

    rfbMarkRectAsModified(v->screen, r->x, r->y, r->x + r->w, r->y + r->h);
    for ( i = 0; i < v->count; i++ )
        if ( !v->list[i]->since )
            v->list[i]->since = since;
}

void fbc_viewers_bell(struct fbc_viewers *v)
{
    static const uint8_t bell = rfbBell;
    uint64_t now = fbc_viewer_now(&v->opts);
    size_t i;

    if ( now < v->next_bell )
        return;
    v->next_bell = now + BELL_NS;
    for ( i = 0; i < v->count; i++ )
        if ( v->list[i]->encodings )
            fbc_viewer_say(v->list[i], &bell, 1);
}

size_t fbc_viewers_poll(const struct fbc_viewers *v, struct pollfd *fds)
{
    size_t i;

    for ( i = 0; i < v->count; i++ )
    {
        fds[i].events = fbc_viewer_events(v->list[i]);
        /* Else poll() would tell a hang-up again and again. */
        fds[i].fd = fds[i].events ? v->list[i]->fd : -1;
        fds[i].revents = 0;
    }

    return v->count;
}

/* Dead viewers are looked for often enough. */
int fbc_viewers_timeout(const struct fbc_viewers *v)
{
    return v->count ? 1000 : -1;
}

static bool overdue(const struct fbc_viewer *v, uint64_t now)
{
    if ( in_handshake(v) && now - v->step > (v->cl ? PERSON_NS : GREETING_NS) )
    {
        if ( v->cl && v->cl->state == RFB_AUTHENTICATION && v->opts->late )
            v->opts->late(v->opts->arg, now - v->step);
        return true;
    }

    return v->out_off < v->out_len && now - v->moved > STALLED_NS;
}

static void bury(struct fbc_viewers *v)
{
    uint64_t now = fbc_viewer_now(&v->opts);
    size_t i = 0;

    while ( i < v->count )
    {
        struct fbc_viewer *each = v->list[i];

        fbc_viewer_tidy(each, now);
        if ( overdue(each, now) )
            fbc_viewer_drop(each);
        if ( !each->dead )
        {
            i++;
            continue;
        }
        remove_viewer(v, i);
    }
}

void fbc_viewers_run(struct fbc_viewers *v, const struct pollfd *fds,
                     size_t n)
{
    size_t i;

    /* Only authentication draws random numbers, a message at a time. */
    if ( v->passwords[0] )
        seed();
    for ( i = 0; i < n && i < v->count; i++ )
        if ( v->list[i]->waits ||
             (fds[i].fd == v->list[i]->fd &&    /* one may have made room */
              fds[i].revents & (POLLIN | POLLHUP | POLLERR)) )
            fbc_viewer_read(v->list[i], v->screen);
    for ( i = 0; i < v->count; i++ )
    {
        fbc_viewer_update(v->list[i]);
        fbc_viewer_write(v->list[i]);
    }
    bury(v);
}

void fbc_viewers_stats(const struct fbc_viewers *v,
                       struct fbc_viewers_stats *stats)
{
    *stats = v->stats;
}
