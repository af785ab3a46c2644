/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-vncproxy: a protected VM's screen for stock VNC viewers. */
#include "lib/cli.h"
#include "lib/confine.h"
#include "lib/io.h"
#include "lib/json.h"
#include "lib/keyfile.h"
#include "lib/listen.h"
#include "lib/passfile.h"
#include "lib/proxy.h"
#include "lib/secmem.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#define CONNECT_MS 10000

static const char help[] =
    "usage: fbc-vncproxy -k SESSION.key [OPTIONS] HOST:PORT|SOCKET\n"
    "       fbc-vncproxy -k SESSION.key [OPTIONS] --exec COMMAND\n"
    "\n"
    "Verify and decrypt the screen that a VNC server in dom0 shows, for "
    "viewers on\nthis machine.\n"
    "\n"
    "  -k, --key FILE          session key, from fbc-wrapkey\n"
    "  -l, --listen WHERE      ADDRESS:PORT or a path (127.0.0.1:5901)\n"
    "      --web DIR           serve noVNC from DIR on the same port\n"
    "      --view-only         pass no keys and no pointer on\n"
    "      --exec COMMAND      its standard input and output is the server\n"
    "      --password-file FILE         password of the VNC server\n"
    "      --viewer-password-file FILE  password for viewers\n"
    "  -j, --json              report on SIGUSR1 and at the end\n"
    "                          (fbcrypt/vncproxy/1)\n"
    FBC_CLI_HELP;

enum {
    OPT_WEB = FBC_CLI_LONG_BASE, OPT_VIEW_ONLY, OPT_EXEC, OPT_PASSWORD,
    OPT_VIEWER_PASSWORD,
};

static const struct option options[] = {
    { "key", required_argument, NULL, 'k' },
    { "listen", required_argument, NULL, 'l' },
    { "web", required_argument, NULL, OPT_WEB },
    { "view-only", no_argument, NULL, OPT_VIEW_ONLY },
    { "exec", required_argument, NULL, OPT_EXEC },
    { "password-file", required_argument, NULL, OPT_PASSWORD },
    { "viewer-password-file", required_argument, NULL, OPT_VIEWER_PASSWORD },
    { "json", no_argument, NULL, 'j' },
    FBC_CLI_LONG
};

struct args {
    const char *key, *listen, *web, *command, *server;
    const char *password, *viewer_password;
    bool view_only, json;
};

/* All that has to be closed again. */
struct proxy {
    struct fbc_listen listen;
    struct fbc_target target;
    int listen_fd, web_dir;
    struct fbc_keeper *keeper;
    struct fbc_connector *connector;
    struct fbc_proxy *proxy;
    struct fbc_web *web;
    struct secrets {
        uint8_t key[FBC_SESSION_FILE_LEN];
        char password[FBC_PASSWORD_MAX], viewer_password[FBC_PASSWORD_MAX];
    } *secrets;
};

static volatile sig_atomic_t stop, reload, report;

static void on_signal(int sig)
{
    if ( sig == SIGHUP )
        reload = 1;
    else if ( sig == SIGUSR1 )
        report = 1;
    else
        stop = 1;
}

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, struct args *a)
{
    int opt, rc;

    while ( (opt = getopt_long(argc, argv, ":k:l:j" FBC_CLI_SHORT, options,
                               NULL)) != -1 )
        switch ( opt )
        {
        case 'k': a->key = optarg; break;
        case 'l': a->listen = optarg; break;
        case 'j': a->json = true; break;
        case OPT_WEB: a->web = optarg; break;
        case OPT_VIEW_ONLY: a->view_only = true; break;
        case OPT_EXEC: a->command = optarg; break;
        case OPT_PASSWORD: a->password = optarg; break;
        case OPT_VIEWER_PASSWORD: a->viewer_password = optarg; break;
        default:
            if ( (rc = fbc_cli_option(opt, argv)) >= 0 )
                return rc;
        }

    if ( !a->key )
        return fbc_cli_usage("-k", "a session key is needed");
    if ( !strcmp(a->key, "-") )
        return fbc_cli_usage("-k -", "not from standard input: the file is "
                             "read again when the key changes");
    a->server = argv[optind];
    if ( !a->server == !a->command )
        return fbc_cli_usage("HOST:PORT, SOCKET, --exec",
                             "one of them is needed");
    if ( argc - optind > 1 )
        return fbc_cli_usage(argv[optind + 1], "unexpected argument");

    return -1;
}

static int parse_more(const struct args *a, struct proxy *p,
                      struct fbc_error *e)
{
    if ( fbc_listen_parse(a->listen, &p->listen, e) )
        return -1;
    if ( a->web && p->listen.path[0] )
        return fbc_fail(e, FBC_EXIT_USAGE, "--web", "browsers cannot use a "
                        "unix socket: --listen ADDRESS:PORT");

    return a->command ? fbc_target_exec(a->command, &p->target, e)
                      : fbc_target_parse(a->server, &p->target, e);
}

/* In this order: the processes must not inherit what is secret. */
static int start(const struct args *a, struct proxy *p, struct fbc_error *e)
{
    const char *path = p->listen.path[0] ? p->listen.path : NULL;

    p->listen_fd = fbc_listen_open(&p->listen, e);
    if ( p->listen_fd < 0 )
        return -1;
    if ( fbc_keeper_start(a->key, path, &p->keeper, e) )
    {
        if ( path )
            unlink(path);
        return -1;
    }

    return fbc_connector_start(&p->target, CONNECT_MS, &p->connector, e);
}

static int read_secrets(const struct args *a, struct proxy *p,
                        struct fbc_error *e)
{
    p->secrets = fbc_secret_alloc(sizeof(*p->secrets));
    if ( !p->secrets )
        return fbc_fail_errno(e, "memory");

    if ( fbc_keyfile_read(FBC_KEY_SESSION, a->key, p->secrets->key, e) ||
         (a->password &&
          fbc_passfile_read(a->password, p->secrets->password, e)) ||
         (a->viewer_password &&
          fbc_passfile_read(a->viewer_password, p->secrets->viewer_password,
                            e)) )
        return -1;

    return 0;
}

static void say(void *arg, const char *text)
{
    (void)arg;
    fbc_cli_say("%s", text);
}

static int make_web(const struct args *a, struct proxy *p,
                    struct fbc_error *e)
{
    const struct fbc_web_opts o = {
        .host = p->listen.host, .port = p->listen.port,
        .viewer = fbc_proxy_viewer, .ctx = p->proxy,
        .dir = p->web_dir = open(a->web, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
    };

    if ( p->web_dir < 0 )
        return fbc_fail_errno(e, a->web);
    p->web = fbc_web_new(&o, e);
    if ( !p->web )
        return -1;
    fbc_proxy_web(p->proxy, p->web);

    return 0;
}

static int make_proxy(const struct args *a, struct proxy *p,
                      struct fbc_error *e)
{
    struct secrets *s = p->secrets;
    char name[64];
    const struct fbc_proxy_opts o = {
        .name = name, .view_only = a->view_only,
        .server_password = a->password ? s->password : NULL,
        .viewer_password = a->viewer_password ? s->viewer_password : NULL,
        .listen_fd = p->listen_fd, .connector = p->connector,
        .keeper = p->keeper, .say = say,
    };

    snprintf(name, sizeof(name), "%.48s (fbcrypt)", p->target.text);
    if ( fbc_proxy_new(&o, s->key, &p->proxy, e) )
        return -1;
    fbc_wipe(s->key, sizeof(s->key));

    return a->web ? make_web(a, p, e) : 0;
}

static int confine(struct proxy *p, struct fbc_error *e)
{
    struct fbc_confined c;

    if ( fbc_confine(p->web_dir, &c, e) )
        return -1;
    if ( c.landlock )
        fbc_cli_say("confined: seccomp, Landlock %d", c.landlock_abi);
    else
        fbc_cli_say("confined: seccomp; this kernel has no Landlock");

    return 0;
}

/* Where viewers find it. */
static void announce(const struct args *a, const struct proxy *p)
{
    char where[FBC_LISTEN_TEXT], url[FBC_WEB_URL_TEXT] = "";
    struct fbc_json j;

    fbc_listen_text(&p->listen, where);
    if ( p->web )
        fbc_web_url(p->web, url);
    if ( a->json )
    {
        fbc_json_begin(&j, stdout, "fbcrypt/vncproxy-listen/1", true);
        fbc_json_str(&j, "listen", where);
        fbc_json_str(&j, "url", url[0] ? url : NULL);
        fbc_json_end(&j);
    }
    else
        printf("%s\n", url[0] ? url : where);
    fflush(stdout);
}

/* They are blocked, but for when they may come. */
static void catch_signals(sigset_t *open)
{
    static const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGUSR1 };
    struct sigaction sa = { .sa_handler = on_signal };
    sigset_t set;
    size_t i;

    sigemptyset(&set);
    for ( i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++ )
    {
        sigaction(sigs[i], &sa, NULL);
        sigaddset(&set, sigs[i]);
    }
    sigprocmask(SIG_BLOCK, &set, open);
}

/* ppoll() lets no signal in when there is something to do at once. */
static void let_signals_in(const sigset_t *open)
{
    sigset_t blocked;

    sigprocmask(SIG_SETMASK, open, &blocked);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static void tell(const struct args *a, const struct proxy *p,
                 const struct fbc_error *e)
{
    char why[FBC_LIVE_TEXT];
    enum fbc_live_state state = fbc_proxy_state(p->proxy, why);

    if ( a->json )
        fbc_proxy_json(p->proxy, stdout, e);
    else
        fbc_cli_say("%s%s%s", fbc_live_name(state), *why ? ": " : "", why);
    fflush(stdout);
}

static int loop(const struct args *a, struct proxy *p, struct fbc_error *e)
{
    struct pollfd fds[FBC_PROXY_POLLFDS];
    sigset_t open;
    int rc = 0;

    catch_signals(&open);
    while ( !rc && !stop )
    {
        size_t n = fbc_proxy_poll(p->proxy, fds);
        int ms = fbc_proxy_timeout(p->proxy);
        const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

        if ( ppoll(fds, n, ms < 0 ? NULL : &t, &open) < 0 && errno != EINTR )
            return fbc_fail_errno(e, "poll");
        let_signals_in(&open);
        if ( reload )
            fbc_proxy_reload(p->proxy);
        if ( report )
            tell(a, p, NULL);
        reload = report = 0;
        if ( !stop )
            rc = fbc_proxy_run(p->proxy, fds, n, e);
    }

    return rc;
}

static void end(struct proxy *p)
{
    fbc_web_free(p->web);
    fbc_proxy_free(p->proxy);
    fbc_connector_stop(p->connector);
    fbc_keeper_stop(p->keeper);
    fbc_secret_free(p->secrets, sizeof(*p->secrets));
    if ( p->listen_fd >= 0 )
        close(p->listen_fd);
    if ( p->web_dir >= 0 )
        close(p->web_dir);
}

int main(int argc, char **argv)
{
    struct args a = { .listen = "127.0.0.1:5901" };
    struct proxy p = { .listen_fd = -1, .web_dir = -1 };
    struct fbc_error e = { 0 };
    int rc;

    fbc_cli_start("fbc-vncproxy", help);
    rc = parse(argc, argv, &a);
    if ( rc >= 0 )
        return rc;

    rc = parse_more(&a, &p, &e) || start(&a, &p, &e) ||
         read_secrets(&a, &p, &e) || make_proxy(&a, &p, &e) ||
         confine(&p, &e);
    if ( !rc )
    {
        announce(&a, &p);
        rc = loop(&a, &p, &e);
        tell(&a, &p, rc ? &e : NULL);
    }
    end(&p);
    if ( rc )
        return fbc_cli_fail(&e);

    return fbc_cli_finish(FBC_EXIT_OK);
}
