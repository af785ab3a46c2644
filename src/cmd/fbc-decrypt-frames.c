/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-decrypt-frames: verify and decrypt what fbc-dumpvfb saw. */
#include "lib/base/cli.h"
#include "lib/base/io.h"
#include "lib/frames/decrypt.h"
#include "parse/shadow/launched.h"

#include <unistd.h>

static const char help[] =
    "usage: fbc-decrypt-frames -k SESSION.key [OPTIONS] < frames\n"
    "       fbc-decrypt-frames --without-key [OPTIONS] < frames\n"
    "\n"
    "Verify and decrypt a frame stream; without an output option only "
    "verify.\n"
    "\n"
    "  -k, --key FILE          session key, from fbc-wrapkey\n"
    "      --without-key       show what dom0 sees\n"
    "      --half              decrypt the upper half only\n"
    "      --image             standard input is one PPM picture of the "
    "screen\n"
    "      --png DIR           write DIR/frame-000001.png and so on\n"
    "      --ppm               write the last frame as PPM\n"
    "      --y4m               write a YUV4MPEG2 stream\n"
    "      --fps N             frames a second, for --y4m (10)\n"
    "      --last              write the last frame only\n"
    "  -o, --output FILE       for --ppm and --y4m, instead of stdout\n"
    "      --live              fail unless the last screen is all current\n"
    "  -c, --check-counters    fail if a nonce was used twice\n"
    "  -j, --json              print a summary (fbcrypt/decrypt-frames/1)\n"
    FBC_CLI_HELP;

enum {
    OPT_WITHOUT_KEY = FBC_CLI_LONG_BASE, OPT_HALF, OPT_IMAGE, OPT_PNG,
    OPT_PPM, OPT_Y4M, OPT_FPS, OPT_LAST, OPT_LIVE,
};

static const struct option options[] = {
    { "key", required_argument, NULL, 'k' },
    { "without-key", no_argument, NULL, OPT_WITHOUT_KEY },
    { "half", no_argument, NULL, OPT_HALF },
    { "image", no_argument, NULL, OPT_IMAGE },
    { "png", required_argument, NULL, OPT_PNG },
    { "ppm", no_argument, NULL, OPT_PPM },
    { "y4m", no_argument, NULL, OPT_Y4M },
    { "fps", required_argument, NULL, OPT_FPS },
    { "last", no_argument, NULL, OPT_LAST },
    { "live", no_argument, NULL, OPT_LIVE },
    { "output", required_argument, NULL, 'o' },
    { "check-counters", no_argument, NULL, 'c' },
    { "json", no_argument, NULL, 'j' },
    FBC_CLI_LONG
};

#define DEFAULT_FPS 10u

struct args {
    struct fbc_decrypt_args d;
    unsigned int outputs;           /* --png, --ppm, --y4m given */
    bool half, without_key;
    const char *output;
    bool json;
};

static int set_sink(struct args *a, enum fbc_sink_kind kind, const char *path)
{
    a->d.sink = kind;
    a->d.path = path;
    return a->outputs++;
}

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, struct args *a)
{
    unsigned long fps;
    int opt, rc;

    while ( (opt = getopt_long(argc, argv, ":k:o:cj" FBC_CLI_SHORT, options,
                               NULL)) != -1 )
        switch ( opt )
        {
        case 'k': a->d.key = optarg; break;
        case OPT_WITHOUT_KEY: a->without_key = true; break;
        case OPT_HALF: a->half = true; break;
        case OPT_IMAGE: a->d.image = true; break;
        case OPT_PNG: set_sink(a, FBC_SINK_PNG, optarg); break;
        case OPT_PPM: set_sink(a, FBC_SINK_PPM, NULL); break;
        case OPT_Y4M: set_sink(a, FBC_SINK_Y4M, NULL); break;
        case OPT_FPS:
            if ( fbc_cli_number("--fps", optarg, 1, 1000, &fps) )
                return FBC_EXIT_USAGE;
            a->d.fps = (unsigned int)fps;
            break;
        case OPT_LAST: a->d.last = true; break;
        case OPT_LIVE: a->d.live = true; break;
        case 'o': a->output = optarg; break;
        case 'c': a->d.check_counters = true; break;
        case 'j': a->json = true; break;
        default:
            if ( (rc = fbc_cli_option(opt, argv)) >= 0 )
                return rc;
        }

    if ( optind < argc )
        return fbc_cli_usage(argv[optind], "unexpected argument");
    if ( a->outputs > 1 )
        return fbc_cli_usage("--png, --ppm, --y4m", "only one of them");
    if ( a->half && a->without_key )
        return fbc_cli_usage("--half", "not with --without-key");
    a->d.mode = a->without_key ? FBC_DECRYPT_NONE
                : a->half ? FBC_DECRYPT_HALF : FBC_DECRYPT_ALL;
    if ( a->without_key == !!a->d.key )
        return fbc_cli_usage("-k", a->d.key ? "not with --without-key"
                             : "a session key is needed");
    if ( a->d.key && !strcmp(a->d.key, "-") )
        return fbc_cli_usage("-k -", "standard input holds the frames");
    if ( (a->d.check_counters || a->d.live) && !a->d.key )
        return fbc_cli_usage("--check-counters, --live",
                             "need a session key");
    if ( a->d.live && a->half )
        return fbc_cli_usage("--live", "not with --half");
    if ( a->d.fps && a->d.sink != FBC_SINK_Y4M )
        return fbc_cli_usage("--fps", "only with --y4m");
    if ( a->d.last && !a->outputs )
        return fbc_cli_usage("--last", "only with --png, --ppm or --y4m");
    if ( !a->d.fps )
        a->d.fps = DEFAULT_FPS;

    if ( a->d.sink == FBC_SINK_PPM || a->d.sink == FBC_SINK_Y4M )
        a->d.path = a->output ? a->output : "-";
    else if ( a->output )
        return fbc_cli_usage("-o", "goes with --ppm or --y4m");
    if ( a->json && a->d.path && !strcmp(a->d.path, "-") )
        return fbc_cli_usage("--json", "standard output is taken by the "
                             "picture: use -o");

    return -1;
}

static const char *manifest_name(enum fbc_err err)
{
    switch ( err )
    {
    case FBC_OK:          return "ok";
    case FBC_ERR_PENDING: return "missing";
    case FBC_ERR_STALE:   return "stale";
    default:              return "does not verify";
    }
}

static void on_frame(const struct fbc_decrypt_frame *f)
{
    unsigned long n = (unsigned long)f->number;
    const struct fbc_view_stats *st = f->stats;

    fbc_cli_progress(n, false);
    if ( f->err )
        fbc_cli_say("frame %lu: cannot be used: %s", n, fbc_strerror(f->err));
    else if ( st )
        fbc_cli_say("frame %lu: %u fresh, %u held, %u missing, %u bad; "
                    "manifest %s", n, st->fresh, st->held, st->pending,
                    st->bad, manifest_name(st->manifest));
}

static void say_summary(const struct fbc_decrypt_result *r)
{
    char launch[FBC_LAUNCHED_TEXT];

    fbc_launched_text(r->launched, r->launch, launch);
    fbc_cli_say("%llu frames, %llu unusable; %u x %u, epoch %u, counter "
                "%llu; launch: %s; %s", (unsigned long long)r->frames,
                (unsigned long long)r->unusable, r->width, r->height,
                r->epoch, (unsigned long long)r->counter, launch,
                r->live ? "live" : "not live");
}

int main(int argc, char **argv)
{
    struct args a = { .d = { .fps = 0 } };
    struct fbc_decrypt_result r = { 0 };
    struct fbc_error e = { 0 };
    int rc;

    fbc_cli_start("fbc-decrypt-frames", help);
    rc = parse(argc, argv, &a);
    if ( rc >= 0 )
        return rc;
    if ( a.d.path && !strcmp(a.d.path, "-") && fbc_cli_binary_stdout(&e) )
        return fbc_cli_fail(&e);
    if ( isatty(STDIN_FILENO) )
        return fbc_cli_usage("stdin", "is a terminal");

    a.d.stop = fbc_catch_stop();
    a.d.on_frame = on_frame;
    rc = fbc_decrypt_run(&a.d, &r, &e);
    fbc_cli_progress(r.frames, true);
    if ( r.frames && a.d.mode != FBC_DECRYPT_NONE )
        say_summary(&r);
    if ( a.json )
        fbc_decrypt_json(stdout, &r, rc ? &e : NULL);
    if ( rc )
        return fbc_cli_fail(&e);

    return fbc_cli_finish(FBC_EXIT_OK);
}
