/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-vncproxy: a protected VM's screen for stock VNC viewers. */
#include "lib/base/cli.h"
#include "lib/base/json.h"
#include "lib/proxy/proxyhost.h"

#include <errno.h>
#include <signal.h>

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
    "      --keymap LAYOUT     the guest's keyboard, as de or ch:fr (us)\n"
    "      --paste             Ctrl+Alt+Shift+V types a viewer's clipboard\n"
    "      --input-cadence MS  one record of input so often, to hide rhythm\n"
    "      --plain-input       dom0 may read and make keys and pointer\n"
    "      --exec COMMAND      its standard input and output is the server\n"
    "      --password-file FILE         password of the VNC server\n"
    "      --viewer-password-file FILE  password for viewers\n"
    "  -j, --json              report on SIGUSR1 and at the end\n"
    "                          (fbcrypt/vncproxy/1)\n"
    FBC_CLI_HELP;

enum {
    OPT_WEB = FBC_CLI_LONG_BASE, OPT_VIEW_ONLY, OPT_EXEC, OPT_PASSWORD,
    OPT_VIEWER_PASSWORD, OPT_KEYMAP, OPT_CADENCE, OPT_PLAIN,
    OPT_PASTE,
};

static const struct option options[] = {
    { "key", required_argument, NULL, 'k' },
    { "listen", required_argument, NULL, 'l' },
    { "web", required_argument, NULL, OPT_WEB },
    { "view-only", no_argument, NULL, OPT_VIEW_ONLY },
    { "keymap", required_argument, NULL, OPT_KEYMAP },
    { "input-cadence", required_argument, NULL, OPT_CADENCE },
    { "paste", no_argument, NULL, OPT_PASTE },
    { "plain-input", no_argument, NULL, OPT_PLAIN },
    { "exec", required_argument, NULL, OPT_EXEC },
    { "password-file", required_argument, NULL, OPT_PASSWORD },
    { "viewer-password-file", required_argument, NULL, OPT_VIEWER_PASSWORD },
    { "json", no_argument, NULL, 'j' },
    FBC_CLI_LONG
};

struct args {
    struct fbc_proxyhost_args host;
    bool json;
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
    struct fbc_proxyhost_args *h = &a->host;
    unsigned long ms;
    int opt, rc;

    while ( (opt = getopt_long(argc, argv, ":k:l:j" FBC_CLI_SHORT, options,
                               NULL)) != -1 )
        switch ( opt )
        {
        case 'k': h->key = optarg; break;
        case 'l': h->listen = optarg; break;
        case 'j': a->json = true; break;
        case OPT_WEB: h->web = optarg; break;
        case OPT_VIEW_ONLY: h->view_only = true; break;
        case OPT_KEYMAP: h->keymap = optarg; break;
        case OPT_PASTE: h->paste = true; break;
        case OPT_PLAIN: h->plain_input = true; break;
        case OPT_CADENCE:
            if ( fbc_cli_number("--input-cadence", optarg, 5, 1000, &ms) )
                return FBC_EXIT_USAGE;
            h->cadence_ms = (unsigned int)ms;
            break;
        case OPT_EXEC: h->command = optarg; break;
        case OPT_PASSWORD: h->password = optarg; break;
        case OPT_VIEWER_PASSWORD: h->viewer_password = optarg; break;
        default:
            if ( (rc = fbc_cli_option(opt, argv)) >= 0 )
                return rc;
        }

    if ( !h->key )
        return fbc_cli_usage("-k", "a session key is needed");
    if ( !strcmp(h->key, "-") )
        return fbc_cli_usage("-k -", "not from standard input: the file is "
                             "read again when the key changes");
    if ( h->plain_input && (h->keymap || h->cadence_ms || h->paste) )
        return fbc_cli_usage("--plain-input", "not with --keymap, --paste and "
                             "--input-cadence, which are of sealed input");
    if ( h->view_only && (h->keymap || h->paste) )
        return fbc_cli_usage("--view-only", "not with --keymap and --paste: "
                             "no keys are passed on");
    h->server = argv[optind];
    if ( !h->server == !h->command )
        return fbc_cli_usage("HOST:PORT, SOCKET, --exec",
                             "one of them is needed");
    if ( argc - optind > 1 )
        return fbc_cli_usage(argv[optind + 1], "unexpected argument");

    return -1;
}

static void say(void *arg, const char *text)
{
    (void)arg;
    fbc_cli_say("%s", text);
}

static void warn(void *arg, const char *text)
{
    (void)arg;
    fbc_cli_warn("%s", text);
}

/* Where viewers find it, on the first line: nobody else knows. */
static int announce(const struct args *a, const struct fbc_proxyhost *h,
                    struct fbc_error *e)
{
    struct fbc_json j;

    if ( h->confined.landlock )
        fbc_cli_say("confined: seccomp, Landlock %d",
                    h->confined.landlock_abi);
    else
        fbc_cli_say("confined: seccomp; this kernel has no Landlock");

    if ( a->json )
    {
        fbc_json_begin(&j, stdout, "fbcrypt/vncproxy-listen/1", true);
        fbc_json_str(&j, "listen", h->where);
        fbc_json_str(&j, "url", h->url[0] ? h->url : NULL);
        fbc_json_end(&j);
    }
    else
        printf("%s\n", h->url[0] ? h->url : h->where);

    return fbc_cli_flush(e);
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

static void tell(const struct args *a, const struct fbc_proxy *p,
                 const struct fbc_error *e)
{
    char why[FBC_LIVE_TEXT];
    enum fbc_live_state state = fbc_proxy_state(p, why);

    if ( a->json )
        fbc_proxy_json(p, stdout, e);
    else
        fbc_cli_say("%s%s%s", fbc_live_name(state), *why ? ": " : "", why);
    fflush(stdout);
}

static int loop(const struct args *a, struct fbc_proxyhost *h,
                struct fbc_error *e)
{
    struct pollfd fds[FBC_PROXY_POLLFDS];
    struct fbc_proxy *p = h->proxy;
    sigset_t open;
    int rc = 0;

    catch_signals(&open);
    /* Whoever reads that may send signals. */
    if ( announce(a, h, e) )
        return -1;
    while ( !rc && !stop )
    {
        size_t n = fbc_proxy_poll(p, fds);
        int ms = fbc_proxy_timeout(p);
        const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

        if ( ppoll(fds, n, ms < 0 ? NULL : &t, &open) < 0 && errno != EINTR )
            return fbc_fail_errno(e, "poll");
        let_signals_in(&open);
        if ( reload )
            fbc_proxy_reload(p);
        if ( report )
            tell(a, p, NULL);
        reload = report = 0;
        if ( !stop )
            rc = fbc_proxy_run(p, fds, n, e);
    }

    return rc;
}

int main(int argc, char **argv)
{
    struct args a = { .host = { .listen = "127.0.0.1:5901", .say = say,
                               .warn = warn } };
    struct fbc_error e = { 0 };
    struct fbc_proxyhost h;
    int rc;

    fbc_cli_start("fbc-vncproxy", help);
    rc = parse(argc, argv, &a);
    if ( rc >= 0 )
        return rc;

    rc = fbc_proxyhost_open(&a.host, &h, &e);
    if ( !rc )
    {
        rc = loop(&a, &h, &e);
        tell(&a, h.proxy, rc ? &e : NULL);
    }
    fbc_proxyhost_close(&h);
    if ( rc )
        return fbc_cli_fail(&e);

    return fbc_cli_finish(FBC_EXIT_OK);
}
