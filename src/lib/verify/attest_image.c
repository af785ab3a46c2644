/* SPDX-License-Identifier: GPL-2.0-only */
/* Authenticode hash of an EFI image file. */
#include "lib/verify/attest_image.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "parse/attest/authenticode.h"

/* The whole file, copied: it may change while it is looked at. */
static int read_image(const char *path, uint8_t **data, uint64_t *len,
                      struct fbc_error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), rc = -1;
    uint8_t *buf = NULL;
    struct stat st;
    ssize_t n;

    if ( fd < 0 || fstat(fd, &st) )
    {
        fbc_fail_errno(e, path);
        if ( errno == ENOENT )
            e->status = FBC_EXIT_INPUT;
    }
    else if ( !S_ISREG(st.st_mode) || st.st_size > FBC_IMAGE_MAX )
        fbc_fail(e, FBC_EXIT_INPUT, path,
                 "is not a file of at most 512 MiB");
    else if ( !(buf = malloc((size_t)st.st_size + 1)) )
        fbc_fail_core(e, path, FBC_ERR_NOMEM);
    else if ( (n = fbc_read(fd, buf, (size_t)st.st_size, NULL)) < 0 )
        fbc_fail_errno(e, path);
    else
    {
        *data = buf;
        *len = (uint64_t)n;
        buf = NULL;
        rc = 0;
    }
    free(buf);
    if ( fd >= 0 )
        close(fd);

    return rc;
}

/* Without it Xen reads its command line from where nobody measures it. */
static int has_config(const char *path, const uint8_t *data, uint64_t len,
                      struct fbc_error *e)
{
    struct fbc_pe_range config = { .len = 0 };
    unsigned int n;
    enum fbc_err err = fbc_pe_sections(data, len, ".config", &config, &n);

    if ( err )
    {
        fbc_fail_core(e, path, err);
        return fbc_hint(e, "expected an EFI image for x86-64, such as xen.efi");
    }
    if ( n == 1 && config.len )
        return 0;

    fbc_fail(e, FBC_EXIT_INPUT, path,
             n > 1 ? "has more than one configuration (.config) built in"
             : n ? "has an empty configuration (.config) built in"
             : "has no configuration (.config) built in: the command line "
               "would not be measured");

    return fbc_hint(e, "make the image with fbc-mkimage(8)");
}

int fbc_image_hash(const char *path, uint8_t hash[static FBC_HASH_LEN],
                   bool *pads, struct fbc_error *e)
{
    struct fbc_pe_range range[FBC_PE_RANGES];
    EVP_MD_CTX *ctx = NULL;
    unsigned int n = 0, i;
    uint8_t *data;
    uint64_t len;
    bool ok;

    if ( read_image(path, &data, &len, e) )
        return -1;
    if ( has_config(path, data, len, e) )
    {
        free(data);
        return -1;
    }

    ctx = EVP_MD_CTX_new();
    ok = ctx && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1 &&
         !fbc_pe_ranges(data, len, range, &n);
    for ( i = 0; ok && i < n; i++ )
        ok = EVP_DigestUpdate(ctx, data + range[i].offset, range[i].len) == 1;
    ok = ok && EVP_DigestFinal_ex(ctx, hash, NULL) == 1;
    EVP_MD_CTX_free(ctx);
    free(data);
    *pads = len % 8;            /* signed images end at a multiple of it */

    return ok ? 0 : fbc_fail_core(e, path, FBC_ERR_CRYPTO);
}
