/* SPDX-License-Identifier: GPL-2.0-only */
/* fbc-keyserver log, backup. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/cli.h"
#include "lib/base/json.h"
#include "lib/keyserver/keyserver_cmd.h"
#include "lib/keyserver/keyserver_db.h"
#include "parse/text/decimal.h"
#include "parse/text/hex.h"

/* A walk over a log, line by line. */
struct walk {
    bool print;
    bool known_seen;                /* the entry that must be there */
    struct fbc_log_span seen;
    enum fbc_err err;
    uint64_t at;                    /* entry that is next, or wrong */
};

static bool take_line(const char *line, size_t len, void *arg)
{
    struct walk *w = arg;
    const struct fbc_decision *d = &w->seen.last;

    if ( w->print )
    {
        fwrite(line, 1, len, stdout);
        return !ferror(stdout);
    }
    w->err = fbc_log_next(&w->seen, line, len);
    if ( w->err )
        return false;
    w->at = d->number + 1;
    /* Its hash says nothing of a first entry but number 1: none was checked. */
    if ( d->number == w->seen.known
         ? (w->seen.count > 1 || d->number == 1) &&
           !memcmp(d->hash, w->seen.known_hash, sizeof(d->hash))
         : w->seen.count == 1 && d->number == w->seen.known + 1 )
        w->known_seen = true;

    return true;
}

static int walk_text(const char *path, struct walk *w, struct fbc_error *e)
{
    static const char title[] = FBC_DECISION_TITLE;
    FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;
    char line[FBC_DECISION_LINE + 1];
    int rc = 0;

    if ( !f )
        return fbc_fail_errno(e, path);
    if ( !fgets(line, sizeof(line), f) || strcmp(line, title) )
        rc = fbc_fail(e, FBC_EXIT_INPUT, path,
                      "is neither a database nor a log");
    else
        while ( fgets(line, sizeof(line), f) &&
                take_line(line, strlen(line), w) )
            ;
    if ( !rc && ferror(f) )
        rc = fbc_fail_errno(e, path);
    if ( f != stdin )
        fclose(f);

    return rc;
}

/* Standard input is none. */
static int is_database(const char *path, bool *is, struct fbc_error *e)
{
    static const char magic[16] = "SQLite format 3";
    char head[sizeof(magic)];
    int fd;

    *is = fbc_ksdb_is_shared(path);
    if ( *is || !strcmp(path, "-") )
        return 0;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if ( fd < 0 )
    {
        fbc_fail_errno(e, path);
        if ( errno == ENOENT )
            e->status = FBC_EXIT_INPUT;
        return -1;
    }
    *is = read(fd, head, sizeof(head)) == sizeof(head) &&
          !memcmp(head, magic, sizeof(magic));
    close(fd);

    return 0;
}

static int walk_all(const char *path, bool is_db, uint64_t from,
                    struct walk *w, struct fbc_error *e)
{
    struct fbc_ksdb *db;
    int rc;

    if ( !is_db )
        return walk_text(path, w, e);
    if ( fbc_ksdb_open(&db, path, FBC_KSDB_READ, e) )
        return -1;
    if ( w->print )
        fputs(FBC_DECISION_TITLE, stdout);
    rc = fbc_ksdb_lines(db, from, 0, take_line, w, e);
    fbc_ksdb_close(db);

    return rc;
}

/* NUMBER:HASH */
static int parse_known(const char *text, struct walk *w, struct fbc_error *e)
{
    const char *colon = strchrnul(text, ':');

    if ( fbc_decimal_read(text, (size_t)(colon - text), UINT64_MAX,
                          &w->seen.known) && w->seen.known && *colon &&
         fbc_hex_read(colon + 1, strlen(colon + 1), w->seen.known_hash,
                      FBC_HASH_LEN) )
        return 0;

    return fbc_fail(e, FBC_EXIT_USAGE, text, "is not NUMBER:HASH");
}

static int judge(const char *path, uint64_t from, const struct walk *w,
                 struct fbc_error *e)
{
    char line[40];

    if ( w->err )
    {
        snprintf(line, sizeof(line), "entry %" PRIu64, w->at);
        return fbc_fail(e, FBC_EXIT_NO, path, "%s: %s", line,
                        w->err == FBC_ERR_RANGE
                        ? "the entry before it is missing"
                        : w->err == FBC_ERR_CHECKSUM
                        ? "its hash does not follow from those before"
                        : fbc_strerror(w->err));
    }
    if ( w->seen.count && w->seen.first.number != from )
        return fbc_fail(e, FBC_EXIT_NO, path,
                        "begins with entry %" PRIu64 ", not %" PRIu64,
                        w->seen.first.number, from);
    if ( !w->seen.known || w->known_seen )
        return 0;
    if ( w->seen.count && w->seen.first.number == w->seen.known )
        return fbc_fail(e, FBC_EXIT_NO, path,
                        "entry %" PRIu64 " is the first and cannot be checked: "
                        "--from the one before it, or after", w->seen.known);

    return fbc_fail(e, FBC_EXIT_NO, path,
                    "entry %" PRIu64 " with that hash is not there",
                    w->seen.known);
}

static void report(const struct walk *w, bool json, const struct fbc_error *e)
{
    char hash[2 * FBC_HASH_LEN + 1];
    struct fbc_json j;

    *fbc_hex_write(hash, w->seen.last.hash, FBC_HASH_LEN) = '\0';
    if ( json )
    {
        fbc_json_begin(&j, stdout, "fbcrypt/keyserver-log/1", !e);
        fbc_json_uint(&j, "entries", w->seen.count);
        fbc_json_uint(&j, "first", w->seen.first.number);
        fbc_json_uint(&j, "last", w->seen.last.number);
        fbc_json_str(&j, "hash", w->seen.count ? hash : NULL);
        fbc_json_error(&j, e);
        fbc_json_end(&j);
    }
    else if ( !e && w->seen.count )
        printf("%" PRIu64 ":%s\n", w->seen.last.number, hash);
}

int fbc_ks_cmd_log(const struct fbc_ks_args *a, struct fbc_error *e)
{
    uint64_t from = a->from ? a->from : 1;
    struct walk w = { .print = !a->verify, .at = from };
    bool is_db;
    int rc;

    if ( a->known && parse_known(a->known, &w, e) )
        return -1;
    if ( is_database(a->operand, &is_db, e) )
        return -1;
    if ( w.print && !is_db )
        return fbc_fail(e, FBC_EXIT_INPUT, a->operand, "is not a database");
    rc = walk_all(a->operand, is_db, from, &w, e);
    if ( !rc && a->verify )
        rc = judge(a->operand, from, &w, e);
    if ( a->verify )
        report(&w, a->json, rc ? e : NULL);

    return rc;
}

int fbc_ks_cmd_backup(const struct fbc_ks_args *a, struct fbc_error *e)
{
    struct fbc_ksdb *db;
    int rc;

    if ( fbc_ksdb_open(&db, a->config.database, FBC_KSDB_READ, e) )
        return -1;
    rc = fbc_ksdb_backup(db, a->operand, e);
    fbc_ksdb_close(db);

    return rc;
}
