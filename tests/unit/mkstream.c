/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Makes the frame stream that fbc-dumpvfb would see of a protected domain
 * which shows the given PPM pictures one after the other.
 *
 * usage: mkstream [-u] [-p] [-i] [-r] [-R] [-e EPOCH] [-a AEAD] [-t TILE]
 *                 [-T TILE] [-m] [-s] [-l DIGEST] [-c STATE] [-1] [-C]
 *                 SESSION.key PPM... > frames
 *
 *   -u       no key set: black, with a public header
 *   -p       an unprotected domain: the pictures themselves
 *   -i       the last picture's shadow as PPM instead of a frame stream
 *   -r       frames are not compressed
 *   -R       every picture is sealed with the counters of the first one
 *   -e, -a   epoch, AEAD id
 *   -t TILE  one bit of this tile's ciphertext is flipped in the last frame
 *   -T TILE  the last frame holds the first frame's tile (roll-back)
 *   -m       the last frame's manifest is the first frame's (frozen)
 *   -s       the last frame's header is torn
 *   -l       the guest's launch digest, for which the key is; any: it has one,
 *            and the key is for none; none: it has none (the first of the
 *            session key file, if there is one, else any)
 *   -c STATE a hypervisor whose manifests say another launch state
 *   -1       header of version 1
 *   -C       of version 3, and bands are coded, all of a picture alike
 */
#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "core/band.h"
#include "core/header.h"
#include "core/manifest.h"
#include "core/pack.h"
#include "lib/base/keyfile.h"
#include "lib/frames/frames.h"
#include "lib/frames/picture.h"
#include "parse/text/hex.h"
#include "parse/text/keytext.h"

static struct fbc_header header;
static struct fbc_aead tile_aead, manifest_aead;
static struct fbc_cells cells;
static uint64_t counter;
static enum fbc_launched claim;
static uint8_t *shadow, *first, *vec;
static size_t shadow_len, stride;

static uint8_t *at(uint8_t *s, uint32_t x, uint32_t y)
{
    return s + y * stride + x * 4;
}

static void check(int failed, const char *what)
{
    if ( failed )
        errx(3, "%s", what);
}

static void put_header(void)
{
    uint8_t bytes[FBC_HEADER_LEN];

    fbc_header_encode(&header, bytes);
    fbc_unpack(shadow, bytes, FBC_HEADER_LEN / 3);
}

static void put_manifest(uint64_t frame)
{
    struct fbc_manifest m = { .counter = ++counter,
                              .time_ns = (frame + 1) * 1000000 };
    uint8_t bytes[FBC_MANIFEST_LEN];

    m.launched = header.version == 1 ? FBC_LAUNCHED_UNTOLD
                                     : header.ep.launched;
    if ( claim )
        m.launched = claim;
    if ( m.launched == FBC_LAUNCHED_ANY ||
         m.launched == FBC_LAUNCHED_ACCEPTED )
        memcpy(m.launch, header.ep.launch, sizeof(m.launch));
    check(fbc_manifest_seal(&manifest_aead, header.version, &m, vec,
                            header.ep.geom.tiles, bytes), "manifest");
    fbc_unpack(at(shadow, FBC_MANIFEST_X, 0), bytes, sizeof(bytes) / 3);
}

static struct fbc_rect get_tile(const struct fbc_picture *p, uint32_t tile,
                                uint8_t buf[static FBC_TILE_BYTES])
{
    struct fbc_rect r = fbc_geom_tile(&header.ep.geom, tile);
    uint8_t *row = malloc((size_t)p->width * 4);
    uint32_t y;

    check(!row, "memory");
    for ( y = 0; y < r.h; y++ )
    {
        fbc_picture_get_row(p, r.y + y, row);
        fbc_pack(buf + (size_t)y * r.w * 3, row + r.x * 4, r.w);
    }
    free(row);

    return r;
}

static size_t code_band(const struct fbc_picture *p, uint32_t band)
{
    const struct fbc_geom *g = &header.ep.geom;
    uint8_t buf[FBC_TILE_BYTES];
    uint32_t i;

    fbc_cells_begin(&cells);
    for ( i = 0; i < g->cols; i++ )
    {
        struct fbc_rect r = get_tile(p, band * g->cols + i, buf);

        fbc_cells_add(&cells, buf, r.w, r.h);
    }

    return fbc_cells_end(&cells);
}

/* What all bands of a picture have room in. */
static enum fbc_coding coding_of(const struct fbc_picture *p)
{
    const struct fbc_geom *g = &header.ep.geom;
    enum fbc_coding most = FBC_CODING_LINE, c;
    uint32_t band;

    for ( band = 0; band < g->bands; band++ )
    {
        struct fbc_rect r = fbc_geom_tile(g, band * g->cols);

        c = fbc_coding_for(code_band(p, band), g->width, r.h);
        if ( c == FBC_CODING_NONE )
            return c;
        most = c > most ? c : most;
    }

    return most;
}

static void put_tile(const struct fbc_picture *p, uint32_t tile)
{
    const struct fbc_geom *g = &header.ep.geom;
    uint8_t buf[FBC_TILE_BYTES], record[FBC_RECORD_LEN];
    struct fbc_rect r = get_tile(p, tile, buf);
    uint32_t y;

    counter++;
    check(fbc_tile_seal(&tile_aead, header.ep.epoch, tile, counter, r.w, r.h,
                        buf, record), "tile");
    for ( y = 0; y < r.h; y++ )
        fbc_unpack(at(shadow, r.x, fbc_geom_srow(r.y + y)),
                   buf + (size_t)y * r.w * 3, r.w);
    fbc_unpack(at(shadow, r.x, fbc_geom_meta_row(g, tile / g->cols)), record,
               FBC_RECORD_PIXELS);
    fbc_vector_set(vec, tile, counter);
}

static void put_band(const struct fbc_picture *p, uint32_t band,
                     enum fbc_coding coding)
{
    const struct fbc_geom *g = &header.ep.geom;
    const uint32_t first_tile = band * g->cols;
    const struct fbc_rect r = fbc_geom_tile(g, first_tile);
    const size_t len = fbc_coding_len(coding, g->width);
    uint8_t record[FBC_RECORD_LEN];
    size_t code;
    uint32_t i;

    if ( !fbc_has_coding(coding, g->width, r.h) )
    {
        for ( i = 0; i < g->cols; i++ )
            put_tile(p, first_tile + i);
        return;
    }

    code = code_band(p, band);
    memset(cells.plain + FBC_CODED_HEAD + code, 0,
           len - FBC_CODED_HEAD - code);
    counter++;
    check(fbc_band_seal(&tile_aead, header.ep.epoch, first_tile, counter,
                        g->width, r.h, coding, cells.plain, record), "band");
    fbc_band_put(at(shadow, 0, fbc_geom_srow(r.y)), stride, g->width, r.h,
                 cells.plain, len);
    memset(at(shadow, 0, fbc_geom_meta_row(g, band)), 0, stride);
    fbc_unpack(at(shadow, 0, fbc_geom_meta_row(g, band)), record,
               FBC_RECORD_PIXELS);
    for ( i = 0; i < g->cols; i++ )
        fbc_vector_set(vec, first_tile + i, counter);
}

static void set_launch(const uint8_t *file, const char *digest)
{
    struct fbc_epoch *e = &header.ep;

    e->launched = FBC_LAUNCHED_ANY;
    memset(e->launch, 0xa1, FBC_HASH_LEN);
    if ( digest ? !strcmp(digest, "any") : !fbc_session_launches(file) )
        return;
    if ( digest && !strcmp(digest, "none") )
    {
        e->launched = FBC_LAUNCHED_UNMEASURED;
        return;
    }

    e->launched = FBC_LAUNCHED_ACCEPTED;
    memcpy(e->launch, file + FBC_SESSION_LAUNCH, FBC_HASH_LEN);
    check(digest && !fbc_hex_read(digest, 2 * FBC_HASH_LEN, e->launch,
                                  FBC_HASH_LEN), "digest");
}

static void setup(const uint8_t *file, const struct fbc_picture *p,
                  uint32_t epoch, unsigned int aead, bool unkeyed,
                  uint16_t version)
{
    struct fbc_epoch_keys keys;
    struct fbc_geom *g = &header.ep.geom;

    check(fbc_geom_init(g, p->width, p->height), "geometry");
    header.version = version;
    header.ep.epoch = unkeyed ? 0 : epoch;
    header.ep.aead = unkeyed ? FBC_AEAD_NONE : aead;
    memset(header.ep.salt, unkeyed ? 0 : (int)(0x50 + epoch), FBC_SALT_LEN);
    memcpy(header.ep.uuid, file + FBC_SESSION_UUID, FBC_UUID_LEN);
    memcpy(header.vmm_id, file + FBC_SESSION_VMM, sizeof(header.vmm_id));

    stride = g->swidth * 4u;
    shadow_len = stride * g->sheight;
    shadow = calloc(1, shadow_len);
    first = calloc(1, shadow_len);
    vec = calloc(1, FBC_VECTOR_LEN(g->tiles));
    check(!shadow || !first || !vec, "memory");
    fbc_vector_init(vec, epoch, g->tiles);
    if ( unkeyed )
        return;

    check(fbc_kdf_epoch(&header.ep, file, &keys), "keys");
    memcpy(header.key_id, keys.key_id, FBC_KEYID_LEN);
    check(fbc_aead_init(&tile_aead, aead, keys.tile) ||
          fbc_aead_init(&manifest_aead, aead, keys.manifest), "aead");
}

/* Is this tile the same in both pictures? */
static bool same(const struct fbc_picture *a, const struct fbc_picture *b,
                 uint32_t tile)
{
    struct fbc_rect r = fbc_geom_tile(&header.ep.geom, tile);
    uint32_t y;

    for ( y = r.y; y < r.y + r.h; y++ )
    {
        size_t off = ((size_t)y * a->width + r.x) * 3;

        if ( memcmp(a->rgb + off, b->rgb + off, r.w * 3u) )
            return false;
    }

    return true;
}

static void copy_tile(uint8_t *dst, uint8_t *src, uint32_t tile)
{
    const struct fbc_geom *g = &header.ep.geom;
    struct fbc_rect r = fbc_geom_tile(g, tile);
    uint32_t y;

    for ( y = 0; y < r.h; y++ )
        memcpy(at(dst, r.x, fbc_geom_srow(r.y + y)),
               at(src, r.x, fbc_geom_srow(r.y + y)), r.w * 4u);
    y = fbc_geom_meta_row(g, tile / g->cols);
    memcpy(at(dst, r.x, y), at(src, r.x, y), FBC_RECORD_PIXELS * 4);
}

int main(int argc, char **argv)
{
    bool unkeyed = false, plain = false, image = false, raw = false;
    bool reuse = false, frozen = false, torn = false;
    enum fbc_coding coding = FBC_CODING_NONE;
    uint16_t version = FBC_HEADER_VERSION;
    long flip = -1, roll_back = -1;
    const char *digest = NULL;
    unsigned int aead = FBC_AEAD_AES256_GCM;
    uint8_t file[FBC_SESSION_FILE_LEN];
    struct fbc_frame_out out;
    struct fbc_error e;
    uint32_t epoch = 1, tile;
    struct fbc_picture pic[2] = { { 0 }, { 0 } };
    int opt, i, n;

    while ( (opt = getopt(argc, argv, "upirRe:a:t:T:msl:c:1C")) != -1 )
        switch ( opt )
        {
        case 'u': unkeyed = true; break;
        case 'p': plain = true; break;
        case 'i': image = true; break;
        case 'r': raw = true; break;
        case 'R': reuse = true; break;
        case 'e': epoch = (uint32_t)atoi(optarg); break;
        case 'a': aead = (unsigned int)atoi(optarg); break;
        case 't': flip = atol(optarg); break;
        case 'T': roll_back = atol(optarg); break;
        case 'm': frozen = true; break;
        case 's': torn = true; break;
        case 'l': digest = optarg; break;
        case 'c': claim = (enum fbc_launched)atoi(optarg); break;
        case '1': version = 1; break;
        case 'C': version = FBC_HEADER_CODED; break;
        default: errx(2, "see the source");
        }
    check(argc - optind < 2, "usage");

    if ( fbc_keyfile_read(FBC_KEY_SESSION, argv[optind], file, &e) )
        errx(3, "%s: %s", e.what, e.why);
    set_launch(file, digest);
    if ( !image && fbc_frame_out_begin(&out, STDOUT_FILENO, raw, "stdout",
                                       &e) )
        errx(4, "%s: %s", e.what, e.why);

    n = argc - optind - 1;
    for ( i = 0; i < n; i++ )
    {
        struct fbc_picture *p = &pic[i & 1], *old = &pic[~i & 1];
        int fd = open(argv[optind + 1 + i], O_RDONLY);
        const uint8_t *pixels;
        uint32_t w, h;

        if ( fd < 0 || fbc_ppm_read(fd, p, "ppm", &e) )
            errx(3, "%s", argv[optind + 1 + i]);
        close(fd);

        if ( plain )
        {
            w = p->width;
            h = p->height;
            shadow = realloc(shadow, (size_t)w * h * 4);
            for ( uint32_t y = 0; y < h; y++ )
                fbc_picture_get_row(p, y, shadow + (size_t)y * w * 4);
        }
        else
        {
            if ( !i )
                setup(file, p, epoch, aead, unkeyed, version);
            w = header.ep.geom.swidth;
            h = header.ep.geom.sheight;
            put_header();
            if ( version == FBC_HEADER_CODED )
                coding = coding_of(p);
            if ( reuse )
                counter = 0;
            for ( tile = 0; !unkeyed && version != FBC_HEADER_CODED &&
                            tile < header.ep.geom.tiles; tile++ )
                if ( !i || reuse || !same(p, old, tile) )
                    put_tile(p, tile);
            for ( tile = 0; !unkeyed && version == FBC_HEADER_CODED &&
                            tile < header.ep.geom.bands; tile++ )
                put_band(p, tile, coding);
            if ( !unkeyed )
                put_manifest((uint64_t)i);
            if ( !i )
                memcpy(first, shadow, shadow_len);
        }

        if ( !plain && i == n - 1 )
        {
            if ( flip >= 0 )
            {
                struct fbc_rect r = fbc_geom_tile(&header.ep.geom,
                                                  (uint32_t)flip);

                at(shadow, r.x, fbc_geom_srow(r.y))[1] ^= 1;
            }
            if ( roll_back >= 0 )
                copy_tile(shadow, first, (uint32_t)roll_back);
            if ( frozen )
                memcpy(at(shadow, FBC_MANIFEST_X, 0),
                       at(first, FBC_MANIFEST_X, 0), FBC_MANIFEST_LEN / 3 * 4);
            if ( torn )
                shadow[4] ^= 1;
        }

        pixels = shadow;
        if ( !image && fbc_frame_out_put(&out, w, h, (uint64_t)i * 100000000,
                                         pixels, "stdout", &e) )
            errx(4, "%s: %s", e.what, e.why);
        if ( image && i == n - 1 )
        {
            struct fbc_picture s = { 0 };

            check(fbc_picture_size(&s, w, h, &e), "picture");
            for ( uint32_t y = 0; y < h; y++ )
                fbc_picture_set_row(&s, y, pixels + (size_t)y * w * 4);
            check(fbc_ppm_write(STDOUT_FILENO, &s, "stdout", &e), "stdout");
            fbc_picture_free(&s);
        }
    }

    if ( !image )
        fbc_frame_out_end(&out);
    fbc_picture_free(&pic[0]);
    fbc_picture_free(&pic[1]);
    fbc_aead_clear(&tile_aead);
    fbc_aead_clear(&manifest_aead);
    free(shadow);
    free(first);
    free(vec);

    return 0;
}
