/* SPDX-License-Identifier: GPL-2.0-only */
/* Known hosts: the text, the file, and what is thought of a host. */
#include "vec.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/keyclient/knownhosts.h"

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

static void lines(void **state)
{
    struct fbc_known_host h = host("keys.example:443", "h-1", 0x1e, 42), out;
    char line[FBC_KNOWN_LINE_MAX], text[3 * FBC_KNOWN_LINE_MAX];
    size_t n, start, end;
    unsigned int number;
    bool found;

    (void)state;
    n = fbc_known_line(&h, line);
    assert_int_equal(n, strlen(line));
    assert_int_equal(n, 17 + 4 + 65 + 65 + 3 + 65);
    assert_memory_equal(line, "keys.example:443 h-1 1e1e", 25);

    snprintf(text, sizeof(text), "# mine\n%s", line);
    assert_int_equal(fbc_known_find(text, strlen(text), h.server, h.name,
                                    &out, &found, &start, &end, &number),
                     FBC_OK);
    assert_true(found);
    assert_int_equal(start, 7);
    assert_int_equal(end, 7 + n);
    assert_int_equal(number, 2);
    assert_memory_equal(&out, &h, sizeof(h));

    assert_int_equal(fbc_known_find(text, strlen(text), "other:443", h.name,
                                    &out, &found, &start, &end, &number),
                     FBC_OK);
    assert_false(found);
    snprintf(text, sizeof(text), "%s%s", line, line);
    assert_int_equal(fbc_known_find(text, strlen(text), h.server, h.name,
                                    &out, &found, &start, &end, &number),
                     FBC_ERR_RANGE);
    assert_int_equal(number, 2);

    strcpy(h.name, "two words");
    assert_int_equal(fbc_known_line(&h, line), 0);
}

static void bad_lines(void **state)
{
    static const char *const subs[][2] = {
        { "a:443", "A:443" }, { "a:443", "" }, { "a:443", "a 443" },
        { " h ", " -h " }, { " h ", "  h " }, { " h ", " h\t" },
        { " 7 ", " 07 " }, { " 7 ", " -7 " }, { " 7 ", "  " },
        { " 7 ", " 18446744073709551616 " }, { " 7 ", " 7 7 " },
        { "0c0c\n", "0c0\n" }, { "0c0c\n", "0C0c\n" },
        { "0c0c\n", "0c0c0c\n" }, { "0c0c\n", "0c0c" },
        { "0c0c\n", "0c0c \n" }, { "0c0c\n", "0c0c\r\n" },
        { "0c0c\n", "0c0c\n\n" }, { "0c0c\n", "0c0c\n#" },
    };
    struct fbc_known_host h = host("a:443", "h", 1, 7), out;
    char line[FBC_KNOWN_LINE_MAX], text[2 * FBC_KNOWN_LINE_MAX];
    size_t start, end, i;
    unsigned int number;
    const char *at;
    bool found;

    (void)state;
    assert_true(fbc_known_line(&h, line) > 0);
    for ( i = 0; i < sizeof(subs) / sizeof(subs[0]); i++ )
    {
        at = strstr(line, subs[i][0]);
        assert_non_null(at);
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - line), line,
                 subs[i][1], at + strlen(subs[i][0]));
        if ( fbc_known_find(text, strlen(text), "a:443", "h", &out, &found,
                            &start, &end, &number) != FBC_ERR_FORMAT )
            fail_msg("accepted: %s", text);
    }
}

static void file(void **state)
{
    struct fbc_known_host a = host("a:443", "h", 1, 7), b = a, c = a, pinned;
    char text[4096], first[FBC_KNOWN_LINE_MAX];
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
    assert_non_null(strstr(text, "# one\na:443 h "));
    assert_non_null(strstr(text, "\n# two\nb:443 h "));

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

/* Nobody's line gets lost when many write at once. */
static void at_once(void **state)
{
    enum { WRITERS = 8, LINES = 10 };
    struct fbc_known_host a = host("a:443", "h", 1, 7);
    unsigned int i, k, count;
    struct fbc_error e;
    int status, bad = 0;

    (void)state;
    snprintf(path, sizeof(path), "%s/at-once", dir);
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
    assert_int_equal(count, WRITERS * LINES);
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
        cmocka_unit_test(lines),
        cmocka_unit_test(bad_lines),
        cmocka_unit_test(file),
        cmocka_unit_test(meanwhile),
        cmocka_unit_test(at_once),
        cmocka_unit_test(links),
        cmocka_unit_test(modes),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
