/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Inside of the proxy: proxy.c ties, proxy_link.c connects, proxy_screen.c
 * verifies and paints, proxy_keys.c types, proxy_input.c seals and sends that,
 * proxy_plain.c passes it on in the clear, proxy_say.c tells.
 */
#ifndef FBC_LIB_PROXY_INT_H
#define FBC_LIB_PROXY_INT_H

#include "lib/input/sender.h"
#include "lib/input/typist.h"
#include "lib/proxy/proxy.h"
#include "lib/proxy/proxystats.h"
#include "lib/upstream/upstream.h"
#include "parse/shadow/launched.h"

#define PROXY_KEYS 32               /* that can be down at the guest */

struct fbc_proxy {
    struct fbc_proxy_opts o;
    struct fbc_viewers *viewers;
    struct fbc_web *web;
    struct fbc_proxystats stats;
    struct fbc_live live;
    uint64_t now;                   /* since poll() */
    size_t n_viewers, n_web;        /* in the pollfds */

    /* The key and the screen. */
    struct secret {
        struct fbc_view view;
        struct fbc_sender sender;   /* of sealed input */
        struct fbc_typist typist;
        uint8_t clip[FBC_VIEWERS_TEXT];     /* the newest clipboard */
        size_t clip_len;
        uint8_t paste[FBC_VIEWERS_TEXT];    /* what is being typed */
        size_t paste_len, pasted;
        uint8_t key[FBC_SESSION_FILE_LEN], fresh[FBC_SESSION_FILE_LEN];
    } *s;                           /* in secret memory */
    uint8_t *screen;                /* blue, green, red, 0: as verified */
    uint8_t *dimmed;                /* the same with the mark */
    uint32_t width, height;
    bool marked;
    char text[FBC_LIVE_TEXT];       /* of the mark */

    /* The connection. */
    struct fbc_upstream *up;        /* NULL: none */
    bool ready;
    uint64_t began, first;          /* the connection; its first byte */
    uint64_t heard, bytes;          /* last sign of life, bytes_in then */
    bool pinged;
    uint64_t next_try, pause;
    struct fbc_error refusal;       /* the last one */
    unsigned int refusals;          /* of its kind, in a row */
    uint64_t next_key;              /* the file is not read before */
    bool loose;                     /* it had a key that is not taken */

    bool warned;                    /* that sealed input does not work */
    bool lift;                      /* modifiers, before the first key */

    /* Keys that the guest holds for pressed, in the clear; buttons. */
    struct {
        uint32_t keysym, keycode;
    } keys[PROXY_KEYS];
    size_t nkeys;
    uint8_t buttons;                /* of all viewers */
    uint8_t viewer_buttons[FBC_VIEWERS_MAX];
};

/* proxy_say.c: one line to the options' say(), if there is one. */
void proxy_say(const struct fbc_proxy *p, const char *format, ...)
    __attribute__((__format__(printf, 2, 3)));

/* proxy_link.c */
void proxy_link_init(struct fbc_proxy *p);
void proxy_link_end(struct fbc_proxy *p);
short proxy_link_events(const struct fbc_proxy *p);
/* ns until there is something to do; UINT64_MAX: never. */
uint64_t proxy_link_timeout(const struct fbc_proxy *p, uint64_t now);
int FBC_MUST_CHECK proxy_link_run(struct fbc_proxy *p, short connector,
                                  short upstream, struct fbc_error *e);

/*
 * struct fbc_viewers_opts.key and .pointer, of proxy_plain.c, and of
 * proxy_keys.c and proxy_input.c.
 */
void proxy_plain_key(void *proxy, unsigned int who, bool down,
                     uint32_t keysym, uint32_t keycode);
void proxy_plain_pointer(void *proxy, unsigned int who, uint8_t buttons,
                         uint16_t x, uint16_t y);
void proxy_input_key(void *proxy, unsigned int who, bool down,
                     uint32_t keysym, uint32_t keycode);
void proxy_input_pointer(void *proxy, unsigned int who, uint8_t buttons,
                         uint16_t x, uint16_t y);
/* .busy: more than that is typed cannot wait, and some has just been taken. */
bool proxy_input_busy(void *proxy);

/* Types events of the typist's; false: there is nothing. */
bool proxy_input_type(struct fbc_proxy *p, unsigned int who, bool down,
                      uint32_t keysym, uint32_t keycode);
bool proxy_input_room(const struct fbc_proxy *p);
void proxy_input_release(struct fbc_proxy *p);

/* proxy_keys.c: .text; and types on what is pasted. */
void proxy_paste_text(void *proxy, const uint8_t *text, size_t len);
void proxy_paste_more(struct fbc_proxy *p);
static inline bool proxy_pasting(const struct fbc_proxy *p)
{
    return p->s->pasted < p->s->paste_len;
}

/* proxy_input.c; with plain_input they do nothing. */
void proxy_input_init(struct fbc_proxy *p);
/* Another session key; another epoch; another connection to the server. */
void proxy_input_session(struct fbc_proxy *p);
void proxy_input_epoch(struct fbc_proxy *p);
void proxy_input_connected(struct fbc_proxy *p);
/* A manifest has verified. */
void proxy_input_manifest(struct fbc_proxy *p, const struct fbc_manifest *m);
/* Hands what is due to the connection. */
void proxy_input_send(struct fbc_proxy *p);
/* ns until something is; UINT64_MAX: not by itself. */
uint64_t proxy_input_timeout(const struct fbc_proxy *p, uint64_t now);
/* Says goodbye to the hypervisor. */
void proxy_input_end(struct fbc_proxy *p);

/* proxy_screen.c */
int FBC_MUST_CHECK proxy_screen_init(struct fbc_proxy *p,
                                     const struct fbc_viewers_opts *v,
                                     struct fbc_error *e);
void proxy_screen_end(struct fbc_proxy *p);
/* The picture has changed. */
void proxy_screen_take(struct fbc_proxy *p);
/* The mark comes, goes, or says something else. */
void proxy_screen_mark(struct fbc_proxy *p);
/* What is known of the guest's launch: of the epoch, else of the key file. */
void proxy_screen_launch(const struct fbc_proxy *p,
                         char text[static FBC_LAUNCHED_TEXT]);
void proxy_screen_key(struct fbc_proxy *p,
                      const uint8_t key[static FBC_SESSION_FILE_LEN]);

#endif /* FBC_LIB_PROXY_INT_H */
