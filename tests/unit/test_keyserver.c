/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Parts of the key server: its database, its limits, its socket.  With an
 * argument: that database, in place of one in a file.
 */
#include "vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/keyserver/keyserver_db.h"
#include "lib/keyserver/keyserver_listen.h"
#include "lib/keyserver/keyserver_rate.h"
#include "logtext.h"

static char dir[] = "/tmp/test_keyserver.XXXXXX";
static char path[64], copy[64];
static const char *shared;      /* postgresql://... */
static struct fbc_error e;

static int make(void **state)
{
    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/db", dir);
    snprintf(copy, sizeof(copy), "%s/copy", dir);

    return 0;
}

static int clean(void **state)
{
    static const char *const ends[] = { "db", "db-wal", "db-shm", "copy",
                                        "copy-wal", "copy-shm" };
    char name[80];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(ends) / sizeof(ends[0]); i++ )
    {
        snprintf(name, sizeof(name), "%s/%s", dir, ends[i]);
        unlink(name);
    }

    return rmdir(dir);
}

static struct fbc_ksdb *open_db(const char *name, enum fbc_ksdb_mode mode)
{
    struct fbc_ksdb *db = NULL;

    if ( fbc_ksdb_open(&db, name, mode, &e) )
        fail_msg("%s: %s", e.what, e.why);

    return db;
}

static void log_one(struct fbc_ksdb *db, const char *host)
{
    struct fbc_decision d = { .kind = FBC_DECISION_RELEASED,
                              .reason = "ok" };

    strcpy(d.host, host);
    assert_int_equal(fbc_ksdb_log(db, &d, &e), 0);
}

static bool add(const char *line, size_t len, void *arg)
{
    strncat(arg, line, len);

    return true;
}

static void hosts(void **state)
{
    static struct fbc_ks_host in = { .serial = 1ull << 63, .len = 3,
                                     .text = "abc" }, out;
    const struct fbc_ks_counters c = { 1, 2, UINT64_MAX };
    uint8_t key[FBC_KEY_LEN] = { 9 };
    struct fbc_ksdb *db, *reader;

    (void)state;
    if ( !shared )
    {
        assert_int_equal(fbc_ksdb_open(&db, path, FBC_KSDB_READ, &e), -1);
        assert_int_equal(e.status, FBC_EXIT_ENV);
    }
    db = open_db(shared ? shared : path, FBC_KSDB_SERVE);
    reader = open_db(shared ? shared : path, FBC_KSDB_READ);
    assert_int_equal(fbc_ksdb_get(reader, "a", &out, &e), 0);

    assert_int_equal(fbc_ksdb_begin(db, &e), 0);
    assert_int_equal(fbc_ksdb_put(db, "a", &in, &e), 0);
    log_one(db, "a");
    fbc_ksdb_rollback(db);
    assert_int_equal(fbc_ksdb_has(reader, "a", &e), 0);

    assert_int_equal(fbc_ksdb_begin(db, &e), 0);
    assert_int_equal(fbc_ksdb_put(db, "a", &in, &e), 0);
    assert_int_equal(fbc_ksdb_accepted(db, "a", &c, key, &e), 0);
    assert_int_equal(fbc_ksdb_has(reader, "a", &e), 0);
    assert_int_equal(fbc_ksdb_commit(db, &e), 0);
    fbc_ksdb_rollback(db);
    assert_int_equal(fbc_ksdb_has(reader, "a", &e), 1);
    assert_int_equal(fbc_ksdb_get(reader, "a", &out, &e), 1);
    assert_true(out.serial == in.serial && out.len == 3 && out.have_key);
    assert_memory_equal(out.text, "abc", 3);
    assert_memory_equal(out.vmm_key, key, sizeof(key));
    assert_memory_equal(&out.counters, &c, sizeof(c));

    in.len = 0;                 /* revoked */
    assert_int_equal(fbc_ksdb_put(db, "a", &in, &e), 0);
    assert_int_equal(fbc_ksdb_has(reader, "a", &e), 0);
    assert_int_equal(fbc_ksdb_get(reader, "a", &out, &e), 1);
    assert_true(out.serial == in.serial && !out.len && !out.have_key);
    /* Names are compared byte for byte. */
    assert_int_equal(fbc_ksdb_get(reader, "A", &out, &e), 0);
    fbc_ksdb_close(reader);
    fbc_ksdb_close(db);
}

static void chain(void **state)
{
    char text[4096] = FBC_DECISION_TITLE, again[4096] = FBC_DECISION_TITLE;
    struct fbc_log_span s;
    const char *name = shared ? shared : path;
    struct fbc_ksdb *db = open_db(name, FBC_KSDB_SERVE);
    struct stat st;
    size_t at;

    (void)state;
    log_one(db, "a");
    log_one(db, "b");
    fbc_ksdb_close(db);
    db = open_db(name, FBC_KSDB_SERVE);
    log_one(db, "c");
    assert_int_equal(fbc_ksdb_lines(db, 1, 0, add, text, &e), 0);
    assert_int_equal(log_check(text, strlen(text), &s, &at), FBC_OK);
    assert_int_equal(s.count, 3);
    assert_int_equal(s.first.number, 1);
    assert_string_equal(s.last.host, "c");
    assert_int_equal(fbc_ksdb_lines(db, 2, 1, add, again, &e), 0);
    assert_int_equal(log_check(again, strlen(again), &s, &at), FBC_OK);
    assert_int_equal(s.count, 1);
    assert_string_equal(s.last.host, "b");

    if ( shared )
    {
        fbc_ksdb_close(db);
        return;
    }
    assert_int_equal(fbc_ksdb_backup(db, copy, &e), 0);
    assert_int_equal(fbc_ksdb_backup(db, copy, &e), -1);
    fbc_ksdb_close(db);
    assert_int_equal(stat(copy, &st), 0);
    db = open_db(copy, FBC_KSDB_SERVE);
    log_one(db, "d");
    strcpy(again, FBC_DECISION_TITLE);
    assert_int_equal(fbc_ksdb_lines(db, 1, 0, add, again, &e), 0);
    assert_int_equal(log_check(again, strlen(again), &s, &at), FBC_OK);
    assert_int_equal(s.count, 4);
    assert_memory_equal(text, again, strlen(text));
    fbc_ksdb_close(db);
}

#define S FBC_NS_PER_S

static void rates(void **state)
{
    uint64_t now = 1000 * S;
    struct fbc_rate *r;
    unsigned int i;

    (void)state;
    assert_int_equal(fbc_rate_new(&r, 2, &e), 0);
    for ( i = 0; i < 20; i++ )          /* ten seconds' worth at once */
        assert_int_equal(fbc_rate_take(r, "a", 1, now), 0);
    assert_int_equal(fbc_rate_take(r, "a", 1, now), 1);
    assert_int_equal(fbc_rate_take(r, "b", 1, now), 0);
    now += S / 2;
    assert_int_equal(fbc_rate_take(r, "a", 1, now), 0);
    assert_int_equal(fbc_rate_take(r, "a", 1, now), 1);
    now += 3600 * S;                    /* no more than that is saved up */
    for ( i = 0; i < 20; i++ )
        assert_int_equal(fbc_rate_take(r, "a", 1, now), 0);
    assert_int_equal(fbc_rate_take(r, "a", 1, now), 1);
    fbc_rate_free(r);

    assert_int_equal(fbc_rate_new(&r, 0, &e), 0);
    for ( i = 0; i < 1000; i++ )
        assert_int_equal(fbc_rate_take(r, "a", 1, now), 0);
    fbc_rate_free(r);
}

/* A flood of other keys takes no room from one that is used up. */
static void rates_of_many(void **state)
{
    uint64_t now = 1000 * S;
    struct fbc_rate *r;
    unsigned int i, limited = 0;

    (void)state;
    assert_int_equal(fbc_rate_new(&r, 1, &e), 0);
    for ( i = 0; i < 10; i++ )
        assert_int_equal(fbc_rate_take(r, "victim", 6, now), 0);
    for ( i = 0; i < 100000; i++ )
        limited += !!fbc_rate_take(r, &i, sizeof(i), now);
    assert_int_equal(limited, 0);
    assert_int_equal(fbc_rate_take(r, "victim", 6, now), 1);
    fbc_rate_free(r);
}

static void addresses(void **state)
{
    static const char *const bad[] = {
        "", ":", "127.0.0.1", "127.0.0.1:", ":80", "127.0.0.1:65536",
        "127.0.0.1:x", "127.0.0.1:-1", "::1:80", "[::1]", "[127.0.0.1]:80",
        "localhost:80", "256.0.0.1:80", "127.0.0.1:0000000000080",
    };
    char text[FBC_KS_LISTEN_TEXT];
    bool passed;
    size_t i;
    int fd;

    (void)state;
    unsetenv("LISTEN_PID");
    for ( i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
    {
        assert_int_equal(fbc_ks_listen(bad[i], text, &passed, &e), -1);
        assert_int_equal(e.status, FBC_EXIT_USAGE);
    }
    fd = fbc_ks_listen("127.0.0.1:0", text, &passed, &e);
    assert_true(fd >= 0 && !passed);
    assert_memory_equal(text, "127.0.0.1:", 10);
    assert_string_not_equal(text, "127.0.0.1:0");
    assert_int_equal(fbc_ks_listen(text, text, &passed, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_ENV);
    close(fd);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        VEC_TEST("hosts are kept, changed and forgotten as a whole", hosts),
        VEC_TEST("the log goes on over restarts and in backups", chain),
        VEC_TEST("a rate limits what comes at once and over time", rates),
        VEC_TEST("many others do not lift one's limit", rates_of_many),
        VEC_TEST("addresses are taken in one form", addresses),
    };

    shared = argc > 1 ? argv[1] : NULL;

    return cmocka_run_group_tests(tests, make, clean);
}
