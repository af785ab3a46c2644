/* SPDX-License-Identifier: GPL-2.0-only */
/* Known hosts: is a host the one that it was? */
#include "lib/keyclient/knownhosts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/keyclient/knownfile.h"
#include "lib/verify/attest_file.h"
#include "parse/text/hex.h"

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

static int fail_line(struct fbc_error *e, const char *path, enum fbc_err err,
                     unsigned int line)
{
    if ( err == FBC_ERR_RANGE )
        return fbc_fail(e, FBC_EXIT_INPUT, path,
                        "line %u: a second record of this host", line);

    return fbc_fail_record(e, path, err, line);
}

/* The record of a host, by its names. */
struct hit {
    struct fbc_known_host host;
    size_t start, end;
    unsigned int line;
    bool found;
};

static int find(const struct fbc_known_file *f, const char *path,
                const struct fbc_known_host *shown, struct hit *hit,
                struct fbc_error *e)
{
    enum fbc_err err = fbc_known_find(f->text, f->len, shown->server,
                                      shown->name, &hit->host, &hit->found,
                                      &hit->start, &hit->end, &hit->line);

    return err ? fail_line(e, path, err, hit->line) : 0;
}

int fbc_known_check(const char *path, const struct fbc_known_host *shown,
                    enum fbc_pin *pin, struct fbc_known_host *pinned,
                    unsigned int *line, struct fbc_error *e)
{
    const struct fbc_known_host *h;
    struct fbc_known_file f;
    struct hit hit;
    int rc;

    if ( fbc_known_load(&f, path, false, e) )
        return -1;
    rc = find(&f, path, shown, &hit, e);
    fbc_known_unload(&f);
    if ( rc )
        return -1;

    if ( !hit.found )
    {
        *pin = FBC_PIN_NEW;
        return 0;
    }
    h = &hit.host;
    *line = hit.line;
    if ( fbc_known_is_direct(h) )
        *pin = memcmp(h->vmm_key, shown->vmm_key, sizeof(h->vmm_key))
               ? FBC_PIN_VMM : FBC_PIN_SAME;
    else
        *pin = memcmp(h->ek, shown->ek, sizeof(h->ek)) ? FBC_PIN_EK
               : memcmp(h->admin, shown->admin, sizeof(h->admin))
               ? FBC_PIN_ADMIN
               : shown->serial < h->serial ? FBC_PIN_SERIAL : FBC_PIN_SAME;
    *pinned = *h;

    return 0;
}

static bool unchanged(const struct fbc_known_host *now, bool found,
                      const struct fbc_known_host *pinned)
{
    if ( !pinned || !found )
        return !found && !pinned;

    return !memcmp(now->ek, pinned->ek, sizeof(now->ek)) &&
           !memcmp(now->admin, pinned->admin, sizeof(now->admin)) &&
           (!fbc_known_is_direct(now) ||
            !memcmp(now->vmm_key, pinned->vmm_key, sizeof(now->vmm_key)));
}

/* The stored part is there already. */
static bool is_stored(const struct fbc_known_file *f, const struct hit *hit,
                      const char *text, size_t len)
{
    return hit->found && hit->end - hit->start == len &&
           !memcmp(f->text + hit->start, text, len);
}

int fbc_known_store(const char *path, const struct fbc_known_host *shown,
                    const struct fbc_known_host *pinned,
                    struct fbc_error *e)
{
    struct fbc_known_host next = *shown;
    char text[FBC_KNOWN_TEXT_MAX];
    struct fbc_known_file f;
    struct hit hit;
    int rc = -1;
    size_t len;

    if ( fbc_known_make_dirs(path, e) || fbc_known_load(&f, path, true, e) )
        return -1;
    if ( find(&f, path, shown, &hit, e) )
        goto out;
    /* Of two that know a host for the first time, both may say the same. */
    if ( !unchanged(&hit.host, hit.found, pinned) &&
         !(hit.found && unchanged(&hit.host, true, shown)) )
    {
        fbc_fail(e, FBC_EXIT_NO, path, "another process has pinned %s "
                 "differently meanwhile", shown->name);
        goto out;
    }
    if ( hit.found && hit.host.serial > next.serial )
        next.serial = hit.host.serial;
    if ( !hit.found )
        hit.start = hit.end = f.len;
    len = fbc_known_text(&next, text);
    if ( !len )
        fbc_fail_core(e, path, FBC_ERR_FORMAT);
    else if ( f.len - (hit.end - hit.start) + len > FBC_KNOWN_MAX_FILE )
        fbc_fail(e, FBC_EXIT_ENV, path, "is full: it would be larger than %u "
                 "bytes", FBC_KNOWN_MAX_FILE);
    else if ( is_stored(&f, &hit, text, len) )
        rc = 0;
    else
        rc = fbc_known_rewrite(&f, hit.start, hit.end, text, len, e);

 out:
    fbc_known_unload(&f);
    return rc;
}

/* Moves the records of other hosts together. */
static void strip(struct fbc_known_file *f, const char *server,
                  const char *name, unsigned int *count,
                  struct fbc_known_reader *r)
{
    size_t kept = 0, from = 0;
    struct fbc_known_host h;

    *r = (struct fbc_known_reader){ .text = f->text, .len = f->len };
    while ( fbc_known_next(r, &h) )
        if ( !strcmp(h.name, name) &&
             (!server || !strcmp(h.server, server)) )
        {
            memmove(f->text + kept, f->text + from, r->start - from);
            kept += r->start - from;
            from = r->pos;
            (*count)++;
        }
    if ( !*count )
        return;
    memmove(f->text + kept, f->text + from, f->len - from);
    f->len = kept + f->len - from;
}

int fbc_known_forget(const char *path, const char *server, const char *name,
                     unsigned int *count, struct fbc_error *e)
{
    struct fbc_known_reader r;
    struct fbc_known_file f;
    int rc = 0;

    *count = 0;
    if ( access(path, F_OK) && errno == ENOENT )
        return 0;
    if ( fbc_known_load(&f, path, true, e) )
        return -1;
    strip(&f, server, name, count, &r);
    if ( r.err )
        rc = fail_line(e, path, r.err, r.line);
    else if ( *count )
        rc = fbc_known_rewrite(&f, f.len, f.len, NULL, 0, e);
    fbc_known_unload(&f);

    return rc;
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

int fbc_known_ask(const char *question, const char *what, const char *value,
                  bool *yes)
{
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), rc = -1;
    const char *bare = strchr(value, ':');
    char prompt[256], line[256];
    bool more;

    if ( tty < 0 )
        return -1;

    bare = bare ? bare + 1 : value;
    *yes = false;
    snprintf(prompt, sizeof(prompt), "Is this the host (yes/no/[%s])? ", what);
    if ( !fbc_write(tty, question, strlen(question)) &&
         !fbc_write(tty, prompt, strlen(prompt)) )
        rc = 0;
    snprintf(prompt, sizeof(prompt), "Please type 'yes', 'no' or the %s: ",
             what);
    for ( more = !rc; more && read_line(tty, line, sizeof(line)); )
    {
        *yes = !strcmp(line, "yes") || !strcmp(line, value) ||
               !strcmp(line, bare);
        more = !*yes && strcmp(line, "no") &&
               !fbc_write(tty, prompt, strlen(prompt));
    }
    close(tty);

    return rc;
}
