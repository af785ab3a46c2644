/* SPDX-License-Identifier: GPL-2.0-only */
/* Known hosts on disk. */
#include "lib/keyclient/knownhosts.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/outfile.h"
#include "lib/base/secmem.h"
#include "lib/verify/attest_file.h"
#include "parse/text/hex.h"

#define LOCK_SECONDS 10

static const char *const modes[] = {
    [FBC_PIN_STRICT] = "strict", [FBC_PIN_ACCEPT_NEW] = "accept-new",
    [FBC_PIN_ASK] = "ask",
};

bool fbc_pin_mode(const char *text, enum fbc_pin_mode *out)
{
    unsigned int i;

    for ( i = 0; i < sizeof(modes) / sizeof(modes[0]); i++ )
        if ( !strcmp(text, modes[i]) )
        {
            *out = i;
            return true;
        }

    return false;
}

int fbc_known_path(char path[static PATH_MAX], struct fbc_error *e)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *below = "";

    /* Relative ones are to be ignored (XDG Base Directory Specification). */
    if ( !base || base[0] != '/' )
    {
        base = getenv("HOME");
        below = "/.config";
    }
    if ( !base || base[0] != '/' )
    {
        fbc_fail(e, FBC_EXIT_ENV, "HOME", "is not set");
        return fbc_hint(e, "name the file with --known-hosts");
    }
    if ( snprintf(path, PATH_MAX, "%s%s/fbcrypt/known_hosts", base, below) >=
         PATH_MAX )
        return fbc_fail(e, FBC_EXIT_ENV, "known_hosts", "name is too long");

    return 0;
}

/* A file that does not exist is empty.  buf as of fbc_file_read(). */
static int load_file(const char *path, uint8_t **buf, size_t *len,
                     struct fbc_error *e)
{
    if ( access(path, F_OK) && errno == ENOENT )
    {
        *buf = NULL;
        *len = 0;
        return 0;
    }

    return fbc_file_read(path, FBC_KNOWN_MAX_FILE, buf, len, e);
}

static void unload(uint8_t *buf)
{
    if ( buf )
        fbc_secret_free(buf, FBC_KNOWN_MAX_FILE + 1);
}

static int fail_line(struct fbc_error *e, const char *path, enum fbc_err err,
                     unsigned int line)
{
    if ( err == FBC_ERR_RANGE )
        return fbc_fail(e, FBC_EXIT_INPUT, path,
                        "line %u: a second line of this host", line);

    return fbc_fail_record(e, path, err, line);
}

int fbc_known_check(const char *path, const struct fbc_known_host *shown,
                    enum fbc_pin *pin, struct fbc_known_host *pinned,
                    unsigned int *line, struct fbc_error *e)
{
    struct fbc_known_host h;
    size_t len, start, end;
    enum fbc_err err;
    uint8_t *buf;
    bool found;

    if ( load_file(path, &buf, &len, e) )
        return -1;
    err = fbc_known_find((char *)buf, len, shown->server, shown->name, &h,
                         &found, &start, &end, line);
    unload(buf);
    if ( err )
        return fail_line(e, path, err, *line);

    if ( !found )
    {
        *pin = FBC_PIN_NEW;
        return 0;
    }
    *pinned = h;
    *pin = memcmp(h.ek, shown->ek, sizeof(h.ek)) ? FBC_PIN_EK
           : memcmp(h.admin, shown->admin, sizeof(h.admin)) ? FBC_PIN_ADMIN
           : shown->serial < h.serial ? FBC_PIN_SERIAL : FBC_PIN_SAME;

    return 0;
}

/* Makes the directories that a path needs, but not its last part. */
static int make_dirs(const char *path, struct fbc_error *e)
{
    char dir[PATH_MAX];
    size_t i;

    for ( i = 0; path[i] && i < sizeof(dir) - 1; i++ )
    {
        if ( i && path[i] == '/' )
        {
            dir[i] = 0;
            if ( mkdir(dir, 0700) && errno != EEXIST )
                return fbc_fail_errno(e, dir);
        }
        dir[i] = path[i];
    }

    return 0;
}

/*
 * The lock is a file of its own, since the file itself is replaced.  real: the
 * file, should its name be a symbolic link.
 */
static int lock(const char *path, char real[static PATH_MAX],
                struct fbc_error *e)
{
    char name[PATH_MAX];
    unsigned int i;
    int fd;

    if ( (!realpath(path, real) &&
          snprintf(real, PATH_MAX, "%s", path) >= PATH_MAX) ||
         snprintf(name, sizeof(name), "%s.lock", real) >= (int)sizeof(name) )
        return fbc_fail(e, FBC_EXIT_INPUT, path, "name is too long");
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if ( fd < 0 )
        return fbc_fail_errno(e, name);

    for ( i = 0; flock(fd, LOCK_EX | LOCK_NB); i++ )
    {
        if ( (errno != EWOULDBLOCK && errno != EINTR) ||
             i == LOCK_SECONDS * 20 )
        {
            fbc_fail(e, FBC_EXIT_TIMEOUT, name, "is locked by another "
                     "process for more than %u seconds", LOCK_SECONDS);
            close(fd);
            return -1;
        }
        poll(NULL, 0, 50);
    }

    return fd;
}

/* text with [start, end) replaced becomes the file. */
static int rewrite(const char *path, const uint8_t *text, size_t len,
                   size_t start, size_t end, const char *line,
                   struct fbc_error *e)
{
    struct fbc_outfile out;

    if ( fbc_outfile_open(&out, path, e) )
        return -1;
    if ( (start && fbc_write(out.fd, text, start)) ||
         fbc_write(out.fd, line, strlen(line)) ||
         (len > end && fbc_write(out.fd, text + end, len - end)) )
    {
        fbc_fail_errno(e, path);
        fbc_outfile_abort(&out);
        return -1;
    }

    return fbc_outfile_commit(&out, true, e);
}

static bool unchanged(const struct fbc_known_host *now, bool found,
                      const struct fbc_known_host *pinned)
{
    if ( !pinned || !found )
        return !found && !pinned;

    return !memcmp(now->ek, pinned->ek, sizeof(now->ek)) &&
           !memcmp(now->admin, pinned->admin, sizeof(now->admin));
}

int fbc_known_store(const char *path, const struct fbc_known_host *shown,
                    const struct fbc_known_host *pinned,
                    struct fbc_error *e)
{
    struct fbc_known_host now, next = *shown;
    char line[FBC_KNOWN_LINE_MAX], real[PATH_MAX];
    size_t len, start, end;
    unsigned int number;
    int fd = -1, rc = -1;
    uint8_t *buf = NULL;
    enum fbc_err err;
    bool found;

    if ( make_dirs(path, e) || (fd = lock(path, real, e)) < 0 )
        return -1;
    if ( load_file(real, &buf, &len, e) )
        goto out;
    err = fbc_known_find((char *)buf, len, shown->server, shown->name, &now,
                         &found, &start, &end, &number);
    if ( err )
    {
        fail_line(e, path, err, number);
        goto out;
    }
    /* Of two that know a host for the first time, both may say the same. */
    if ( !unchanged(&now, found, pinned) &&
         !(found && unchanged(&now, true, shown)) )
    {
        fbc_fail(e, FBC_EXIT_NO, path, "another process has pinned %s "
                 "differently meanwhile", shown->name);
        goto out;
    }
    if ( found && now.serial > next.serial )
        next.serial = now.serial;
    if ( !found )
        start = end = len;
    if ( !fbc_known_line(&next, line) )
        fbc_fail_core(e, path, FBC_ERR_FORMAT);
    else if ( found && end - start == strlen(line) &&
              !memcmp(buf + start, line, end - start) )
        rc = 0;
    else
        rc = rewrite(real, buf, len, start, end, line, e);

 out:
    unload(buf);
    close(fd);
    return rc;
}

/* Moves the lines of other hosts together; the length that is left. */
static size_t strip(uint8_t *text, size_t len, const char *server,
                    const char *name, unsigned int *count,
                    struct fbc_known_reader *r)
{
    struct fbc_known_host h;
    size_t kept = 0, from = 0;

    *count = 0;
    *r = (struct fbc_known_reader){ .text = (char *)text, .len = len };
    if ( !len )
        return 0;
    while ( fbc_known_next(r, &h) )
        if ( !strcmp(h.name, name) &&
             (!server || !strcmp(h.server, server)) )
        {
            memmove(text + kept, text + from, r->start - from);
            kept += r->start - from;
            from = r->pos;
            (*count)++;
        }
    memmove(text + kept, text + from, len - from);

    return kept + len - from;
}

int fbc_known_forget(const char *path, const char *server, const char *name,
                     unsigned int *count, struct fbc_error *e)
{
    struct fbc_known_reader r;
    uint8_t *buf = NULL;
    char real[PATH_MAX];
    int fd, rc = -1;
    size_t len;

    *count = 0;
    if ( access(path, F_OK) && errno == ENOENT )
        return 0;
    fd = lock(path, real, e);
    if ( fd < 0 )
        return -1;
    if ( !load_file(real, &buf, &len, e) )
    {
        len = strip(buf, len, server, name, count, &r);
        rc = r.bad ? fail_line(e, path, FBC_ERR_FORMAT, r.line)
             : *count ? rewrite(real, buf, len, len, len, "", e) : 0;
    }
    unload(buf);
    close(fd);

    return rc;
}

void fbc_fingerprint(const uint8_t hash[static FBC_HASH_LEN],
                     char out[static FBC_FINGERPRINT_TEXT])
{
    char *p = out + sprintf(out, "SHA256:");

    *fbc_hex_write(p, hash, FBC_HASH_LEN) = '\0';
}

/* A line from the terminal, which gives one at a time. */
static bool read_line(int tty, char *line, size_t room)
{
    ssize_t n = read(tty, line, room - 1);

    if ( n <= 0 )
        return false;
    line[n] = 0;
    line[strcspn(line, "\r\n")] = 0;

    return true;
}

int fbc_known_ask(const char *question, const uint8_t ek[static FBC_HASH_LEN],
                  bool *yes)
{
    static const char first[] = "Is this the host (yes/no/[fingerprint])? ",
                      again[] = "Please type 'yes', 'no' or the "
                                "fingerprint: ";
    char text[FBC_FINGERPRINT_TEXT], line[256];
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), rc = -1;
    bool more;

    if ( tty < 0 )
        return -1;

    fbc_fingerprint(ek, text);
    *yes = false;
    if ( !fbc_write(tty, question, strlen(question)) &&
         !fbc_write(tty, first, sizeof(first) - 1) )
        rc = 0;
    for ( more = !rc; more && read_line(tty, line, sizeof(line)); )
    {
        *yes = !strcmp(line, "yes") || !strcmp(line, text) ||
               !strcmp(line, text + 7);
        more = !*yes && strcmp(line, "no") &&
               !fbc_write(tty, again, sizeof(again) - 1);
    }
    close(tty);

    return rc;
}
