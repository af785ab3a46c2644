/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-dumpvfb: read a domain's framebuffer from dom0, as an intruder would. */
#include "lib/base/cli.h"
#include "lib/base/clock.h"
#include "lib/base/io.h"
#include "lib/base/outfile.h"
#include "lib/dom0/vfb.h"
#include "lib/frames/frames.h"
#include "lib/intruder/method_table.h"

#include <errno.h>
#include <time.h>

static const char help[] =
    "usage: fbc-dumpvfb [-n FRAMES] [-i MS] [-r] [-o FILE] DOMAIN > frames\n"
    "       fbc-dumpvfb --method=METHOD [-o FILE] DOMAIN > data\n"
    "       fbc-dumpvfb --method=all|A,B... [--save DIR] [--json] DOMAIN\n"
    "       fbc-dumpvfb --list-methods\n"
    "\n"
    "Test tool for the owner of a hypervisor: read a domain's framebuffer or\n"
    "memory from dom0, in every way that an intruder there has.  By default\n"
    "map the framebuffer as QEMU does and write a frame stream.\n"
    "\n"
    "  -n, --frames N          how many frames (1); 0: until interrupted\n"
    "  -i, --interval MS       time between two frames (100)\n"
    "  -m, --method METHOD     how to get at the memory (foreign); all, or\n"
    "                          several with commas between them\n"
    "  -l, --list-methods      list the methods\n"
    "  -s, --save DIR          several: keep what each gets as DIR/METHOD.*\n"
    "  -d, --destructive       all: also those that may harm the guest\n"
    "  -j, --json              several: one JSON object (fbcrypt/methods/1)\n"
    "  -t, --time SECONDS      input: record for so long (3)\n"
    "  -r, --raw               do not compress\n"
    "  -o, --output FILE       write there instead of to stdout\n"
    FBC_CLI_HELP;

static const struct option options[] = {
    { "frames", required_argument, NULL, 'n' },
    { "interval", required_argument, NULL, 'i' },
    { "method", required_argument, NULL, 'm' },
    { "list-methods", no_argument, NULL, 'l' },
    { "save", required_argument, NULL, 's' },
    { "destructive", no_argument, NULL, 'd' },
    { "json", no_argument, NULL, 'j' },
    { "time", required_argument, NULL, 't' },
    { "raw", no_argument, NULL, 'r' },
    { "output", required_argument, NULL, 'o' },
    FBC_CLI_LONG
};

struct args {
    unsigned long frames, interval_ms, seconds;
    const char *method, *output, *save, *domain;
    bool timed, recorded, raw, json, destructive, list;
};

static void sleep_until(uint64_t ns, const volatile int *stop)
{
    const struct timespec t = { .tv_sec = (time_t)(ns / FBC_NS_PER_S),
                                .tv_nsec = (long)(ns % FBC_NS_PER_S) };

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

    start = next = fbc_clock_ns();
    for ( n = 0; (!a->frames || n < a->frames) && !*stop; n++ )
    {
        sleep_until(next, stop);
        if ( *stop )
            break;
        next += a->interval_ms * FBC_NS_PER_MS;
        t = fbc_clock_ns() - start;
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

/* A method other than the default, once. */
static int obtain(const struct args *a, int fd, struct fbc_error *e)
{
    const struct fbc_method *m = fbc_method_find(a->method);
    struct fbc_victim *t = fbc_victim_open(a->domain, e);
    struct fbc_method_run r;
    int rc;

    if ( !t )
        return -1;
    /* What others have got by then is not left behind. */
    if ( !strcmp(a->method, "input") )
        fbc_catch_stop();
    t->raw = a->raw;
    t->seconds = a->seconds;
    rc = fbc_method_execute(m, t, fd, &r, e);
    fbc_victim_close(t);
    if ( rc )
        return -1;
    if ( r.result != FBC_METHOD_FRAMES )
        return fbc_fail(e, FBC_EXIT_NO, a->domain, "%s: %s: %s", m->name,
                        fbc_method_result_name(r.result), r.detail);
    fbc_cli_say("%s: %s", m->name, r.detail);

    return 0;
}

static int dump_or_probe(const struct args *a, struct fbc_error *e)
{
    const char *path = a->output ? a->output : "-";
    struct fbc_outfile o;
    int rc;

    if ( !strcmp(path, "-") && fbc_cli_binary_stdout(e) )
        return -1;
    if ( fbc_outfile_open(&o, path, e) )
        return -1;
    rc = strcmp(a->method, "foreign") ? obtain(a, o.fd, e)
         : dump(a, o.fd, o.is_stdout ? "stdout" : path, e);
    if ( rc )
    {
        fbc_outfile_abort(&o);
        return -1;
    }

    return fbc_outfile_commit(&o, true, e);
}

static void print_report(const struct fbc_method_report *r)
{
    printf("%-12s %-12s %s\n", r->method->name,
           fbc_method_result_name(r->run.result), r->run.detail);
    fflush(stdout);
}

/* Exit status. */
static int run_several(const struct args *a)
{
    static struct fbc_method_report report[FBC_METHODS_MAX];
    const struct fbc_methods_plan plan = {
        .domain = a->domain, .save = a->save, .seconds = a->seconds,
        .methods = strcmp(a->method, "all") ? a->method : NULL,
        .raw = a->raw, .destructive = a->destructive,
        .done = a->json ? NULL : print_report,
    };
    struct fbc_error e;
    size_t n;
    int rc = fbc_methods_all(&plan, report, &n, &e);

    if ( a->json )
        fbc_methods_json(stdout, a->domain, report, n, rc ? &e : NULL);
    if ( rc )
        return fbc_cli_fail(&e);

    return fbc_cli_finish(fbc_methods_obtained(report, n) ? FBC_EXIT_OK
                          : FBC_EXIT_NO);
}

static int list_methods(const struct args *a)
{
    const struct fbc_method *m;

    if ( a->domain || a->method || a->save || a->output || a->timed ||
         a->recorded || a->raw || a->json || a->destructive )
        return fbc_cli_usage("--list-methods", "nothing else goes with it");

    for ( m = fbc_methods; m->name; m++ )
        printf("%s\t%s\n", m->name, m->about);

    return fbc_cli_finish(FBC_EXIT_OK);
}

/* Several methods are reported on, one writes what it gets. */
static int check_args(const struct args *a, bool all, bool several)
{
    const char *bad;
    size_t len = all ? 0 : fbc_methods_unknown(a->method, &bad);

    if ( len )
    {
        char name[64];

        snprintf(name, sizeof(name), "%.*s", (int)len, bad);
        return fbc_cli_usage(name, "no such method; see --list-methods");
    }
    if ( a->destructive && !all )
        return fbc_cli_usage("--destructive", "only with --method=all");
    if ( !several && (a->save || a->json) )
        return fbc_cli_usage(a->save ? "--save" : "--json",
                             "only with --method=all, or with several");
    if ( several && a->output )
        return fbc_cli_usage("--output", "not with --method=all, nor with "
                             "several; see --save");
    if ( a->recorded && !several && strcmp(a->method, "input") )
        return fbc_cli_usage(a->method, "--time is for the method input "
                             "only");
    if ( a->timed && strcmp(a->method, "foreign") )
        return fbc_cli_usage(a->method, "--frames and --interval are for the "
                             "method foreign only");

    return FBC_EXIT_OK;
}

int main(int argc, char **argv)
{
    struct args a = { .frames = 1, .interval_ms = 100, .seconds = 3 };
    struct fbc_error e;
    int opt, rc;
    bool all, several;

    fbc_cli_start("fbc-dumpvfb", help);
    while ( (opt = getopt_long(argc, argv, ":n:i:m:ls:djt:ro:" FBC_CLI_SHORT,
                               options, NULL)) != -1 )
        switch ( opt )
        {
        case 'n':
            if ( fbc_cli_number("-n", optarg, 0, 1u << 30, &a.frames) )
                return FBC_EXIT_USAGE;
            a.timed = true;
            break;
        case 'i':
            if ( fbc_cli_number("-i", optarg, 0, 3600000, &a.interval_ms) )
                return FBC_EXIT_USAGE;
            a.timed = true;
            break;
        case 't':
            if ( fbc_cli_number("-t", optarg, 1, 3600, &a.seconds) )
                return FBC_EXIT_USAGE;
            a.recorded = true;
            break;
        case 'm': a.method = optarg; break;
        case 'l': a.list = true; break;
        case 's': a.save = optarg; break;
        case 'd': a.destructive = true; break;
        case 'j': a.json = true; break;
        case 'r': a.raw = true; break;
        case 'o': a.output = optarg; break;
        default:
            if ( (rc = fbc_cli_option(opt, argv)) >= 0 )
                return rc;
        }

    a.domain = argv[optind];
    if ( a.list )
        return list_methods(&a);
    if ( argc - optind != 1 )
        return fbc_cli_usage("DOMAIN", "one domain id or name is needed");
    if ( !a.method )
        a.method = "foreign";
    all = !strcmp(a.method, "all");
    several = all || strchr(a.method, ',');
    if ( (rc = check_args(&a, all, several)) )
        return rc;

    if ( several )
        return run_several(&a);

    return dump_or_probe(&a, &e) ? fbc_cli_fail(&e)
                                 : fbc_cli_finish(FBC_EXIT_OK);
}
