/* SPDX-License-Identifier: GPL-2.0-only */
/* JSON, text, PPM, output files there whole or not at all, secret memory. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/io.h"
#include "lib/base/json.h"
#include "lib/base/outfile.h"
#include "lib/base/secmem.h"
#include "lib/base/utf8.h"
#include "lib/frames/sink.h"

static void json_strings(void **state)
{
    static const struct { const char *in, *out; } cases[] = {
        { "plain", "\"plain\"" },
        { "", "\"\"" },
        { NULL, "null" },
        { "\"\\/", "\"\\\"\\\\/\"" },
        { "\n\t\x01\x7f", "\"\\u000a\\u0009\\u0001\\u007f\"" },
        { "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
          "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
        { "\xff", "\"\\ufffd\"" },
        { "\xc3", "\"\\ufffd\"" },
        { "\xc0\xaf", "\"\\ufffd\\ufffd\"" },
        { "\xe0\x80\xaf", "\"\\ufffd\\ufffd\\ufffd\"" },
        { "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
        { "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"" },
        { "\xe2\x82", "\"\\ufffd\\ufffd\"" },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        char *text = NULL;
        size_t len;
        FILE *f = open_memstream(&text, &len);
        struct fbc_json j = { .f = f };

        fbc_json_str(&j, NULL, cases[i].in);
        fclose(f);
        assert_string_equal(text, cases[i].out);
        free(text);
    }
}

/* What a terminal obeys, in 8 bits and in UTF-8. */
static void control_characters(void **state)
{
    static const struct { const char *in, *out; } cases[] = {
        { "", "" },
        { "plain", "plain" },
        { "\x1b[31m\n\x7f", "?[31m??" },
        { "\x9b" "31m\x80\x9f\xa0", "?31m??\xa0" },
        { "\xc2\x9b" "31m\xc2\x80\xc2\x9f\xc2\xa0", "?31m??\xc2\xa0" },
        { "\xc4\x9b\xe2\x82\x9b\xf0\x9f\x98\x80",
          "\xc4\x9b\xe2\x82\x9b\xf0\x9f\x98\x80" },
        { "\xe2\x9b" "31m", "\xe2?31m" },
        { "\xc4", "\xc4" },
        { "\xf0\x9f\x98", "\xf0??" },
    };
    char text[64];
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        strcpy(text, cases[i].in);
        fbc_utf8_clean(text);
        assert_string_equal(text, cases[i].out);
    }
}

static void json_object(void **state)
{
    static const uint8_t bytes[] = { 0, 0xff };
    struct fbc_json j;
    char *text = NULL;
    size_t len;
    FILE *f = open_memstream(&text, &len);

    (void)state;
    fbc_json_begin(&j, f, "s/1", true);
    fbc_json_uint(&j, "n", UINT64_MAX);
    fbc_json_open(&j, "a", '[');
    fbc_json_bool(&j, NULL, false);
    fbc_json_null(&j, NULL);
    fbc_json_close(&j, ']');
    fbc_json_hex(&j, "h", bytes, sizeof(bytes));
    fbc_json_error(&j, NULL);
    fbc_json_end(&j);
    fclose(f);
    assert_string_equal(text, "{\"schema\":\"s/1\",\"ok\":true,"
                        "\"n\":18446744073709551615,\"a\":[false,null],"
                        "\"h\":\"00ff\",\"error\":null}\n");
    free(text);
}

static int read_ppm(const char *data, size_t len, struct fbc_picture *p)
{
    FILE *f = tmpfile();
    struct fbc_error e;
    int rc;

    assert_non_null(f);
    assert_int_equal(fbc_write(fileno(f), data, len), 0);
    lseek(fileno(f), 0, SEEK_SET);
    rc = fbc_ppm_read(fileno(f), p, "ppm", &e);
    fclose(f);

    return rc ? (int)e.status : 0;
}

#define PPM(s) s, sizeof(s) - 1

static void ppm_headers(void **state)
{
    static const struct { const char *data; size_t len; int want; } cases[] = {
        { PPM("P6\n1 1\n255\nabc"), 0 },
        { PPM("P6 1\t1\r\n255 abc"), 0 },
        { PPM("P6#x\n#y\n1 #z\n1\n255\nabc"), 0 },
        { PPM("P6\n2 1\n255\nabcdef"), 0 },
        { PPM(""), 3 },
        { PPM("P"), 3 },
        { PPM("P5\n1 1\n255\nabc"), 3 },
        { PPM("P3\n1 1\n255\n1 2 3"), 3 },
        { PPM("P6\n"), 3 },
        { PPM("P6\n1"), 3 },
        { PPM("P6\n1 1"), 3 },
        { PPM("P6\n1 1\n255"), 3 },
        { PPM("P6\n1 1\n255\nab"), 3 },
        { PPM("P6\n1 1\n255\nabcd"), 3 },
        { PPM("P6\n0 1\n255\n"), 3 },
        { PPM("P6\n1 0\n255\n"), 3 },
        { PPM("P6\n-1 1\n255\nabc"), 3 },
        { PPM("P6\n8193 1\n255\nabc"), 3 },
        { PPM("P6\n4294967297 1\n255\nabc"), 3 },
        { PPM("P6\n99999999999999999999 1\n255\nabc"), 3 },
        { PPM("P6\n1 1\n65535\nabcdef"), 3 },
        { PPM("P6\n1 1\n254\nabc"), 3 },
        { PPM("P6\n1 1\n255#\nabc"), 3 },
        { PPM("P6\n1x1\n255\nabc"), 3 },
    };
    size_t i;

    (void)state;
    for ( i = 0; i < sizeof(cases) / sizeof(cases[0]); i++ )
    {
        struct fbc_picture p = { 0 };
        int rc = read_ppm(cases[i].data, cases[i].len, &p);

        if ( rc != cases[i].want )
            fail_msg("%s: status %d", cases[i].data, rc);
        if ( !rc )
            assert_memory_equal(p.rgb, "abc", 3);
        fbc_picture_free(&p);
    }
}

static int entries(const char *dir)
{
    DIR *d = opendir(dir);
    int n = 0;

    while ( readdir(d) )
        n++;
    closedir(d);

    return n - 2;
}

static void output_files(void **state)
{
    char dir[] = "/tmp/fbc-test-XXXXXX", path[64], buf[8] = "";
    struct fbc_outfile o;
    struct fbc_error e;
    struct stat st;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/file", dir);

    /* Not there before the commit, nothing left after an abort. */
    assert_int_equal(fbc_outfile_open(&o, path, &e), 0);
    assert_int_equal(fbc_write(o.fd, "one", 3), 0);
    assert_int_equal(access(path, F_OK), -1);
    fbc_outfile_abort(&o);
    assert_int_equal(entries(dir), 0);

    assert_int_equal(fbc_outfile_open(&o, path, &e), 0);
    assert_int_equal(fbc_write(o.fd, "one", 3), 0);
    assert_int_equal(fbc_outfile_commit(&o, false, &e), 0);
    fbc_outfile_abort(&o);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);

    /* An existing file is replaced only when that is wanted. */
    assert_int_equal(fbc_outfile_open(&o, path, &e), 0);
    assert_int_equal(fbc_write(o.fd, "two", 3), 0);
    assert_int_equal(fbc_outfile_commit(&o, false, &e), -1);
    assert_int_equal(e.status, FBC_EXIT_INPUT);
    assert_int_equal(entries(dir), 1);
    fd = open(path, O_RDONLY);
    assert_int_equal(fbc_read(fd, buf, sizeof(buf), NULL), 3);
    close(fd);
    assert_string_equal(buf, "one");

    assert_int_equal(fbc_outfile_open(&o, path, &e), 0);
    assert_int_equal(fbc_write(o.fd, "two", 3), 0);
    assert_int_equal(fbc_outfile_commit(&o, true, &e), 0);
    fd = open(path, O_RDONLY);
    assert_int_equal(fbc_read(fd, buf, sizeof(buf), NULL), 3);
    close(fd);
    assert_string_equal(buf, "two");
    assert_int_equal(entries(dir), 1);

    unlink(path);
    rmdir(dir);
}

/* SIGTERM in the middle: a child dies of it and leaves nothing behind. */
static void output_files_and_signals(void **state)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    char dir[] = "/tmp/fbc-test-XXXXXX", path[64];
    size_t i;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/file", dir);
    for ( i = 0; i < 3; i++ )
    {
        int status;
        pid_t pid = fork();

        if ( !pid )
        {
            struct fbc_outfile o[FBC_OUTFILES + 1];
            struct fbc_error e;
            int n;

            /* Several at a time; what one leaves, another takes. */
            signal(signals[i], SIG_DFL);
            for ( n = 0; n < FBC_OUTFILES; n++ )
                if ( fbc_outfile_open(&o[n], path, &e) )
                    _exit(1);
            fbc_outfile_abort(&o[0]);
            fbc_outfile_abort(&o[0]);
            if ( fbc_outfile_open(&o[n], path, &e) ||
                 entries(dir) != FBC_OUTFILES )
                _exit(1);
            raise(signals[i]);
            _exit(2);
        }
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_int_equal(entries(dir), 0);
    }
    rmdir(dir);
}

/* What a tool does that catches the first signal and is sent a second one. */
static void caught(const char *dir, const char *path, int sig)
{
    const volatile int *stop;
    struct fbc_outfile o;
    struct fbc_error e;

    signal(sig, SIG_DFL);
    stop = fbc_catch_stop();
    if ( fbc_outfile_open(&o, path, &e) || entries(dir) != 1 )
        _exit(1);
    raise(sig);
    if ( !*stop || entries(dir) != 1 )
        _exit(2);
    raise(sig);
    _exit(3);
}

/* Pictures that have been decrypted, and wait for the end of the stream. */
static void caught_with_pictures(const char *dir, const char *path, int sig)
{
    static uint8_t rgb[3];
    const struct fbc_picture p = { .width = 1, .height = 1, .rgb = rgb };
    struct fbc_sink s;
    struct fbc_error e;
    char stage[PATH_MAX];

    signal(sig, SIG_DFL);
    fbc_catch_stop();
    if ( fbc_sink_open(&s, FBC_SINK_PNG, path, 10, NULL, &e) ||
         fbc_sink_put(&s, 999998, 0, 0, &p, &e) ||
         fbc_sink_put(&s, 999999, 0, 0, &p, &e) ||
         fbc_sink_put(&s, 1000000, 0, 0, &p, &e) )
        _exit(1);
    snprintf(stage, sizeof(stage), "%s", s.stage);
    raise(sig);
    if ( entries(dir) != 1 || entries(stage) != 3 )
        _exit(2);
    raise(sig);
    _exit(3);
}

/* What nohup does, and a shell to what runs in the background. */
static void ignored(int sig)
{
    const volatile int *stop;
    int i;

    signal(sig, SIG_IGN);
    stop = fbc_catch_stop();
    for ( i = 0; i < 3; i++ )
        raise(sig);
    _exit(*stop);
}

static void signals_that_are_caught(void **state)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    char dir[] = "/tmp/fbc-test-XXXXXX", path[64];
    int status;
    size_t i;
    pid_t pid;

    (void)state;
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof(path), "%s/file", dir);
    for ( i = 0; i < 3; i++ )
    {
        pid = fork();
        if ( !pid )
            caught(dir, path, signals[i]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_int_equal(entries(dir), 0);

        pid = fork();
        if ( !pid )
            caught_with_pictures(dir, path, signals[i]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(entries(dir), 0);

        pid = fork();
        if ( !pid )
            ignored(signals[i]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    rmdir(dir);
}

/* The kernel's view of the mapping: locked, not dumped, not inherited. */
static void secret_memory(void **state)
{
    uint8_t *p = fbc_secret_alloc(100);
    char line[256], want[32];
    bool here = false, found = false;
    FILE *f = fopen("/proc/self/smaps", "r");
    size_t i;

    (void)state;
    assert_non_null(p);
    assert_non_null(f);
    for ( i = 0; i < 100; i++ )
        assert_int_equal(p[i], 0);

    snprintf(want, sizeof(want), "%lx-", (unsigned long)p);
    while ( fgets(line, sizeof(line), f) )
    {
        if ( strstr(line, want) == line )
            here = true;
        if ( here && !strncmp(line, "VmFlags:", 8) )
        {
            found = strstr(line, " dd") && strstr(line, " dc") &&
                    strstr(line, " lo");
            break;
        }
    }
    fclose(f);
    assert_true(found);
    fbc_secret_free(p, 100);
    fbc_secret_free(NULL, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_strings),
        cmocka_unit_test(control_characters),
        cmocka_unit_test(json_object),
        cmocka_unit_test(ppm_headers),
        cmocka_unit_test(output_files),
        cmocka_unit_test(output_files_and_signals),
        cmocka_unit_test(signals_that_are_caught),
        cmocka_unit_test(secret_memory),
    };

    return cmocka_run_group_tests_name("lib_output", tests, NULL, NULL);
}
