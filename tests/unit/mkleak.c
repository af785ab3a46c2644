/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes the frame stream of a console session (leakgen.h).
 *
 * usage: mkleak [-n FRAMES] [-s SEED] [-t TEXT] [-p PPM] MODE > frames
 *
 *   MODE     plain, rc5, xts, aead, console or black
 *   -t, -p   write the last frame's text, and its true picture
 */
#include <err.h>
#include <unistd.h>

#include "leakgen.h"
#include "lib/frames/frames.h"
#include "lib/frames/picture.h"

static void write_text(const struct gen *g, const char *path)
{
    FILE *f = fopen(path, "w");
    uint32_t y;

    if ( !f )
        err(4, "%s", path);
    for ( y = 0; y < GEN_ROWS; y++ )
        fprintf(f, "%.*s\n", (int)GEN_COLS, g->text[y]);
    if ( fclose(f) )
        err(4, "%s", path);
}

static void write_picture(const struct gen *g, const char *path)
{
    struct fbc_picture p = { 0 };
    struct fbc_error e;
    FILE *f = fopen(path, "w");
    uint32_t y;

    if ( !f || fbc_picture_size(&p, GEN_WIDTH, GEN_HEIGHT, &e) )
        errx(4, "%s", path);
    for ( y = 0; y < GEN_HEIGHT; y++ )
        fbc_picture_set_row(&p, y, g->e.fb + y * g->e.line_length);
    if ( fbc_ppm_write(fileno(f), &p, path, &e) || fclose(f) )
        errx(4, "%s", path);
    fbc_picture_free(&p);
}

int main(int argc, char **argv)
{
    static const char *const modes[] = { "plain", "rc5", "xts", "aead",
                                         "console", "black" };
    const char *text = NULL, *picture = NULL;
    static struct fbc_leak_font font;
    static struct gen g;
    struct fbc_frame_out out;
    struct fbc_error e;
    uint32_t n = GEN_FRAMES, seed = 1, i, w, h;
    unsigned int mode;
    int opt;

    while ( (opt = getopt(argc, argv, "n:s:t:p:")) != -1 )
        switch ( opt )
        {
        case 'n': n = (uint32_t)atoi(optarg); break;
        case 's': seed = (uint32_t)atoi(optarg); break;
        case 't': text = optarg; break;
        case 'p': picture = optarg; break;
        default: errx(2, "see the source");
        }
    for ( mode = 0; mode < 6; mode++ )
        if ( optind + 1 == argc && !strcmp(argv[optind], modes[mode]) )
            break;
    if ( mode == 6 )
        errx(2, "see the source");

    if ( fbc_leak_font_load(&font, FBC_LEAK_FONT, &e) ||
         fbc_frame_out_begin(&out, STDOUT_FILENO, mode == GEN_RC5 ||
                             mode == GEN_XTS || mode == GEN_AEAD ||
                             mode == GEN_CONSOLE, "stdout", &e) )
        errx(4, "%s: %s", e.what, e.why);
    gen_init(&g, mode, seed, &font);
    for ( i = 0; i < n; i++ )
    {
        const uint8_t *px = gen_next(&g, &w, &h);

        if ( fbc_frame_out_put(&out, w, h, i * UINT64_C(100000000), px,
                               "stdout", &e) )
            errx(4, "%s: %s", e.what, e.why);
    }
    fbc_frame_out_end(&out);
    if ( text )
        write_text(&g, text);
    if ( picture )
        write_picture(&g, picture);
    gen_free(&g);

    return 0;
}
