/* SPDX-License-Identifier: GPL-2.0-only */
/* Files of kernels and ramdisks (xg_dom_core.c, xg_dom_bzimageloader.c). */
#include "lib/launch/image.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

/* The builder adds this to the size that a .gz states. */
#define GZIP_SLACK 16

/* To begin with, when it is not known what comes out. */
#define UNPACK_ROOM ((size_t)64 << 20)

/* bzImage (Linux Documentation/arch/x86/boot.rst) */
#define HDR_SECTS   0x1f1
#define HDR_MAGIC   0x202
#define HDR_VERSION 0x206
#define HDR_OFFSET  0x248
#define HDR_LENGTH  0x24c
#define HDR_LEN     0x250

int fbc_image_open(struct fbc_image *i, const char *path, struct fbc_error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    void *p;

    if ( fd < 0 )
        return fbc_fail_errno(e, path);
    if ( fstat(fd, &st) )
    {
        fbc_fail_errno(e, path);
        close(fd);
        return -1;
    }
    if ( !S_ISREG(st.st_mode) || !st.st_size || st.st_size > FBC_IMAGE_MAX )
    {
        close(fd);
        return fbc_fail(e, FBC_EXIT_INPUT, path,
                        "not a file of 1 byte to 1 GiB");
    }
    p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if ( p == MAP_FAILED )
        return fbc_fail_errno(e, path);

    *i = (struct fbc_image){ .data = p, .len = (size_t)st.st_size,
                             .base = p, .mapped = (size_t)st.st_size };

    return 0;
}

void fbc_image_close(struct fbc_image *i)
{
    if ( i->base )
        munmap(i->base, i->mapped);
    memset(i, 0, sizeof(*i));
}

/* Zeroed memory of len bytes. */
static int new_image(struct fbc_image *i, size_t len, const char *path,
                     struct fbc_error *e)
{
    void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if ( p == MAP_FAILED )
        return fbc_fail_errno(e, path);
    *i = (struct fbc_image){ .data = p, .len = len, .base = p, .mapped = len };

    return 0;
}

/* Bytes that the builder reserves for what a .gz holds, 0: it is none. */
static size_t gzip_room(const uint8_t *p, size_t len)
{
    uint32_t size;

    if ( len < 6 || p[0] != 0x1f || p[1] != 0x8b )
        return 0;
    size = fbc_get32(p + len - 4);

    return size > FBC_IMAGE_MAX ? 0 : size + GZIP_SLACK;
}

bool fbc_image_is_gzip(const struct fbc_image *i)
{
    return gzip_room(i->data, i->len);
}

/* The first member of a .gz, which must fit into room. */
static bool inflate_into(uint8_t *to, size_t room, const uint8_t *p,
                         size_t len)
{
    z_stream z = { .next_in = (uint8_t *)p, .avail_in = (uInt)len,
                   .next_out = to, .avail_out = (uInt)room };
    bool ok;

    if ( inflateInit2(&z, MAX_WBITS + 32) != Z_OK )
        return false;
    ok = inflate(&z, Z_FINISH) == Z_STREAM_END;
    inflateEnd(&z);

    return ok;
}

bool fbc_image_gzip_goes_on(const struct fbc_image *i)
{
    z_stream z = { .next_in = (uint8_t *)i->data, .avail_in = (uInt)i->len };
    uint8_t buf[16384];
    int rc;

    if ( !gzip_room(i->data, i->len) ||
         inflateInit2(&z, MAX_WBITS + 32) != Z_OK )
        return false;
    do {
        z.next_out = buf;
        z.avail_out = sizeof(buf);
        rc = inflate(&z, Z_NO_FLUSH);
    } while ( rc == Z_OK );
    inflateEnd(&z);

    /* Padding is nothing. */
    while ( rc == Z_STREAM_END && z.avail_in && !*z.next_in )
        z.next_in++, z.avail_in--;

    return rc == Z_STREAM_END && z.avail_in;
}

int fbc_image_gunzip(const struct fbc_image *i, struct fbc_image *out,
                     const char *path, struct fbc_error *e)
{
    size_t room = gzip_room(i->data, i->len);
    struct fbc_image n;

    if ( new_image(&n, room > i->len ? room : i->len, path, e) )
        return -1;
    /* What cannot be unpacked is taken as it is, in as much room. */
    if ( !room || !inflate_into(n.base, room, i->data, i->len) )
    {
        memset(n.base, 0, n.len);
        memcpy(n.base, i->data, i->len);
    }
    *out = n;

    return 0;
}

/* Twice the room, with what is there; false: it would be too much. */
static bool more_room(struct fbc_image *n)
{
    void *more;

    if ( n->mapped >= FBC_IMAGE_MAX )
        return false;
    more = mremap(n->base, n->mapped, 2 * n->mapped, MREMAP_MAYMOVE);
    if ( more == MAP_FAILED )
        return false;
    n->data = n->base = more;
    n->mapped *= 2;

    return true;
}

static int unzstd(const uint8_t *p, size_t len, struct fbc_image *out,
                  const char *path, struct fbc_error *e)
{
    ZSTD_DStream *z = ZSTD_createDStream();
    ZSTD_inBuffer in = { p, len, 0 };
    ZSTD_outBuffer to = { NULL, 0, 0 };
    size_t rc = 1;
    struct fbc_image n;

    if ( !z || new_image(&n, UNPACK_ROOM, path, e) )
    {
        ZSTD_freeDStream(z);
        return z ? -1 : fbc_fail(e, FBC_EXIT_ENV, path, "no memory");
    }
    ZSTD_DCtx_setParameter(z, ZSTD_d_windowLogMax, 30);

    /* One frame: the size that Linux puts behind it is none. */
    for ( ; ; )
    {
        to.dst = n.base;
        to.size = n.mapped;
        rc = ZSTD_decompressStream(z, &to, &in);
        if ( !rc || ZSTD_isError(rc) ||
             (to.pos < to.size ? in.pos == in.size : !more_room(&n)) )
            break;
    }
    n.len = to.pos;
    ZSTD_freeDStream(z);

    if ( rc )
    {
        fbc_image_close(&n);
        return fbc_fail(e, FBC_EXIT_INPUT, path, "cannot be unpacked");
    }
    *out = n;

    return 0;
}

/* xz, or the older lzma: as much as comes out. */
static int unlzma(const uint8_t *p, size_t len, struct fbc_image *out,
                  const char *path, struct fbc_error *e)
{
    lzma_stream z = LZMA_STREAM_INIT;
    struct fbc_image n;
    lzma_ret rc;

    if ( lzma_auto_decoder(&z, UINT64_MAX, 0) != LZMA_OK )
        return fbc_fail(e, FBC_EXIT_ENV, path, "no memory to unpack it");
    if ( new_image(&n, UNPACK_ROOM, path, e) )
    {
        lzma_end(&z);
        return -1;
    }
    z.next_in = p;
    z.avail_in = len;
    do {
        z.next_out = (uint8_t *)n.base + z.total_out;
        z.avail_out = n.mapped - z.total_out;
        rc = lzma_code(&z, LZMA_RUN);
    } while ( rc == LZMA_OK && !z.avail_out && more_room(&n) );
    n.len = z.total_out;
    lzma_end(&z);

    if ( rc != LZMA_STREAM_END )
    {
        fbc_image_close(&n);
        return fbc_fail(e, FBC_EXIT_INPUT, path, "cannot be unpacked");
    }
    *out = n;

    return 0;
}

/* The kernel in a packed one. */
static int unpack(const uint8_t *p, size_t len, struct fbc_image *out,
                  const char *path, struct fbc_error *e)
{
    size_t room = gzip_room(p, len);
    struct fbc_image n;

    if ( len >= 6 && (!memcmp(p, "\xfd" "7zXZ", 6) ||
                      !memcmp(p, "\x5d\0\0", 3)) )
        return unlzma(p, len, out, path, e);
    if ( len >= 4 && !memcmp(p, "\x28\xb5\x2f\xfd", 4) )
        return unzstd(p, len, out, path, e);
    if ( !room )
    {
        fbc_fail(e, FBC_EXIT_INPUT, path,
                 "is packed by none of gzip, xz, lzma, zstd");
        return fbc_hint(e, "unpack it: extract-vmlinux of Linux' scripts "
                        "makes the same kernel of it");
    }
    if ( new_image(&n, room, path, e) )
        return -1;
    if ( !inflate_into(n.base, room, p, len) )
    {
        fbc_image_close(&n);
        return fbc_fail(e, FBC_EXIT_INPUT, path, "cannot be unpacked");
    }
    *out = n;

    return 0;
}

int fbc_image_kernel(struct fbc_image *i, const char *path,
                     struct fbc_error *e)
{
    const uint8_t *p = i->data;
    struct fbc_image n;
    uint64_t offset, len;

    if ( gzip_room(p, i->len) )
    {
        if ( unpack(p, i->len, &n, path, e) )
            return -1;
        fbc_image_close(i);
        *i = n;
        p = i->data;
    }
    if ( i->len < HDR_LEN || memcmp(p + HDR_MAGIC, "HdrS", 4) )
        return 0;

    offset = (p[HDR_SECTS] + 1) * 512 + (uint64_t)fbc_get32(p + HDR_OFFSET);
    len = fbc_get32(p + HDR_LENGTH);
    if ( fbc_get16(p + HDR_VERSION) < 0x208 || offset >= i->len ||
         len > i->len - offset )
        return fbc_fail(e, FBC_EXIT_INPUT, path,
                        "a bzImage that is cut short, or too old");
    p += offset;
    if ( len >= 4 && !memcmp(p, "\x7f" "ELF", 4) )
    {
        i->data = p;
        i->len = (size_t)len;
        return 0;
    }
    if ( unpack(p, (size_t)len, &n, path, e) )
        return -1;
    fbc_image_close(i);
    *i = n;

    return 0;
}
