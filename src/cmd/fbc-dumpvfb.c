/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-dumpvfb: read a domain's framebuffer from dom0, as an intruder would. */
#include "lib/cli.h"
#include "lib/frames.h"
#include "lib/io.h"
#include "lib/outfile.h"
#include "lib/vfb.h"

#include <errno.h>
#include <time.h>

static const char help[] =
    "usage: fbc-dumpvfb [-n FRAMES] [-i MS] [-r] [-o FILE] DOMAIN > frames\n"
    "       fbc-dumpvfb --list-methods\n"
    "\n"
    "Map a domain's virtual framebuffer from dom0, the way QEMU does, and\n"
    "write what is seen as a frame stream.\n"
    "\n"
    "  -n, --frames N          how many frames (1); 0: until interrupted\n"
    "  -i, --interval MS       time between two frames (100)\n"
    "  -m, --method METHOD     how to get at the memory (foreign)\n"
    "  -l, --list-methods      list the methods\n"
    "  -r, --raw               do not compress\n"
    "  -o, --output FILE       write there instead of to stdout\n"
    FBC_CLI_HELP;

static const struct option options[] = {
    { "frames", required_argument, NULL, 'n' },
    { "interval", required_argument, NULL, 'i' },
    { "method", required_argument, NULL, 'm' },
    { "list-methods", no_argument, NULL, 'l' },
    { "raw", no_argument, NULL, 'r' },
    { "output", required_argument, NULL, 'o' },
    FBC_CLI_LONG
};

struct args {
    unsigned long frames, interval_ms;
    const char *method, *output, *domain;
    bool raw;
};

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void sleep_until(uint64_t ns, const volatile int *stop)
{
    const struct timespec t = { .tv_sec = (time_t)(ns / 1000000000u),
                                .tv_nsec = (long)(ns % 1000000000u) };

    while ( !*stop &&
            clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) ==
            EINTR )
        ;
}

/* Frames written before a failure are a valid, shorter stream. */
static int dump(const struct args *a, int fd, const char *name,
                struct fbc_error *e)
{
    const volatile int *stop = fbc_catch_stop();
    struct fbc_vfb *v = fbc_vfb_open(a->domain, e);
    struct fbc_frame_out out = { 0 };
    uint64_t start, t, next;
    uint32_t width, height;
    const uint8_t *pixels;
    unsigned long n;
    int rc = -1;

    if ( !v || fbc_frame_out_begin(&out, fd, a->raw, name, e) )
        goto out;

    start = next = now_ns();
    for ( n = 0; (!a->frames || n < a->frames) && !*stop; n++ )
    {
        sleep_until(next, stop);
        if ( *stop )
            break;
        next += (uint64_t)a->interval_ms * 1000000u;
        t = now_ns() - start;
        if ( fbc_vfb_snapshot(v, &width, &height, &pixels, e) )
        {
            if ( a->frames )
                fbc_hint(e, "%lu of %lu frames were read", n, a->frames);
            else
                fbc_hint(e, "%lu frames were read", n);
            goto out;
        }
        if ( fbc_frame_out_put(&out, width, height, t, pixels, name, e) )
            goto out;
        fbc_cli_progress(n + 1, false);
    }
    fbc_cli_progress(n, true);
    fbc_cli_say("%lu frames", n);

    if ( *stop && n < a->frames )
        fbc_fail(e, FBC_EXIT_NO, a->domain, "interrupted after %lu of %lu "
                 "frames", n, a->frames);
    else
        rc = 0;

 out:
    fbc_frame_out_end(&out);
    fbc_vfb_close(v);
    return rc;
}

static int run(const struct args *a, struct fbc_error *e)
{
    const char *path = a->output ? a->output : "-";
    struct fbc_outfile o;

    if ( !strcmp(path, "-") && fbc_cli_binary_stdout(e) )
        return -1;
    if ( fbc_outfile_open(&o, path, e) )
        return -1;
    if ( dump(a, o.fd, o.is_stdout ? "stdout" : path, e) )
    {
        fbc_outfile_abort(&o);
        return -1;
    }

    return fbc_outfile_commit(&o, true, e);
}

int main(int argc, char **argv)
{
    struct args a = { .frames = 1, .interval_ms = 100, .method = "foreign" };
    struct fbc_error e;
    int opt, rc;

    fbc_cli_start("fbc-dumpvfb", help);
    while ( (opt = getopt_long(argc, argv, ":n:i:m:lro:" FBC_CLI_SHORT,
                               options, NULL)) != -1 )
        switch ( opt )
        {
        case 'n':
            if ( fbc_cli_number("-n", optarg, 0, 1u << 30, &a.frames) )
                return FBC_EXIT_USAGE;
            break;
        case 'i':
            if ( fbc_cli_number("-i", optarg, 0, 3600000, &a.interval_ms) )
                return FBC_EXIT_USAGE;
            break;
        case 'm': a.method = optarg; break;
        case 'l':
            printf("foreign\tforeign mapping of the frames in the page "
                   "directory, as QEMU does\n");
            return fbc_cli_finish(FBC_EXIT_OK);
        case 'r': a.raw = true; break;
        case 'o': a.output = optarg; break;
        default:
            if ( (rc = fbc_cli_option(opt, argv)) >= 0 )
                return rc;
        }

    if ( argc - optind != 1 )
        return fbc_cli_usage("DOMAIN", "one domain id or name is needed");
    a.domain = argv[optind];
    if ( strcmp(a.method, "foreign") )
        return fbc_cli_usage(a.method, "no such method; see --list-methods");

    return run(&a, &e) ? fbc_cli_fail(&e) : fbc_cli_finish(FBC_EXIT_OK);
}
