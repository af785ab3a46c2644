/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stock viewer's eyes, for tests: a client made with libvncclient, as
 * Remmina is, that tells what it sees, and a judge of what was seen.
 *
 * usage: vncwatch [OPTION]... HOST PORT | vncwatch [OPTION]... SOCKET ''
 *   -e NAMES     encodings, the favourite first (tight zrle raw)
 *   -b BITS      a pixel: 8, 15 or 32 (32)
 *   -s SECONDS   watch so long (1; with -u: 60)
 *   -u STATE     or until it is "live" or "marked"
 *   -t PPM       and shows this, or it fails
 *   -d DIR       every picture as DIR/TIME-STATE.ppm
 *   -o PPM       the last picture
 *   -p PASSWORD  -k KEYSYM  press and release   -c X,Y  click; both in
 *                that STATE, if there is one
 *
 * Says "TIME STATE WIDTHxHEIGHT" whenever one of the latter two changes; time
 * is seconds since 1970.
 *
 * usage: vncwatch -j TRUTH.ppm... -- PICTURE.ppm...
 * Is every pixel of the pictures one of the truths', or, where a picture is
 * marked, one of theirs as a mark shows it, or the mark's?
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <rfb/rfbclient.h>

#include "lib/frames/picture.h"
#include "lib/proxy/banner.h"

static struct {
    const char *encodings, *until, *truth, *dir, *last, *password;
    int bits;
    double seconds;
    uint32_t keysym;
    int x, y;
} o = { .encodings = "tight zrle raw", .bits = 32, .x = -1 };

static struct fbc_picture seen, truth;
static const char *state = "";
static bool blank = true, fits;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);

    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void size_of(struct fbc_picture *p, uint32_t w, uint32_t h)
{
    struct fbc_error e;

    if ( fbc_picture_size(p, w, h, &e) )
        errx(4, "%s", e.why);
}

static void load(struct fbc_picture *p, const char *path)
{
    struct fbc_error e;
    int fd = open(path, O_RDONLY);

    if ( fd < 0 || fbc_ppm_read(fd, p, path, &e) )
        errx(4, "%s: cannot be read", path);
    close(fd);
}

static void save(const struct fbc_picture *p, const char *path)
{
    struct fbc_error e;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if ( fd < 0 || fbc_ppm_write(fd, p, path, &e) || close(fd) )
        errx(4, "%s: cannot be written", path);
}

static const uint8_t *pixel(const struct fbc_picture *p, uint32_t x,
                            uint32_t y)
{
    return p->rgb + ((size_t)y * p->width + x) * 3;
}

/* The band as the proxy draws it, without its text. */
static bool is_band(const uint8_t *rgb)
{
    static const uint8_t colours[][3] = { { 160, 24, 24 }, { 255, 208, 0 },
                                          { 255, 255, 255 } };
    size_t i;

    for ( i = 0; i < 3; i++ )
        if ( !memcmp(rgb, colours[i], 3) )
            return true;

    return false;
}

static bool is_marked(const struct fbc_picture *p)
{
    struct fbc_rect r = fbc_banner_rect(p->width, p->height);
    uint32_t x, y;

    for ( y = r.y; y < (uint32_t)r.y + r.h; y++ )
        for ( x = 0; x < p->width; x++ )
            if ( !is_band(pixel(p, x, y)) )
                return false;

    return true;
}

/* As libvncserver makes fewer bits out of 8. */
static uint32_t reduced(uint8_t v, uint32_t max)
{
    return (v * max + 127) / 255;
}

static bool same(const rfbClient *c, const uint8_t *raw, const uint8_t *rgb)
{
    const rfbPixelFormat *f = &c->format;
    uint32_t v = raw[0];

    if ( f->bitsPerPixel > 8 )
        v |= (uint32_t)raw[1] << 8;
    if ( f->bitsPerPixel > 16 )
        v |= (uint32_t)raw[2] << 16;

    return ((v >> f->redShift) & f->redMax) == reduced(rgb[0], f->redMax) &&
           ((v >> f->greenShift) & f->greenMax) ==
           reduced(rgb[1], f->greenMax) &&
           ((v >> f->blueShift) & f->blueMax) == reduced(rgb[2], f->blueMax);
}

static bool shows_truth(const rfbClient *c)
{
    size_t n = (size_t)c->width * c->height, i;
    size_t bytes = c->format.bitsPerPixel / 8u;

    if ( !o.truth )
        return true;
    load(&truth, o.truth);
    if ( truth.width != (uint32_t)c->width ||
         truth.height != (uint32_t)c->height )
        return false;
    for ( i = 0; i < n; i++ )
        if ( !same(c, c->frameBuffer + i * bytes, truth.rgb + i * 3) )
            return false;

    return true;
}

static rfbBool on_size(rfbClient *c)
{
    size_t len = (size_t)c->width * c->height * (c->format.bitsPerPixel / 8);

    free(c->frameBuffer);
    c->frameBuffer = calloc(1, len);
    blank = true;

    return c->frameBuffer != NULL;
}

static void on_rect(rfbClient *c, int x, int y, int w, int h)
{
    (void)c, (void)x, (void)y;
    if ( w && h )
        blank = false;
}

static void take(const rfbClient *c)
{
    size_t n = (size_t)c->width * c->height, i;

    size_of(&seen, (uint32_t)c->width, (uint32_t)c->height);
    for ( i = 0; o.bits == 32 && i < n; i++ )
        memcpy(seen.rgb + i * 3, c->frameBuffer + i * 4, 3);
}

static void on_picture(rfbClient *c)
{
    static int w, h;
    const char *now_is;
    char path[400], part[400];

    if ( blank )
        return;
    take(c);
    now_is = o.bits != 32 ? "seen" : is_marked(&seen) ? "marked" : "live";
    if ( now_is != state || w != c->width || h != c->height )
        printf("%.3f %s %dx%d\n", now(), now_is, c->width, c->height);
    fflush(stdout);
    state = now_is;
    w = c->width;
    h = c->height;
    fits = shows_truth(c);
    if ( o.dir )
    {
        snprintf(path, sizeof(path), "%s/%.3f-%s.ppm", o.dir, now(), state);
        snprintf(part, sizeof(part), "%s/part", o.dir);
        save(&seen, part);      /* it may be ended at any time */
        if ( rename(part, path) )
            err(4, "%s", path);
    }
}

static char *on_password(rfbClient *c)
{
    (void)c;

    return strdup(o.password ? o.password : "");
}

static void quiet(const char *format, ...)
{
    (void)format;
}

static void do_input(rfbClient *c)
{
    if ( o.keysym )
    {
        SendKeyEvent(c, o.keysym, TRUE);
        SendKeyEvent(c, o.keysym, FALSE);
    }
    if ( o.x >= 0 )
    {
        SendPointerEvent(c, o.x, o.y, 0);
        SendPointerEvent(c, o.x, o.y, 1);
        SendPointerEvent(c, o.x, o.y, 0);
    }
    o.keysym = 0;
    o.x = -1;
}

static int watch(char *host, const char *port)
{
    rfbClient *c = o.bits == 32 ? rfbGetClient(8, 3, 4)
                   : o.bits == 15 ? rfbGetClient(5, 3, 2)
                   : rfbGetClient(2, 3, 1);
    double end;
    int n = 0;

    rfbClientLog = rfbClientErr = quiet;
    c->appData.encodingsString = o.encodings;
    c->appData.compressLevel = 1;
    c->appData.enableJPEG = TRUE;       /* asks for it, but gets none */
    c->appData.qualityLevel = 5;
    c->canHandleNewFBSize = TRUE;
    c->MallocFrameBuffer = on_size;
    c->GotFrameBufferUpdate = on_rect;
    c->FinishedFrameBufferUpdate = on_picture;
    c->GetPassword = on_password;
    c->serverHost = strdup(host);
    c->serverPort = atoi(port);
    if ( !rfbInitClient(c, NULL, NULL) )
        errx(1, "no connection");

    end = now() + (o.seconds > 0 ? o.seconds : o.until ? 60 : 1);
    while ( now() < end && n >= 0 )
    {
        n = WaitForMessage(c, 20000);
        if ( n > 0 && !HandleRFBServerMessage(c) )
            n = -1;
        if ( *state && (!o.until || !strcmp(o.until, state)) )
            do_input(c);
        if ( o.until && !strcmp(o.until, state) && fits )
            break;
    }
    if ( o.last && seen.rgb )
        save(&seen, o.last);
    if ( n < 0 )
        errx(1, "the connection has ended");
    if ( !fits )
        errx(1, "it is not what it should show");
    if ( o.until && strcmp(o.until, state) )
        errx(1, "not %s", o.until);

    return 0;
}

/* Is the pixel that of one of the truths? */
static bool judged(const struct fbc_picture *p, uint32_t x, uint32_t y,
                   const struct fbc_picture *truths, int n)
{
    while ( n-- )
        if ( truths[n].width == p->width && truths[n].height == p->height &&
             !memcmp(pixel(p, x, y), pixel(&truths[n], x, y), 3) )
            return true;

    return false;
}

static bool judge(const struct fbc_picture *p, const struct fbc_picture *live,
                  const struct fbc_picture *dim, int n)
{
    struct fbc_rect r = fbc_banner_rect(p->width, p->height);
    bool marked = is_marked(p);
    uint32_t x, y;

    for ( y = 0; y < p->height; y++ )
        for ( x = 0; x < p->width; x++ )
        {
            if ( marked && y >= r.y && y < (uint32_t)r.y + r.h )
                continue;
            if ( !judged(p, x, y, marked ? dim : live, n) )
            {
                printf("pixel %u,%u\n", x, y);
                return false;
            }
        }

    return true;
}

/* A truth as a marked picture has it. */
static void dimmed(struct fbc_picture *d, const struct fbc_picture *p)
{
    struct fbc_rect all = { 0, 0, (uint16_t)p->width, (uint16_t)p->height };
    size_t stride = (size_t)p->width * 4;
    uint8_t *bgrx = calloc(p->height, stride);
    uint32_t y;

    for ( y = 0; y < p->height; y++ )
        fbc_picture_get_row(p, y, bgrx + y * stride);
    fbc_banner_dim(bgrx, bgrx, p->width, &all);
    size_of(d, p->width, p->height);
    for ( y = 0; y < p->height; y++ )
        fbc_picture_set_row(d, y, bgrx + y * stride);
    free(bgrx);
}

/* Black is what no tile has painted yet, and what is there at first. */
static int judge_all(char **argv, int argc)
{
    struct fbc_picture live[10] = { 0 }, dim[10] = { 0 }, p = { 0 };
    int n = 0, i = 0, bad = 0;

    for ( ; i < argc && strcmp(argv[i], "--") && n < 4; i++, n++ )
        load(&live[n], argv[i]);
    size_of(&live[n++], 800, 600);
    for ( int k = 0; k < n; k++ )
    {
        size_of(&live[n + k], live[k].width, live[k].height);
        dimmed(&dim[k], &live[k]);
        dimmed(&dim[n + k], &live[n + k]);
    }
    if ( ++i >= argc )
        errx(2, "no pictures");
    for ( ; i < argc; i++ )
    {
        load(&p, argv[i]);
        if ( judge(&p, live, dim, 2 * n) )
            continue;
        printf("%s: forged\n", argv[i]);
        bad++;
    }

    return bad != 0;
}

int main(int argc, char **argv)
{
    int opt;

    while ( (opt = getopt(argc, argv, "e:b:s:u:t:d:o:p:k:c:j")) != -1 )
        switch ( opt )
        {
        case 'e': o.encodings = optarg; break;
        case 'b': o.bits = atoi(optarg); break;
        case 's': o.seconds = atof(optarg); break;
        case 'u': o.until = optarg; break;
        case 't': o.truth = optarg; break;
        case 'd': o.dir = optarg; break;
        case 'o': o.last = optarg; break;
        case 'p': o.password = optarg; break;
        case 'k': o.keysym = (uint32_t)strtoul(optarg, NULL, 0); break;
        case 'c':
            if ( sscanf(optarg, "%d,%d", &o.x, &o.y) != 2 )
                errx(2, "-c X,Y");
            break;
        case 'j': return judge_all(argv + optind, argc - optind);
        default: return 2;
        }
    if ( argc - optind != 2 )
        errx(2, "see the source");

    return watch(argv[optind], argv[optind + 1]);
}
