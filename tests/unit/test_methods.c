/* SPDX-License-Identifier: GPL-2.0-only */
/* A signal that ends fbc-dumpvfb comes when a method has cleaned up. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <xenstore.h>

#include "lib/base/io.h"
#include "lib/intruder/method_table.h"

/* In the place of the libraries': there is no XenStore here. */
void *xs_read(struct xs_handle *xs, xs_transaction_t t, const char *path,
              unsigned int *len)
{
    (void)xs;
    (void)t;
    (void)path;
    (void)len;

    return NULL;
}

static int raised, to_parent;

/* As if it paused a guest, was interrupted, and unpaused it. */
static void run(struct fbc_method_run *r)
{
    raise(raised);
    /* What takes long ends early. */
    if ( !fbc_method_put(r, "core", 4) || write(to_parent, "u", 1) != 1 )
        _exit(1);
    fbc_method_say(r, FBC_METHOD_NOTHING, "nothing");
}

static void child(bool caught)
{
    static const struct fbc_method m = { .name = "test", .run = run };
    struct fbc_victim t = { .domain = "test" };
    const volatile int *stop;
    struct fbc_method_run r;
    struct fbc_error e;

    signal(raised, SIG_DFL);
    stop = caught ? fbc_catch_stop() : NULL;
    if ( fbc_method_execute(&m, &t, -1, &r, &e) != -1 ||
         e.status != FBC_EXIT_NO )
        _exit(2);
    /* Whoever catches it is told at once, and may go on. */
    _exit(caught && *stop ? 0 : 3);
}

static void signals_wait(void **state)
{
    static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
    int out[2], status;
    size_t i;
    char c;

    (void)state;
    for ( i = 0; i < 6; i++ )
    {
        bool caught = i >= 3;
        pid_t pid;

        raised = signals[i % 3];
        assert_int_equal(pipe(out), 0);
        to_parent = out[1];
        pid = fork();
        if ( !pid )
            child(caught);
        close(out[1]);
        assert_int_equal(read(out[0], &c, 1), 1);
        assert_int_equal(c, 'u');
        close(out[0]);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        if ( caught )
        {
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 0);
        }
        else
        {
            assert_true(WIFSIGNALED(status));
            assert_int_equal(WTERMSIG(status), raised);
        }
    }
}

static void ignored(struct fbc_method_run *r)
{
    raise(SIGHUP);
    if ( fbc_method_put(r, "core", 4) )
        r->bytes = 0;
}

/* Under nohup a hang-up ends no method. */
static void ignored_signals(void **state)
{
    static const struct fbc_method m = { .name = "test", .run = ignored };
    struct fbc_victim t = { .domain = "test" };
    struct fbc_method_run r;
    struct fbc_error e;

    (void)state;
    signal(SIGHUP, SIG_IGN);
    assert_int_equal(fbc_method_execute(&m, &t, -1, &r, &e), 0);
    assert_int_equal(r.bytes, 4);
    signal(SIGHUP, SIG_DFL);
}

/* The recording ends early instead, and is kept. */
static void input_is_interrupted(void **state)
{
    (void)state;
    assert_ptr_equal(fbc_method_find("input")->run, fbc_method_input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_wait),
        cmocka_unit_test(ignored_signals),
        cmocka_unit_test(input_is_interrupted),
    };

    return cmocka_run_group_tests_name("methods", tests, NULL, NULL);
}
