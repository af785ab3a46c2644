/* SPDX-License-Identifier: GPL-2.0-only */
/* Sets up all that a proxy needs, in the order in which it is safe. */
#include "lib/proxy/proxyhost.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/keyfile.h"
#include "lib/base/passfile.h"
#include "lib/base/secmem.h"

#define CONNECT_MS   10000
#define VNC_PASSWORD 8u         /* characters: a DES key */

struct fbc_proxyhost_secrets {
    uint8_t key[FBC_SESSION_FILE_LEN];
    char password[FBC_PASSWORD_MAX], viewer_password[FBC_PASSWORD_MAX];
};

/* The processes come before the secrets, which they must not inherit. */
static int start(const struct fbc_proxyhost_args *a, struct fbc_listen *l,
                 struct fbc_proxyhost *h, struct fbc_error *e)
{
    const char *path = l->path[0] ? l->path : NULL;

    h->listen_fd = fbc_listen_open(l, e);
    if ( h->listen_fd < 0 )
        return -1;
    fbc_listen_text(l, h->where);
    if ( fbc_keyreader_start(a->key, path, &h->keyreader, e) )
    {
        if ( path )
            unlink(path);
        return -1;
    }

    return fbc_connector_start(&h->target, CONNECT_MS, &h->connector, e);
}

/* Of more than VNC looks at: then the shorter one is as good. */
static void warn_long(const struct fbc_proxyhost_args *a, const char *path,
                      const char *password)
{
    char text[200];

    if ( strlen(password) <= VNC_PASSWORD || !a->warn )
        return;
    snprintf(text, sizeof(text), "%.120s: VNC looks at the first %u of its %zu "
             "characters only", path, VNC_PASSWORD, strlen(password));
    a->warn(a->arg, text);
}

static int read_secrets(const struct fbc_proxyhost_args *a,
                        struct fbc_proxyhost *h,
                        struct fbc_error *e)
{
    struct fbc_proxyhost_secrets *s = fbc_secret_alloc(sizeof(*s));

    h->secrets = s;
    if ( !s )
        return fbc_fail_errno(e, "memory");

    if ( fbc_keyfile_read(FBC_KEY_SESSION, a->key, s->key, e) ||
         (a->password && fbc_passfile_read(a->password, s->password, e)) ||
         (a->viewer_password &&
          fbc_passfile_read(a->viewer_password, s->viewer_password, e)) )
        return -1;
    warn_long(a, a->password, s->password);
    warn_long(a, a->viewer_password, s->viewer_password);

    return 0;
}

static int make_proxy(const struct fbc_proxyhost_args *a,
                      struct fbc_proxyhost *h,
                      struct fbc_error *e)
{
    struct fbc_proxyhost_secrets *s = h->secrets;
    const struct fbc_proxy_opts o = {
        .name = h->target.text, .view_only = a->view_only,
        .plain_input = a->plain_input, .keymap = h->keymap,
        .by_keysym = a->keymap, .paste = a->paste,
        .cadence = a->cadence_ms * FBC_NS_PER_MS,
        .server_password = a->password ? s->password : NULL,
        .viewer_password = a->viewer_password ? s->viewer_password : NULL,
        .listen_fd = h->listen_fd, .connector = h->connector,
        .keyreader = h->keyreader, .say = a->say, .warn = a->warn,
        .arg = a->arg, .person = a->command,
    };

    if ( fbc_proxy_new(&o, s->key, &h->proxy, e) )
        return -1;
    fbc_wipe(s->key, sizeof(s->key));

    return 0;
}

static int make_web(const struct fbc_proxyhost_args *a,
                    const struct fbc_listen *l,
                    struct fbc_proxyhost *h, struct fbc_error *e)
{
    struct fbc_web_opts o = {
        .host = l->host, .port = l->port, .viewer = fbc_proxy_viewer,
        .ctx = h->proxy,
    };

    o.dir = h->web_dir = open(a->web, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if ( h->web_dir < 0 )
        return fbc_fail_errno(e, a->web);
    h->web = fbc_web_new(&o, e);
    if ( !h->web )
        return -1;
    fbc_web_url(h->web, h->url);
    fbc_proxy_web(h->proxy, h->web);

    return 0;
}

int fbc_proxyhost_open(const struct fbc_proxyhost_args *a,
                       struct fbc_proxyhost *h,
                  struct fbc_error *e)
{
    struct fbc_listen l;

    memset(h, 0, sizeof(*h));
    h->listen_fd = h->web_dir = -1;
    if ( fbc_listen_parse(a->listen, &l, e) )
        return -1;
    if ( a->web && l.path[0] )
        return fbc_fail(e, FBC_EXIT_USAGE, "--web", "browsers cannot use a "
                        "unix socket: --listen ADDRESS:PORT");
    if ( a->command ? fbc_target_exec(a->command, &h->target, e)
                    : fbc_target_parse(a->server, &h->target, e) )
        return -1;

    /* Its files are out of reach later. */
    if ( !a->plain_input && !a->view_only &&
         fbc_keymap_new(a->keymap ? a->keymap : "us", &h->keymap, e) )
        return -1;

    if ( start(a, &l, h, e) || read_secrets(a, h, e) ||
         make_proxy(a, h, e) || (a->web && make_web(a, &l, h, e)) )
        return -1;

    return fbc_confine(h->web_dir, &h->confined, e);
}

void fbc_proxyhost_close(struct fbc_proxyhost *h)
{
    fbc_web_free(h->web);
    fbc_proxy_free(h->proxy);
    fbc_keymap_free(h->keymap);
    fbc_connector_stop(h->connector);
    fbc_keyreader_stop(h->keyreader);
    fbc_secret_free(h->secrets, sizeof(*h->secrets));
    if ( h->listen_fd >= 0 )
        close(h->listen_fd);
    if ( h->web_dir >= 0 )
        close(h->web_dir);
}
