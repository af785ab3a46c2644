/* SPDX-License-Identifier: GPL-2.0-only */
/* Key files on disk. */
#include "lib/base/keyfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/crypto.h"
#include "lib/base/io.h"
#include "lib/base/oddtext.h"
#include "lib/base/secmem.h"

static const char *const kind_names[FBC_KEY_KINDS] = {
    [FBC_KEY_OWNER_SECRET] = "an owner secret key",
    [FBC_KEY_OWNER_PUBLIC] = "an owner public key",
    [FBC_KEY_VMM_PUBLIC]   = "a hypervisor public key",
    [FBC_KEY_SESSION]      = "a session key",
    [FBC_KEY_ADMIN_SECRET] = "an administrator's secret key",
    [FBC_KEY_ADMIN_PUBLIC] = "an administrator's public key",
};

struct key_buf {                /* in secret memory */
    char text[FBC_KEYTEXT_MAX_FILE + 1];
    size_t len;
    struct stat st;
    uint8_t payload[FBC_KEYTEXT_MAX_PAYLOAD];
};

static bool is_secret(enum fbc_key_kind kind)
{
    return kind == FBC_KEY_OWNER_SECRET || kind == FBC_KEY_SESSION ||
           kind == FBC_KEY_ADMIN_SECRET;
}

static int check_private(const struct stat *st, const char *path,
                         struct fbc_error *e)
{
    if ( !S_ISREG(st->st_mode) )
        return fbc_fail(e, FBC_EXIT_INPUT, path,
                        "a secret key must be a regular file");

    return fbc_check_private(st, path, "secret key", e);
}

/* secret: whether the file must be private. */
static int read_text(const char *path, bool secret, struct key_buf *b,
                     struct fbc_error *e)
{
    bool is_stdin = !strcmp(path, "-");
    int fd, rc = -1;
    ssize_t n;

    fd = is_stdin ? STDIN_FILENO
         : open(path, O_RDONLY | O_CLOEXEC |
                (secret ? O_NOFOLLOW | O_NONBLOCK : 0));
    if ( fd < 0 )
    {
        if ( errno == ELOOP && secret )
            return fbc_fail(e, FBC_EXIT_INPUT, path,
                            "is a symbolic link, which a secret key "
                            "must not be");
        fbc_fail_errno(e, path);
        if ( errno == ENOENT )
            e->status = FBC_EXIT_INPUT;
        return -1;
    }

    if ( fstat(fd, &b->st) )
    {
        fbc_fail_errno(e, path);
        goto out;
    }
    if ( secret && !is_stdin && check_private(&b->st, path, e) )
        goto out;
    n = fbc_read(fd, b->text, sizeof(b->text), NULL);
    if ( n < 0 )
    {
        fbc_fail_errno(e, path);
        goto out;
    }
    b->len = (size_t)n;
    rc = 0;

 out:
    if ( !is_stdin )
        close(fd);
    return rc;
}

/* Is it a key of another kind?  Then say which. */
static int explain(const char *path, enum fbc_key_kind kind,
                   enum fbc_err err, struct key_buf *b, struct fbc_error *e)
{
    const char *odd = fbc_odd_text(b->text, b->len);
    unsigned int k;

    for ( k = 0; k < FBC_KEY_KINDS; k++ )
        if ( k != kind && fbc_keytext_parse(k, b->text, b->len, b->payload)
             == FBC_OK )
            return fbc_fail(e, FBC_EXIT_INPUT, path, "is %s, not %s",
                            kind_names[k], kind_names[kind]);

    if ( odd )
    {
        fbc_fail(e, FBC_EXIT_INPUT, path, "%s", odd);
        return fbc_hint(e, "a key file is ASCII, its lines end in LF: get it "
                        "again, in a way that leaves it as it is");
    }
    if ( err == FBC_ERR_FORMAT || err == FBC_ERR_MAGIC ||
         err == FBC_ERR_LENGTH )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "is not %s: %s",
                        kind_names[kind], fbc_strerror(err));

    return fbc_fail_core(e, path, err);
}

int fbc_keyfile_read(enum fbc_key_kind kind, const char *path,
                     uint8_t *payload, struct fbc_error *e)
{
    struct key_buf *b = fbc_secret_alloc(sizeof(*b));
    enum fbc_err err;
    int rc = -1;

    if ( !b )
        return fbc_fail_errno(e, path);
    if ( read_text(path, is_secret(kind), b, e) )
        goto out;

    err = fbc_keytext_parse(kind, b->text, b->len, b->payload);
    if ( err )
    {
        explain(path, kind, err, b, e);
        goto out;
    }
    memcpy(payload, b->payload, fbc_keytext_payload_len(kind));
    rc = 0;

 out:
    fbc_secret_free(b, sizeof(*b));
    return rc;
}

int fbc_keyfile_owner_public(const char *path,
                             uint8_t pub[static FBC_KEY_LEN],
                             struct fbc_error *e)
{
    struct key_buf *b = fbc_secret_alloc(sizeof(*b));
    enum fbc_err err;
    int rc = -1;

    if ( !b )
        return fbc_fail_errno(e, path);
    if ( read_text(path, false, b, e) )
        goto out;

    err = fbc_keytext_parse(FBC_KEY_OWNER_PUBLIC, b->text, b->len, pub);
    if ( !err )
        rc = 0;
    else if ( fbc_keytext_parse(FBC_KEY_OWNER_SECRET, b->text, b->len,
                                b->payload) )
        explain(path, FBC_KEY_OWNER_PUBLIC, err, b, e);
    else if ( strcmp(path, "-") && check_private(&b->st, path, e) )
        rc = -1;
    else if ( fbc_x25519_public(pub, b->payload) )
        fbc_fail_core(e, path, FBC_ERR_CRYPTO);
    else
        rc = 0;

 out:
    fbc_secret_free(b, sizeof(*b));
    return rc;
}

int fbc_keyfile_write(int fd, const char *name, enum fbc_key_kind kind,
                      const uint8_t *payload, const char *comment,
                      struct fbc_error *e)
{
    char line[FBC_KEYTEXT_MAX_LINE];
    enum fbc_err err = fbc_keytext_encode(kind, payload, line);
    int rc;

    if ( err )
        return fbc_fail_core(e, name, err);

    rc = fbc_write(fd, comment, strlen(comment)) ||
         fbc_write(fd, line, strlen(line)) ? fbc_fail_errno(e, name) : 0;
    fbc_wipe(line, sizeof(line));

    return rc;
}

int fbc_keyid_text(const uint8_t pub[static FBC_KEY_LEN],
                   char out[static FBC_KEYID_TEXT])
{
    uint8_t id[FBC_KEYID_LEN];

    if ( fbc_keytext_id(pub, id) )
        return -1;
    snprintf(out, FBC_KEYID_TEXT, "%02x%02x %02x%02x %02x%02x %02x%02x",
             id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7]);

    return 0;
}

void fbc_uuid_text(const uint8_t uuid[static FBC_UUID_LEN],
                   char out[static FBC_UUID_TEXT])
{
    size_t i, n = 0;

    for ( i = 0; i < FBC_UUID_LEN; i++ )
    {
        if ( i == 4 || i == 6 || i == 8 || i == 10 )
            out[n++] = '-';
        n += (size_t)snprintf(out + n, 3, "%02x", uuid[i]);
    }
}
