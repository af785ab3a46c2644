/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-leakcheck: does a frame stream, or raw memory, leak? */
#include <string.h>
#include <unistd.h>

#include "lib/base/cli.h"
#include "lib/base/io.h"
#include "lib/leak/leak.h"

static const char help[] =
    "usage: fbc-leakcheck [OPTIONS] < frames\n"
    "       fbc-leakcheck --raw [OPTIONS] < memory\n"
    "       fbc-leakcheck --input [OPTIONS] < events\n"
    "\n"
    "Look for information in what dom0 sees; exit status 1 if there is some.\n"
    "\n"
    "      --truth PICTURE     true screen of the last frame (PNG or PPM)\n"
    "      --truth-text FILE   its text: count the characters read\n"
    "      --find TEXT         a text that is known to be there\n"
    "      --font FILE         console font (PSF) of the guest\n"
    "      --render FILE       write what was recovered as PNG\n"
    "      --raw               standard input is any bytes\n"
    "      --input             standard input is a recording of input\n"
    "      --rhythm            with --input: sent at a constant rate\n"
    "  -j, --json              print the figures (fbcrypt/leakcheck/1)\n"
    FBC_CLI_HELP;

enum {
    OPT_TRUTH = FBC_CLI_LONG_BASE, OPT_TRUTH_TEXT, OPT_FIND, OPT_FONT,
    OPT_RENDER, OPT_RAW, OPT_INPUT, OPT_RHYTHM,
};

static const struct option options[] = {
    { "truth", required_argument, NULL, OPT_TRUTH },
    { "truth-text", required_argument, NULL, OPT_TRUTH_TEXT },
    { "find", required_argument, NULL, OPT_FIND },
    { "font", required_argument, NULL, OPT_FONT },
    { "render", required_argument, NULL, OPT_RENDER },
    { "raw", no_argument, NULL, OPT_RAW },
    { "input", no_argument, NULL, OPT_INPUT },
    { "rhythm", no_argument, NULL, OPT_RHYTHM },
    { "json", no_argument, NULL, 'j' },
    FBC_CLI_LONG
};

static bool can_find(const char *text)
{
    size_t ink = 0, len;

    for ( len = 0; text[len]; len++ )
        if ( text[len] < ' ' || text[len] > '~' )
            return false;
        else
            ink += text[len] != ' ';

    return ink >= FBC_LEAK_FIND_MIN && len <= FBC_LEAK_FIND_MAX;
}

/* -1: go on; else the exit status. */
static int parse(int argc, char **argv, struct fbc_leak_args *a, bool *json)
{
    int opt, rc;

    while ( (opt = getopt_long(argc, argv, ":j" FBC_CLI_SHORT, options,
                               NULL)) != -1 )
        switch ( opt )
        {
        case OPT_TRUTH: a->truth = optarg; break;
        case OPT_TRUTH_TEXT: a->truth_text = optarg; break;
        case OPT_FIND: a->find = optarg; break;
        case OPT_FONT: a->font = optarg; break;
        case OPT_RENDER: a->render = optarg; break;
        case OPT_RAW: a->raw = true; break;
        case OPT_INPUT: a->input = true; break;
        case OPT_RHYTHM: a->rhythm = true; break;
        case 'j': *json = true; break;
        default:
            if ( (rc = fbc_cli_option(opt, argv)) >= 0 )
                return rc;
        }

    if ( optind < argc )
        return fbc_cli_usage(argv[optind], "unexpected argument");
    if ( a->find && !can_find(a->find) )
        return fbc_cli_usage("--find", "not %u to %u ASCII characters, "
                             "blanks not counted", FBC_LEAK_FIND_MIN,
                             FBC_LEAK_FIND_MAX);
    if ( (a->raw || a->input) &&
         (a->truth || a->truth_text || a->font || a->render) )
        return fbc_cli_usage(a->raw ? "--raw" : "--input",
                             "goes with --find only");
    if ( (a->raw && a->input) || (a->rhythm && !a->input) )
        return fbc_cli_usage(a->raw ? "--raw" : "--rhythm", a->raw
                             ? "not with --input" : "only with --input");
    if ( a->render && !strcmp(a->render, "-") )
        return fbc_cli_usage("--render -", "standard output has the answer");

    return -1;
}

static void on_frame(unsigned long n)
{
    fbc_cli_progress(n, false);
}

static void say_result(const struct fbc_leak_result *r)
{
    uint32_t i;

    if ( r->raw )
        fbc_cli_say("%llu pages, %llu of one byte",
                    (unsigned long long)r->tiles,
                    (unsigned long long)r->uniform);
    else if ( r->input )
        fbc_cli_say("%llu events, %llu keys, %llu records, one in %.0f ms",
                    (unsigned long long)r->frames,
                    (unsigned long long)r->keys,
                    (unsigned long long)r->records, r->gap_ms);
    else
        fbc_cli_say("%llu frames of %u x %u, %llu changed, %llu with a "
                    "header, %llu keyed", (unsigned long long)r->frames,
                    r->width, r->height, (unsigned long long)r->changed,
                    (unsigned long long)r->shadows,
                    (unsigned long long)r->keyed);
    fbc_cli_say("entropy: least %.4f, mean %.4f bits a byte; largest "
                "chi-square %.1f", r->entropy_min, r->entropy_mean,
                r->chi2_max);
    for ( i = 0; i < r->items; i++ )
    {
        const struct fbc_leak_item *t = &r->item[i];

        if ( t->answer == FBC_LEAK_NOT_RUN )
            fbc_cli_say("%s: not run: %s", t->name, t->why);
        else
            fbc_cli_say("%s: %s: %.6g, limit %.6g: %s", t->name,
                        t->answer == FBC_LEAK_YES ? "leak" : "ok", t->value,
                        t->limit, t->about);
    }
    if ( r->scored )
        fbc_cli_say("true text: %llu of %llu characters read, %llu of %llu "
                    "blanks", (unsigned long long)r->score.glyphs_right,
                    (unsigned long long)r->score.glyphs,
                    (unsigned long long)r->score.blanks_right,
                    (unsigned long long)r->score.blanks);
}

static void print_answer(const struct fbc_leak_result *r)
{
    uint32_t i;

    fputs(r->leak ? "leak:" : "no leak found", stdout);
    for ( i = 0; i < r->items; i++ )
        if ( r->item[i].answer == FBC_LEAK_YES )
            printf(" %s", r->item[i].name);
    fputc('\n', stdout);
}

int main(int argc, char **argv)
{
    struct fbc_leak_args a = { 0 };
    struct fbc_leak_result r = { 0 };
    struct fbc_error e = { 0 };
    bool json = false;
    int rc;

    fbc_cli_start("fbc-leakcheck", help);
    rc = parse(argc, argv, &a, &json);
    if ( rc >= 0 )
        return rc;
    if ( isatty(STDIN_FILENO) )
        return fbc_cli_usage("stdin", "is a terminal");

    a.stop = fbc_catch_stop();
    a.on_frame = on_frame;
    rc = fbc_leak_run(&a, &r, &e);
    fbc_cli_progress((unsigned long)r.frames, true);
    if ( json )
        fbc_leak_json(stdout, &r, rc ? &e : NULL);
    if ( rc )
        return fbc_cli_fail(&e);

    say_result(&r);
    if ( !json )
        print_answer(&r);

    return fbc_cli_finish(r.leak ? FBC_EXIT_NO : FBC_EXIT_OK);
}
