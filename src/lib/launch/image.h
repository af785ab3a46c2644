/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel and ramdisk as the domain builder reads them: files, unpacked where it
 * unpacks them.
 */
#ifndef FBC_LIB_LAUNCH_IMAGE_H
#define FBC_LIB_LAUNCH_IMAGE_H

#include "core/fbc.h"
#include "lib/base/fail.h"

/* Largest file, and largest contents of one: XC_DOM_DECOMPRESS_MAX. */
#define FBC_IMAGE_MAX (1024u * 1024 * 1024)

struct fbc_image {
    const uint8_t *data;
    size_t len;
    void *base;                 /* private: what is mapped */
    size_t mapped;
};

/* Reads a file; "-" is not one. */
int FBC_MUST_CHECK fbc_image_open(struct fbc_image *i, const char *path,
                                  struct fbc_error *e);

/* Harmless on what was set to 0. */
void fbc_image_close(struct fbc_image *i);

/*
 * The ELF file in a kernel: the file itself, or what a .gz or a bzImage holds
 * (gzip, xz, lzma, zstd).  *i is replaced.
 */
int FBC_MUST_CHECK fbc_image_kernel(struct fbc_image *i, const char *path,
                                    struct fbc_error *e);

/* Does a toolstack of Xen 4.19 or older unpack this ramdisk? */
bool fbc_image_is_gzip(const struct fbc_image *i);

/* Does anything follow its first member?  The builder would leave that out. */
bool fbc_image_gzip_goes_on(const struct fbc_image *i);

/* The bytes that such a toolstack puts into memory; *out is new. */
int FBC_MUST_CHECK fbc_image_gunzip(const struct fbc_image *i,
                                    struct fbc_image *out, const char *path,
                                    struct fbc_error *e);

#endif /* FBC_LIB_LAUNCH_IMAGE_H */
