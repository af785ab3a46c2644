/* SPDX-License-Identifier: GPL-2.0-only */
/* The hypervisor's public key, by fbc-status. */
#include "lib/attest/vmmkey_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/io.h"
#include "lib/base/keyfile.h"

#define PROGRAM "fbc-status"

/* Its standard output is the pipe's end; 0 or an error number. */
static int spawn(int out, pid_t *pid)
{
    static char program[] = PROGRAM, option[] = "--vmm-key";
    static char *const args[] = { program, option, NULL };
    posix_spawn_file_actions_t files;
    int err;

    err = posix_spawn_file_actions_init(&files);
    if ( err )
        return err;
    err = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null",
                                           O_RDONLY, 0);
    if ( !err )
        err = posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    if ( !err )
        err = posix_spawnp(pid, PROGRAM, &files, NULL, args, environ);
    posix_spawn_file_actions_destroy(&files);

    return err;
}

int fbc_vmmkey_ask(const volatile int *stop, uint8_t key[static FBC_KEY_LEN],
                   struct fbc_error *e)
{
    char text[FBC_KEYTEXT_MAX_FILE];
    int out[2], status = -1, err;
    enum fbc_err bad;
    ssize_t n;
    pid_t pid;

    if ( pipe2(out, O_CLOEXEC) )
        return fbc_fail_errno(e, PROGRAM);
    err = spawn(out[1], &pid);
    close(out[1]);
    if ( err )
    {
        close(out[0]);
        errno = err;
        return fbc_fail_errno(e, PROGRAM);
    }

    n = fbc_read(out[0], text, sizeof(text), stop);
    close(out[0]);
    if ( n < 0 || *stop )
        kill(pid, SIGKILL);
    while ( waitpid(pid, &status, 0) < 0 && errno == EINTR )
        ;
    if ( n < 0 || *stop || status )
    {
        fbc_fail(e, FBC_EXIT_ENV, PROGRAM, *stop ? "interrupted" : "failed");
        return fbc_hint(e, "does fbc-status --vmm-key work?");
    }
    bad = fbc_keytext_parse(FBC_KEY_VMM_PUBLIC, text, (size_t)n, key);

    return bad ? fbc_fail_core(e, PROGRAM, bad) : 0;
}
