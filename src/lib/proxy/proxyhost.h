/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All that a proxy needs around it: its socket, the processes that do what it
 * must not, the secrets, the web side, and the cage.
 */
#ifndef FBC_LIB_PROXYHOST_H
#define FBC_LIB_PROXYHOST_H

#include "lib/proxy/confine.h"
#include "lib/proxy/proxy.h"
#include "lib/viewers/listen.h"

struct fbc_proxyhost_args {
    const char *key;                /* session key file */
    const char *listen;             /* as in lib/viewers/listen.h */
    const char *server;             /* as in lib/upstream/connector.h; */
    const char *command;            /* or this one: one of them is NULL */
    const char *web;                /* directory of noVNC; NULL: none */
    const char *password, *viewer_password;     /* files; NULL: none */
    bool view_only, plain_input;
    const char *keymap;             /* the guest's layout; NULL: us, and keys
                                       go by their places */
    bool paste;
    unsigned int cadence_ms;        /* of sealed input; 0: none */
    void (*say)(void *arg, const char *text);   /* as in lib/proxy/proxy.h */
    void (*warn)(void *arg, const char *text);
    void *arg;
};

struct fbc_proxyhost {
    struct fbc_proxy *proxy;
    char where[FBC_LISTEN_TEXT];    /* viewers connect */
    char url[FBC_WEB_URL_TEXT];     /* for browsers; "": none */
    struct fbc_confined confined;

    struct fbc_target target;
    int listen_fd, web_dir;
    struct fbc_keymap *keymap;
    struct fbc_keyreader *keyreader;
    struct fbc_connector *connector;
    struct fbc_web *web;
    struct fbc_proxyhost_secrets *secrets;
};

/*
 * On success the process is confined for good.  fbc_proxyhost_close() also
 * after a failure.
 */
int FBC_MUST_CHECK fbc_proxyhost_open(const struct fbc_proxyhost_args *a,
                                 struct fbc_proxyhost *h, struct fbc_error *e);
void fbc_proxyhost_close(struct fbc_proxyhost *h);

#endif /* FBC_LIB_PROXYHOST_H */
