/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A malicious VNC server, for tests: a genuine shadow, keyed by a session key
 * file, and a dom0 that does with it what SCENARIO says, some time after the
 * client has seen an honest picture.
 *
 * usage: evilvnc [OPTION]... SESSION.key [SCENARIO]
 *
 * The first line on standard output is the port on 127.0.0.1; then lines
 * "client", "scenario" (it has begun) and what the client sends: "key DOWN
 * KEYSYM", "extkey DOWN KEYSYM KEYCODE", "pointer BUTTONS X Y", "text TEXT";
 * what sealed input gives the guest: "guest key DOWN CODE", "guest pos X Y
 * WHEEL"; and "slot N is free" when its sender has said goodbye.
 *
 * SIGUSR1: write the guest's true screen to the file of --truth.
 * SIGUSR2: draw something.  SIGHUP: read the key file again, new epoch.
 */
#include <err.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "evilrfb.h"

enum scenario {
    HONEST, TAMPER, FREEZE, TRUNCATE_HANG, TRUNCATE_CLOSE, FLOOD, HUGE,
    HUGE_INIT, HUGE_TEXT, BPP8, BPP16, JPEG, OUTSIDE, COPY, UNKNOWN, BELLS,
    RESIZE, REKEY, REBOOT, RESTART, SWALLOW, FULL,
};

static const struct {
    const char *name, *what;
    enum scenario scenario;
    enum tamper tamper;
} scenarios[] = {
    { "honest", "nothing", HONEST, 0 },
    { "flip-header", "one bit of it is wrong", TAMPER, TAMPER_HEADER },
    { "flip-cipher", "of a tile", TAMPER, TAMPER_CIPHER },
    { "flip-counter", "of its record", TAMPER, TAMPER_COUNTER },
    { "flip-flags", "of its record", TAMPER, TAMPER_FLAGS },
    { "flip-tag", "of its record", TAMPER, TAMPER_TAG },
    { "flip-manifest", "its ciphertext", TAMPER, TAMPER_MANIFEST },
    { "flip-manifest-counter", "", TAMPER, TAMPER_MANIFEST_COUNTER },
    { "flip-manifest-tag", "", TAMPER, TAMPER_MANIFEST_TAG },
    { "replay", "an old tile with its record", TAMPER, TAMPER_OLD_TILE },
    { "old-manifest", "and new tiles", TAMPER, TAMPER_OLD_MANIFEST },
    { "rollback", "the whole old picture", TAMPER, TAMPER_OLD_PICTURE },
    { "swap", "two tiles with their records", TAMPER, TAMPER_SWAP },
    { "freeze", "no more updates", FREEZE, 0 },
    { "truncate-hang", "half an update, then nothing", TRUNCATE_HANG, 0 },
    { "truncate-close", "half an update, then the end", TRUNCATE_CLOSE, 0 },
    { "flood", "tiny updates that nobody asked for", FLOOD, 0 },
    { "bells", "without end", BELLS, 0 },
    { "huge", "a screen of 8192x8192", HUGE, 0 },
    { "huge-init", "the same in ServerInit", HUGE_INIT, 0 },
    { "huge-text", "a clipboard text of 2 GB", HUGE_TEXT, 0 },
    { "bpp8", "one byte a pixel", BPP8, 0 },
    { "bpp16", "two bytes a pixel", BPP16, 0 },
    { "jpeg", "Tight with JPEG", JPEG, 0 },
    { "outside", "a rectangle outside the screen", OUTSIDE, 0 },
    { "copyrect", "which was not asked for", COPY, 0 },
    { "unknown", "a message that does not exist", UNKNOWN, 0 },
    { "resize", "honestly, to --to, with a new epoch", RESIZE, 0 },
    { "rekey", "honestly: a new epoch", REKEY, 0 },
    { "reboot", "honestly: connection cut, new epoch", REBOOT, 0 },
    { "restart", "honestly: connection cut, same epoch", RESTART, 0 },
    { "swallow", "dom0 keeps sealed input from the hypervisor", SWALLOW, 0 },
    { "full", "honestly: the guest takes no events", FULL, 0 },
};

#define HURRY 50                /* ms between manifests while input comes */

static struct {
    const char *truth, *key_file, *trigger;
    unsigned int after, every, heartbeat, draws, seconds;   /* ms but last */
    unsigned int to_w, to_h;
    enum scenario scenario;
    enum tamper tamper;
} o = { .after = 500, .heartbeat = 300, .seconds = 30,
        .to_w = 416, .to_h = 300 };

static struct evil shadow;
static struct fbc_cells cells;
static struct evil_client c = { .minor = 8, .shadow = &shadow, .fd = -1,
                                .enc = { .encoding = FBC_RFB_TIGHT } };

static bool happened;           /* the scenario has begun */
static volatile sig_atomic_t want_truth, want_draw, want_key;

static void on_signal(int sig)
{
    if ( sig == SIGUSR1 )
        want_truth = 1;
    else if ( sig == SIGUSR2 )
        want_draw = 1;
    else
        want_key = 1;
}

static void one_rect(const struct fbc_rect *r, int32_t encoding)
{
    rfb_update(&c.out, 1);
    rfb_rect_head(&c.out, r, encoding);
}

static void resize(void)
{
    evil_end(&shadow);
    evil_begin(&shadow, o.to_w, o.to_h);
    evil_client_resized(&c);
}

/* What is done once, after the client has seen an honest picture. */
static void happen(void)
{
    const struct fbc_rect all = { 0, 0, shadow.g.swidth, shadow.g.sheight };
    const struct fbc_rect one = { 0, 0, 1, 1 };
    size_t i;

    happened = true;
    puts("scenario");
    switch ( o.scenario )
    {
    case HONEST:
    case HUGE_INIT:
    case FLOOD:
    case BELLS:
        return;

    case TAMPER:
        shadow.tamper = o.tamper;
        evil_draw(&shadow);
        evil_seal(&shadow);
        return;

    case FREEZE:
        break;

    case TRUNCATE_HANG:
    case TRUNCATE_CLOSE:
        i = c.out.len;
        evil_draw(&shadow);
        evil_seal(&shadow);
        c.asked = true;
        evil_client_update(&c);
        c.out.len -= (c.out.len - i) / 2;
        c.closing = o.scenario == TRUNCATE_CLOSE;
        break;

    case HUGE:
        one_rect(&(struct fbc_rect){ 0, 0, 8192, 8192 }, FBC_RFB_DESKTOP_SIZE);
        break;

    case HUGE_TEXT:
        rfb_put32(&c.out, 3u << 24);
        rfb_put32(&c.out, 0x7fffffff);
        break;

    case BPP8:
    case BPP16:
        one_rect(&all, FBC_RFB_RAW);
        for ( i = 0; i < (size_t)all.w * all.h; i++ )
        {
            rfb_put8(&c.out, (unsigned int)i);
            if ( o.scenario == BPP16 )
                rfb_put8(&c.out, (unsigned int)i);
        }
        break;

    case JPEG:
        one_rect(&all, FBC_RFB_TIGHT);
        rfb_put8(&c.out, 0x90);
        rfb_tight_len(&c.out, 4);
        rfb_put32(&c.out, 0xffd8ffe0);
        break;

    case OUTSIDE:
        one_rect(&(struct fbc_rect){ (uint16_t)(all.w - 1), all.h - 1u, 2, 2 },
                 FBC_RFB_RAW);
        rfb_put(&c.out, "0123456789abcdef", 16);
        break;

    case COPY:
        one_rect(&one, FBC_RFB_COPYRECT);
        rfb_put32(&c.out, 0);
        break;

    case UNKNOWN:
        rfb_put8(&c.out, 150);
        break;

    case RESIZE:
        resize();
        return;

    case REKEY:
        evil_rekey(&shadow);
        evil_seal(&shadow);
        return;

    case REBOOT:
        evil_draw(&shadow);
        evil_rekey(&shadow);
        evil_seal(&shadow);
        evil_client_drop(&c);
        return;

    case RESTART:
        evil_client_drop(&c);
        return;

    case SWALLOW:
        shadow.swallow = true;
        return;

    case FULL:
        shadow.full = true;
        return;
    }
    c.mute = true;
}

/* As much as there is room for, again and again. */
static void pester(void)
{
    static uint32_t value;

    while ( c.out.len - c.out_pos < 4096 )
        if ( o.scenario == BELLS )
            rfb_put8(&c.out, 2);
        else
        {
            one_rect(&(struct fbc_rect){ 70, 5, 1, 1 }, FBC_RFB_RAW);
            rfb_put32(&c.out, value++);
        }
}

static bool is_time(void)
{
    if ( happened || !c.begun )
        return false;

    return o.trigger ? !access(o.trigger, F_OK)
                     : evil_now() - c.begun >= o.after;
}

static void serve(void)
{
    static uint64_t last_seal, last_draw;
    static unsigned int drawn;
    bool seal = evil_now() - last_seal >= o.heartbeat;

    if ( want_key )
    {
        want_key = 0;
        evil_key_file(&shadow, o.key_file);
        evil_rekey(&shadow);
        seal = true;
    }
    if ( want_draw ||
         (o.every && drawn < o.draws && evil_now() - last_draw >= o.every) )
    {
        drawn += !want_draw;
        want_draw = 0;
        evil_draw(&shadow);
        last_draw = evil_now();
        seal = true;
    }
    seal |= shadow.taken && evil_now() - last_seal >= HURRY;
    if ( seal )
    {
        evil_seal(&shadow);
        last_seal = evil_now();
    }
    if ( want_truth && o.truth )
        evil_truth(&shadow, o.truth);
    want_truth = 0;

    if ( c.fd < 0 || !c.ready || c.closing )
        return;
    if ( is_time() )
        happen();
    if ( c.fd < 0 || c.mute || c.out.len )
        return;
    if ( happened && (o.scenario == FLOOD || o.scenario == BELLS) )
        pester();
    else
        evil_client_update(&c);
}

static void run(int listener)
{
    const uint64_t end = evil_now() + o.seconds * 1000u;

    while ( evil_now() < end && (listener >= 0 || c.fd >= 0) )
    {
        struct pollfd p[2] = {
            { .fd = c.fd < 0 ? listener : -1, .events = POLLIN },
            { .fd = c.fd,
              .events = (short)(POLLIN | (c.out.len ? POLLOUT : 0)) },
        };

        serve();
        fflush(stdout);
        p[1].fd = c.fd;
        if ( c.fd >= 0 && c.out.len )
            p[1].events |= POLLOUT;
        if ( poll(p, 2, 10) < 0 )
            continue;
        if ( p[0].revents )
        {
            int fd = accept(listener, NULL, NULL);

            if ( fd >= 0 )
                evil_client_begin(&c, fd);
        }
        if ( p[1].revents & (POLLIN | POLLHUP | POLLERR) )
            evil_client_receive(&c);
        if ( c.fd >= 0 && c.out.len )
            evil_client_transmit(&c);
    }
}

static int listen_on(const char *path)
{
    struct sockaddr_un u = { .sun_family = AF_UNIX };
    struct sockaddr_in a = { .sin_family = AF_INET,
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(a);
    int fd = socket(path ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if ( path )
        snprintf(u.sun_path, sizeof(u.sun_path), "%s", path);
    if ( fd < 0 ||
         bind(fd, path ? (struct sockaddr *)&u : (struct sockaddr *)&a,
              path ? sizeof(u) : sizeof(a)) || listen(fd, 5) )
        err(4, "listen");
    if ( !path && getsockname(fd, (struct sockaddr *)&a, &len) )
        err(4, "getsockname");
    printf("%u\n", path ? 0 : ntohs(a.sin_port));
    fflush(stdout);

    return fd;
}

static void usage(void)
{
    size_t i;

    puts("usage: evilvnc [OPTION]... SESSION.key [SCENARIO]\n"
         "  --size WxH        the guest's screen (320x200)\n"
         "  --to WxH          after resize (416x300)\n"
         "  --encoding NAME   raw, hextile, zlib, tight (level 0), zrle\n"
         "  --minor N         of the protocol's version: 3, 7, 8\n"
         "  --password TEXT\n"
         "  --aead N          0 (no key set), 2, 3\n"
         "  --epoch N         the first one (1)\n"
         "  --tile N, --bit N which one is tampered with\n"
         "  --after MS        from first update to the scenario (500)\n"
         "  --trigger FILE    the scenario waits for it instead\n"
         "  --heartbeat MS    between manifests (300)\n"
         "  --every MS        draw, --draws N times\n"
         "  --truth FILE      for SIGUSR1\n"
         "  --lag N           show each picture N pictures later\n"
         "  --lose N          every Nth pointer position\n"
         "  --no-input        a hypervisor without sealed input\n"
         "  --console         and one that codes tiles\n"
         "  --unix PATH       listen there; --stdio: serve that one client\n"
         "  --seconds N       end after that time (30)\n"
         "Scenarios:");
    for ( i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++ )
        printf("  %-22s %s\n", scenarios[i].name, scenarios[i].what);
    exit(2);
}

static unsigned int number(const char *text)
{
    return (unsigned int)strtoul(text, NULL, 10);
}

static void encoding(const char *name)
{
    static const struct { const char *name; int32_t encoding; } all[] = {
        { "raw", FBC_RFB_RAW }, { "hextile", FBC_RFB_HEXTILE },
        { "zlib", FBC_RFB_ZLIB }, { "tight", FBC_RFB_TIGHT },
        { "zrle", FBC_RFB_ZRLE },
    };
    size_t i;

    for ( i = 0; i < sizeof(all) / sizeof(all[0]); i++ )
        if ( !strcmp(name, all[i].name) )
        {
            c.enc.encoding = all[i].encoding;
            return;
        }
    usage();
}

static void scenario(const char *name)
{
    size_t i;

    for ( i = 0; i < sizeof(scenarios) / sizeof(scenarios[0]); i++ )
        if ( !strcmp(name, scenarios[i].name) )
        {
            o.scenario = scenarios[i].scenario;
            o.tamper = scenarios[i].tamper;
            c.huge = o.scenario == HUGE_INIT;
            return;
        }
    usage();
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        { "size", 1, NULL, 's' }, { "to", 1, NULL, 'o' },
        { "encoding", 1, NULL, 'e' }, { "minor", 1, NULL, 'm' },
        { "password", 1, NULL, 'p' }, { "aead", 1, NULL, 'a' },
        { "epoch", 1, NULL, 'E' }, { "tile", 1, NULL, 't' },
        { "bit", 1, NULL, 'b' }, { "after", 1, NULL, 'A' },
        { "heartbeat", 1, NULL, 'h' }, { "every", 1, NULL, 'v' },
        { "draws", 1, NULL, 'd' }, { "truth", 1, NULL, 'T' },
        { "unix", 1, NULL, 'u' }, { "stdio", 0, NULL, 'i' },
        { "seconds", 1, NULL, 'S' }, { "lag", 1, NULL, 'L' },
        { "lose", 1, NULL, 'l' }, { "no-input", 0, NULL, 'n' },
        { "console", 0, NULL, 'C' }, { "trigger", 1, NULL, 'g' },
        { NULL, 0, NULL, 0 }
    };
    struct sigaction sa = { .sa_handler = on_signal };
    unsigned int w = 320, h = 200;
    const char *path = NULL;
    bool stdio = false;
    int opt;

    o.draws = UINT32_MAX;
    shadow.aead = FBC_AEAD_AES256_GCM;
    while ( (opt = getopt_long(argc, argv, "", options, NULL)) != -1 )
        switch ( opt )
        {
        case 's':
            if ( sscanf(optarg, "%ux%u", &w, &h) != 2 )
                usage();
            break;
        case 'o':
            if ( sscanf(optarg, "%ux%u", &o.to_w, &o.to_h) != 2 )
                usage();
            break;
        case 'e': encoding(optarg); break;
        case 'm': c.minor = number(optarg); break;
        case 'p': c.password = optarg; break;
        case 'a': shadow.aead = (enum fbc_aead_id)number(optarg); break;
        case 'E': shadow.epoch = number(optarg) - 1; break;
        case 't': shadow.tile = number(optarg); break;
        case 'b': shadow.bit = number(optarg); break;
        case 'A': o.after = number(optarg); break;
        case 'g': o.trigger = optarg; break;
        case 'h': o.heartbeat = number(optarg); break;
        case 'v': o.every = number(optarg); break;
        case 'd': o.draws = number(optarg); break;
        case 'T': o.truth = optarg; break;
        case 'u': path = optarg; break;
        case 'i': stdio = true; break;
        case 'L': shadow.lag = number(optarg); break;
        case 'l': shadow.lose = number(optarg); break;
        case 'n': shadow.no_input = true; break;
        case 'C': shadow.s.cells = &cells; break;
        case 'S': o.seconds = number(optarg); break;
        default: usage();
        }
    if ( argc - optind < 1 || argc - optind > 2 )
        usage();
    o.key_file = argv[optind];
    if ( argc - optind == 2 )
        scenario(argv[optind + 1]);

    sigaction(SIGUSR1, &sa, NULL);
    sigaction(SIGUSR2, &sa, NULL);
    sigaction(SIGHUP, &sa, NULL);
    alarm(o.seconds + 5);
    evil_key_file(&shadow, o.key_file);
    shadow.seed = 1;
    evil_begin(&shadow, w, h);
    if ( stdio )
    {
        const int fd = dup(STDIN_FILENO);

        if ( fd < 0 || !freopen("/dev/null", "w", stdout) )
            err(4, "standard output");
        close(STDIN_FILENO);
        evil_client_begin(&c, fd);
        run(-1);
    }
    else
        run(listen_on(path));
    if ( c.fd >= 0 )
        evil_client_drop(&c);
    evil_end(&shadow);

    return 0;
}
