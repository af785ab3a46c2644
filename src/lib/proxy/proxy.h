/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tenant's proxy: keeps a connection to a VNC server that shows a shadow,
 * verifies what it sends, and shows the screen to viewers, live or marked.
 *
 * Clipboards are not passed on, in either direction: the tenant's would go to
 * dom0, and dom0's into whatever the tenant pastes it.  With paste, a viewer's
 * is typed when its user presses Ctrl+Alt+Shift+V, sealed as all keys.  Nor is
 * the shape of a cursor, which would be a picture that nobody has sealed.
 *
 * Input goes sealed to the hypervisor (lib/input/sender.h), and never in the
 * clear unless that was asked for: a dom0 that swallows sealed input gets
 * nothing.  With it come challenges, so that the screen is live only while the
 * hypervisor answers; also with view_only, which passes no input on.
 *
 * Nothing here blocks, opens files or makes connections: see
 * lib/upstream/connector.h and lib/proxy/keyreader.h.
 */
#ifndef FBC_LIB_PROXY_H
#define FBC_LIB_PROXY_H

#include <poll.h>
#include <stdio.h>

#include "lib/input/keymap.h"
#include "lib/proxy/keyreader.h"
#include "lib/proxy/live.h"
#include "lib/upstream/connector.h"
#include "lib/viewers/viewers.h"
#include "lib/viewers/web.h"
#include "parse/text/keytext.h"

#define FBC_PROXY_POLLFDS (4 + FBC_VIEWERS_MAX + FBC_WEB_POLLFDS)

struct fbc_proxy;

struct fbc_proxy_opts {
    const char *name;               /* of the desktop begins with it */
    bool view_only;
    bool plain_input;               /* for dom0 to read, and no challenges */
    const struct fbc_keymap *keymap;    /* the guest's; NULL: plain_input, or
                                           view_only */
    bool by_keysym;                 /* as in lib/input/typist.h */
    bool paste;
    uint64_t cadence;               /* ns; 0: none.  While there are viewers */
    const char *server_password;    /* NULL: none */
    const char *viewer_password;    /* NULL: none */
    int listen_fd;                  /* stays the caller's, as these */
    struct fbc_connector *connector;
    bool person;                    /* who may be asked as it connects */
    struct fbc_keyreader *keyreader;
    /* Tells news, one line without newline; may be NULL. */
    void (*say)(void *arg, const char *text);
    /* The same, for news that nobody asked for. */
    void (*warn)(void *arg, const char *text);
    void *arg;
};

/* key: payload of the session key file. */
int FBC_MUST_CHECK
fbc_proxy_new(const struct fbc_proxy_opts *opts,
              const uint8_t key[static FBC_SESSION_FILE_LEN],
              struct fbc_proxy **p, struct fbc_error *e);
void fbc_proxy_free(struct fbc_proxy *p);

/* From now on who connects goes to w, which stays the caller's. */
void fbc_proxy_web(struct fbc_proxy *p, struct fbc_web *w);
/* struct fbc_web_opts.viewer, with the proxy as ctx. */
int fbc_proxy_viewer(void *proxy, int fd, bool web, bool greeted);

/* The loop: fill, poll() for at most timeout ms (-1: any time), run. */
size_t fbc_proxy_poll(struct fbc_proxy *p,
                      struct pollfd fds[static FBC_PROXY_POLLFDS]);
int fbc_proxy_timeout(const struct fbc_proxy *p);
/* -1: it cannot go on. */
int FBC_MUST_CHECK fbc_proxy_run(struct fbc_proxy *p,
                                 const struct pollfd *fds, size_t n,
                                 struct fbc_error *e);

/* Reads the session key file again. */
void fbc_proxy_reload(struct fbc_proxy *p);

enum fbc_live_state fbc_proxy_state(const struct fbc_proxy *p,
                                    char why[static FBC_LIVE_TEXT]);
/* The report of lib/proxy/proxystats.h; e NULL: all is well. */
void fbc_proxy_json(const struct fbc_proxy *p, FILE *f,
                    const struct fbc_error *e);

#endif /* FBC_LIB_PROXY_H */
