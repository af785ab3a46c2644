/* SPDX-License-Identifier: GPL-2.0-only */
/* Known hosts: the text, the file, and what is thought of a host. */
#include "vec.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/keyclient/knownfile.h"
#include "lib/keyclient/knownhosts.h"
#include "parse/attest/knownhosts_old.h"

static char dir[] = "/tmp/knownhosts.XXXXXX", path[64];

static struct fbc_known_host host(const char *server, const char *name,
                                  uint8_t ek, uint64_t serial)
{
    struct fbc_known_host h = { .serial = serial };

    strcpy(h.server, server);
    strcpy(h.name, name);
    memset(h.ek, ek, sizeof(h.ek));
    memset(h.admin, 0xad, sizeof(h.admin));
    memset(h.vmm_key, 0x0c, sizeof(h.vmm_key));

    return h;
}

static size_t read_all(char *text, size_t room)
{
    FILE *f = fopen(path, "r");
    size_t n;

    assert_non_null(f);
    n = fread(text, 1, room - 1, f);
    text[n] = 0;
    fclose(f);

    return n;
}

static void write_all(const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static enum fbc_err find(const char *text, const struct fbc_known_host *h,
                         struct fbc_known_host *out, bool *found,
                         unsigned int *line)
{
    size_t start, end;

    return fbc_known_find(text, strlen(text), h->server, h->name, out, found,
                          &start, &end, line);
}

static size_t text_of(const struct fbc_known_host *h, char *text)
{
    size_t n = fbc_known_text(h, text);

    text[n] = 0;

    return n;
}

#define ROOM (FBC_KNOWN_TEXT_MAX + 1)

static void records(void **state)
{
    struct fbc_known_host h = host("keys.example:443", "h-1", 0x1e, 42), out;
    char one[ROOM], text[3 * ROOM];
    size_t n, start, end;
    unsigned int number;
    bool found;

    (void)state;
    n = text_of(&h, one);
    assert_int_equal(n, 65 + 16 + 3 + 3 * 64 + 2);
    assert_memory_equal(one, "fbc-known-host-1\nserver: keys.example:443\n"
                        "name: h-1\nek: 1e1e", 60);

    snprintf(text, sizeof(text), "# mine\n%s# end\n", one);
    assert_int_equal(fbc_known_find(text, strlen(text), h.server, h.name,
                                    &out, &found, &start, &end, &number),
                     FBC_OK);
    assert_true(found);
    assert_int_equal(start, 7);
    assert_int_equal(end, 7 + n);
    assert_int_equal(number, 2);
    assert_memory_equal(&out, &h, sizeof(h));

    strcpy(h.server, "other:443");
    assert_int_equal(find(text, &h, &out, &found, &number), FBC_OK);
    assert_false(found);
    snprintf(text, sizeof(text), "%s%s", one, one);
    assert_int_equal(find(text, &out, &h, &found, &number), FBC_ERR_RANGE);
    assert_int_equal(number, 8);

    strcpy(h.name, "two words");
    assert_int_equal(fbc_known_text(&h, one), 0);

    /* The longest of both kinds. */
    memset(h.server, 'a', FBC_SERVER_NAME_MAX);
    memset(h.name, 'b', FBC_HOST_NAME_MAX);
    h.name[FBC_HOST_NAME_MAX] = 0;
    h.serial = UINT64_MAX;
    text_of(&h, one);
    assert_int_equal(find(one, &h, &out, &found, &number), FBC_OK);
    assert_true(found);
    memset(h.name, 'b', FBC_KNOWN_NAME_MAX);
    assert_int_equal(fbc_known_text(&h, one), 0);
    strcpy(h.server, FBC_KNOWN_DIRECT);
    assert_int_equal(fbc_known_text(&h, one), 0);
    h.serial = 0;
    text_of(&h, one);
    assert_int_equal(find(one, &h, &out, &found, &number), FBC_OK);
    assert_true(found);
    assert_non_null(strstr(one, "\nek: none\nadmin: none\nserial: 0\n"));
    assert_true(fbc_known_is_direct(&out));
}

static void bad_records(void **state)
{
    static const char *const subs[][3] = {
        { "a:443", "A:443", "2" }, { "a:443", "", "2" },
        { "a:443", "a 443", "2" }, { "a:443", "none", "4" },
        { "name: h", "name: -h", "2" }, { "name: h", "name:  h", "3" },
        { "name: h", "name: h\t", "3" }, { "name: h", "nome: h", "3" },
        { "serial: 7", "serial: 07", "6" }, { "serial: 7", "serial: -7", "6" },
        { "serial: 7", "serial: ", "6" },
        { "serial: 7", "serial: 18446744073709551616", "6" },
        { "ek: 01", "ek: 0", "4" }, { "ek: ", "# ek: ", "4" },
        { "ek: 01010101010101010101010101010101010101010101010101010101010101"
          "01", "ek: none", "4" },
        { "0c0c\n", "0c0\n", "7" }, { "0c0c\n", "0C0c\n", "7" },
        { "0c0c\n", "0c0c0c\n", "7" }, { "0c0c\n", "0c0c", "7" },
        { "0c0c\n", "0c0c \n", "7" }, { "0c0c\n", "0c0c\r\n", "7" },
        { "0c0c\n", "0c0c\n\n", "8" }, { "0c0c\n", "0c0c\n#", "8" },
        { "0c0c\n", "0c0c\nfbc-\n", "8" },
        { "0c0c\n", "0c0c\nserial: 7\n", "8" },
    };
    struct fbc_known_host h = host("a:443", "h", 1, 7), out;
    char one[ROOM], text[2 * ROOM];
    unsigned int number;
    const char *at;
    enum fbc_err err;
    bool found;
    size_t i;

    (void)state;
    text_of(&h, one);
    for ( i = 0; i < sizeof(subs) / sizeof(subs[0]); i++ )
    {
        at = strstr(one, subs[i][0]);
        assert_non_null(at);
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - one), one,
                 subs[i][1], at + strlen(subs[i][0]));
        err = find(text, &h, &out, &found, &number);
        if ( err != FBC_ERR_FORMAT && err != FBC_ERR_MAGIC )
            fail_msg("accepted: %s", text);
        if ( number != strtoul(subs[i][2], NULL, 10) )
            fail_msg("line %u, not %s: %s", number, subs[i][2], text);
    }

    at = strchr(one, '1');
    snprintf(text, sizeof(text), "%.*s2%s", (int)(at - one), one, at + 1);
    assert_int_equal(find(text, &h, &out, &found, &number), FBC_ERR_VERSION);
    assert_int_equal(number, 1);
    snprintf(text, sizeof(text), "%sfbc-host-1\n", one);
    assert_int_equal(find(text, &h, &out, &found, &number), FBC_ERR_MAGIC);
    assert_int_equal(number, 8);
}

#define H8 "0123456789abcdef"
#define H64 H8 H8 H8 H8

/* What an older version wrote; each comment stays where it is. */
static void old_text(void **state)
{
    static const char old[] = "# mine\na:443 h " H64 " " H64 " 7 " H64 "\n"
                              "# two\nb:443 h " H64 " " H64 " 0 " H64 "\n#\n";
    static const char now[] =
        "# mine\nfbc-known-host-1\nserver: a:443\nname: h\nek: " H64 "\n"
        "admin: " H64 "\nserial: 7\nvmm-key: " H64 "\n"
        "# two\nfbc-known-host-1\nserver: b:443\nname: h\nek: " H64 "\n"
        "admin: " H64 "\nserial: 0\nvmm-key: " H64 "\n#\n";
    static const char *const bad[] = {
        "a:443", "a:443 h", "a:443 h  7", "A:443 h " H64 " " H64 " 7 " H64 "\n",
        "a:443 -h " H64 " " H64 " 7 " H64 "\n",
        "none h " H64 " " H64 " 7 " H64 "\n",
        "a:443 h " H64 " " H64 " 07 " H64 "\n",
        "a:443 h " H64 " none 7 " H64 "\n",
        "a:443 h " H64 " " H64 " 7 " H64, "a:443 h " H64 " " H64 " 7 " H64 " \n",
        "a:443 h " H64 " " H64 " 7 " H64 "\n#",
    };
    char out[2 * ROOM];
    unsigned int line;
    size_t n, i;

    (void)state;
    assert_true(fbc_known_is_old(old, sizeof(old) - 1));
    assert_false(fbc_known_is_old(now, sizeof(now) - 1));
    assert_false(fbc_known_is_old("# a b\n", 6));
    assert_int_equal(fbc_known_convert(old, sizeof(old) - 1, out, sizeof(out),
                                       &n, &line), FBC_OK);
    assert_int_equal(n, sizeof(now) - 1);
    assert_memory_equal(out, now, n);
    assert_int_equal(fbc_known_convert(old, sizeof(old) - 1, out, n - 1, &n,
                                       &line), FBC_ERR_LENGTH);
    for ( i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
        if ( fbc_known_convert(bad[i], strlen(bad[i]), out, sizeof(out), &n,
                               &line) != FBC_ERR_FORMAT )
            fail_msg("accepted: %s", bad[i]);
}

static void file(void **state)
{
    struct fbc_known_host a = host("a:443", "h", 1, 7), b = a, c = a, pinned;
    char text[4096], first[ROOM];
    unsigned int line, count;
    enum fbc_pin pin;
    struct fbc_error e;
    struct stat st;

    (void)state;
    snprintf(path, sizeof(path), "%s/new/known_hosts", dir);
    assert_int_equal(fbc_known_check(path, &a, &pin, &pinned, &line, &e), 0);
    assert_int_equal(pin, FBC_PIN_NEW);
    assert_int_equal(access(path, F_OK), -1);

    assert_int_equal(fbc_known_store(path, &a, NULL, &e), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(fbc_known_check(path, &a, &pin, &pinned, &line, &e), 0);
    assert_int_equal(pin, FBC_PIN_SAME);
    assert_int_equal(line, 1);

    /* A new key of the hypervisor, a newer registration: the same host. */
    memset(b.vmm_key, 0xbb, sizeof(b.vmm_key));
    b.serial = 8;
    assert_int_equal(fbc_known_check(path, &b, &pin, &pinned, &line, &e), 0);
    assert_int_equal(pin, FBC_PIN_SAME);
    assert_memory_equal(&pinned, &a, sizeof(a));
    assert_int_equal(fbc_known_store(path, &b, &pinned, &e), 0);
    assert_int_equal(fbc_known_check(path, &a, &pin, &pinned, &line, &e), 0);
    assert_int_equal(pin, FBC_PIN_SERIAL);
    assert_memory_equal(&pinned, &b, sizeof(b));

    memset(c.admin, 0xcc, sizeof(c.admin));
    assert_int_equal(fbc_known_check(path, &c, &pin, &pinned, &line, &e), 0);
    assert_int_equal(pin, FBC_PIN_ADMIN);
    memset(c.ek, 0xcc, sizeof(c.ek));
    assert_int_equal(fbc_known_check(path, &c, &pin, &pinned, &line, &e), 0);
    assert_int_equal(pin, FBC_PIN_EK);

    /* Others' lines and comments stay; so does the higher serial. */
    read_all(first, sizeof(first));
    snprintf(text, sizeof(text), "# one\n%s# two\n", first);
    write_all(text);
    c = host("b:443", "h", 9, 1);
    assert_int_equal(fbc_known_store(path, &c, NULL, &e), 0);
    assert_int_equal(fbc_known_store(path, &a, &b, &e), 0);
    assert_int_equal(fbc_known_check(path, &b, &pin, &pinned, &line, &e), 0);
    assert_int_equal(pin, FBC_PIN_SAME);
    assert_int_equal(pinned.serial, 8);
    assert_memory_equal(pinned.vmm_key, a.vmm_key, sizeof(a.vmm_key));
    assert_int_equal(line, 2);
    read_all(text, sizeof(text));
    assert_non_null(strstr(text, "# one\nfbc-known-host-1\nserver: a:443\n"));
    assert_non_null(strstr(text, "\n# two\nfbc-known-host-1\nserver: b:443\n"));

    assert_int_equal(fbc_known_forget(path, "b:443", "x", &count, &e), 0);
    assert_int_equal(count, 0);
    assert_int_equal(fbc_known_forget(path, "b:443", "h", &count, &e), 0);
    assert_int_equal(count, 1);
    assert_int_equal(fbc_known_store(path, &c, NULL, &e), 0);
    assert_int_equal(fbc_known_forget(path, NULL, "h", &count, &e), 0);
    assert_int_equal(count, 2);
    read_all(text, sizeof(text));
    assert_string_equal(text, "# one\n# two\n");
}

static void meanwhile(void **state)
{
    struct fbc_known_host a = host("a:443", "h", 1, 7), b = a;
    struct fbc_error e;

    (void)state;
    snprintf(path, sizeof(path), "%s/meanwhile", dir);
    memset(b.ek, 2, sizeof(b.ek));
    assert_int_equal(fbc_known_store(path, &a, NULL, &e), 0);
    assert_int_equal(fbc_known_store(path, &a, NULL, &e), 0);
    assert_int_equal(fbc_known_store(path, &b, NULL, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_NO);
    assert_int_equal(fbc_known_store(path, &b, &b, &e), -1);
    assert_int_equal(fbc_known_store(path, &b, &a, &e), 0);

    write_all("garbage\n");
    assert_int_equal(fbc_known_store(path, &a, NULL, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_INPUT);
    assert_string_equal(e.why, "line 1: malformed text");
}

/* A host that nobody vouches for is the one with this hypervisor's key. */
static void direct(void **state)
{
    struct fbc_known_host a = { .server = FBC_KNOWN_DIRECT, .name = "h" };
    struct fbc_known_host b, pinned;
    unsigned int line, count;
    struct fbc_error e;
    enum fbc_pin pin;

    (void)state;
    snprintf(path, sizeof(path), "%s/direct", dir);
    a.vmm_key[0] = 1;
    b = a;
    b.vmm_key[31] = 1;
    assert_int_equal(fbc_known_store(path, &a, NULL, &e), 0);
    assert_int_equal(fbc_known_check(path, &a, &pin, &pinned, &line, &e), 0);
    assert_int_equal(pin, FBC_PIN_SAME);
    assert_int_equal(fbc_known_check(path, &b, &pin, &pinned, &line, &e), 0);
    assert_int_equal(pin, FBC_PIN_VMM);
    assert_int_equal(fbc_known_store(path, &b, NULL, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_NO);
    /* The same name at a server is another host. */
    b = host("h:443", "h", 1, 7);
    assert_int_equal(fbc_known_store(path, &b, NULL, &e), 0);
    assert_int_equal(fbc_known_forget(path, "none", "h", &count, &e), 0);
    assert_int_equal(count, 1);
    assert_int_equal(fbc_known_check(path, &b, &pin, &pinned, &line, &e), 0);
    assert_int_equal(pin, FBC_PIN_SAME);
}

/* A line of this host, as older versions wrote it. */
static int old_line(char *out, size_t room, const char *server)
{
    return snprintf(out, room, "%s h %064d %064d 7 %064d\n", server, 1, 2, 3);
}

static void full_disk(void **state)
{
    struct fbc_known_host a = host("a:443", "h", 1, 7);
    static const char *const servers[] = { "b:1", "b:2", "b:3", "b:4" };
    struct rlimit was, small = { 300, 300 };
    char text[4096], now[4096], old[80];
    struct fbc_error e;
    unsigned int i;
    bool is_old;
    int n = 0;

    (void)state;
    snprintf(path, sizeof(path), "%s/full", dir);
    snprintf(old, sizeof(old), "%s.old", path);
    for ( i = 0; i < 4; i++ )
        n += old_line(text + n, sizeof(text) - (size_t)n, servers[i]);
    write_all(text);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    small.rlim_max = was.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(fbc_known_upgrade(path, &is_old, &e), -1);
    assert_true(is_old);
    assert_int_equal(e.status, FBC_EXIT_ENV);
    assert_int_equal(fbc_known_store(path, &a, NULL, &e), -1);
    read_all(now, sizeof(now));
    assert_string_equal(now, text);
    assert_int_equal(access(old, F_OK), -1);
    /* There is room for the old text, but not for the new one. */
    small.rlim_cur = (rlim_t)n;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(fbc_known_upgrade(path, &is_old, &e), -1);
    read_all(now, sizeof(now));
    assert_string_equal(now, text);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    assert_int_equal(fbc_known_upgrade(path, &is_old, &e), 0);
    assert_true(is_old);
    assert_int_equal(fbc_known_upgrade(path, &is_old, &e), 0);
    assert_false(is_old);
}

/* Nobody's line gets lost when many write at once. */
static void at_once(void **state)
{
    enum { WRITERS = 8, LINES = 10 };
    struct fbc_known_host a = host("a:443", "h", 1, 7);
    unsigned int i, k, count;
    struct fbc_error e;
    int status, bad = 0;
    char text[400];

    (void)state;
    snprintf(path, sizeof(path), "%s/at-once", dir);
    /* One that an older version has left. */
    old_line(text, sizeof(text), "b:443");
    write_all(text);
    for ( i = 0; i < WRITERS; i++ )
        if ( !fork() )
        {
            for ( k = 0; k < LINES; k++ )
            {
                snprintf(a.server, sizeof(a.server), "s%u-%u:443", i, k);
                if ( fbc_known_store(path, &a, NULL, &e) )
                    _exit(1);
            }
            _exit(0);
        }
    while ( wait(&status) > 0 )
        bad |= status;
    assert_int_equal(bad, 0);
    assert_int_equal(fbc_known_forget(path, NULL, "h", &count, &e), 0);
    assert_int_equal(count, WRITERS * LINES + 1);
    snprintf(path, sizeof(path), "%s/at-once.old.1", dir);
    assert_int_equal(access(path, F_OK), -1);
}

static void links(void **state)
{
    struct fbc_known_host a = host("a:443", "h", 1, 7);
    char link[64];
    struct fbc_error e;
    struct stat st;

    (void)state;
    snprintf(path, sizeof(path), "%s/real", dir);
    snprintf(link, sizeof(link), "%s/link", dir);
    write_all("# mine\n");
    assert_int_equal(symlink("real", link), 0);
    assert_int_equal(fbc_known_store(link, &a, NULL, &e), 0);
    assert_int_equal(lstat(link, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(path, &st), 0);
    assert_true(st.st_size > 200);
}

static void modes(void **state)
{
    enum fbc_pin_mode m = FBC_PIN_STRICT;

    (void)state;
    assert_false(fbc_pin_mode("", &m));
    assert_false(fbc_pin_mode("yes", &m));
    assert_int_equal(m, FBC_PIN_STRICT);
    assert_true(fbc_pin_mode("ask", &m));
    assert_int_equal(m, FBC_PIN_ASK);
    assert_true(fbc_pin_mode("accept-new", &m));
    assert_int_equal(m, FBC_PIN_ACCEPT_NEW);
    assert_true(fbc_pin_mode("strict", &m));
    assert_int_equal(m, FBC_PIN_STRICT);

    setenv("XDG_CONFIG_HOME", "relative", 1);
    setenv("HOME", "/home/me", 1);
    {
        char p[PATH_MAX];
        struct fbc_error e;

        assert_int_equal(fbc_known_path(p, &e), 0);
        assert_string_equal(p, "/home/me/.config/fbcrypt/known_hosts");
        setenv("XDG_CONFIG_HOME", "/x", 1);
        assert_int_equal(fbc_known_path(p, &e), 0);
        assert_string_equal(p, "/x/fbcrypt/known_hosts");
        unsetenv("XDG_CONFIG_HOME");
        unsetenv("HOME");
        assert_int_equal(fbc_known_path(p, &e), -1);
    }
}

static int set_up(void **state)
{
    (void)state;

    return mkdtemp(dir) ? 0 : -1;
}

static int tear_down(void **state)
{
    char command[64];

    (void)state;
    snprintf(command, sizeof(command), "rm -rf %s", dir);

    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records),
        cmocka_unit_test(bad_records),
        cmocka_unit_test(old_text),
        cmocka_unit_test(file),
        cmocka_unit_test(meanwhile),
        cmocka_unit_test(direct),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(at_once),
        cmocka_unit_test(links),
        cmocka_unit_test(modes),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
