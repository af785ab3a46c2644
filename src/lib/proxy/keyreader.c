/* SPDX-License-Identifier: GPL-2.0-only */
/* The process that reads the session key again. */
#include "lib/proxy/keyreader.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/base/keyfile.h"
#include "lib/base/secmem.h"

struct answer {                 /* in secret memory on both sides */
    bool ok;
    uint8_t payload[FBC_SESSION_FILE_LEN];
    struct fbc_error e;
};

struct fbc_keyreader {
    pid_t pid;
    int link;
    bool asked;
    struct answer *answer;
};

static const char name[] = "key process";

static void serve(int link, const char *key_path)
{
    struct answer *a = fbc_secret_alloc(sizeof(*a));
    char byte;

    while ( a && recv(link, &byte, 1, 0) == 1 )
    {
        memset(a, 0, sizeof(*a));
        a->ok = !fbc_keyfile_read(FBC_KEY_SESSION, key_path, a->payload,
                                  &a->e);
        if ( send(link, a, sizeof(*a), MSG_NOSIGNAL) != sizeof(*a) )
            break;
        explicit_bzero(a, sizeof(*a));
    }
    fbc_secret_free(a, sizeof(*a));
}

/* Another proxy may have put its own in its place by now. */
static void remove_socket(const char *path, const struct stat *was)
{
    struct stat st;

    if ( !lstat(path, &st) && st.st_ino == was->st_ino &&
         st.st_dev == was->st_dev )
        unlink(path);
}

static _Noreturn void run_process(int link, const char *key_path,
                                  const char *socket_path)
{
    static const int ignored[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1,
                                   SIGPIPE };
    struct stat st;
    size_t i;
    int null;

    if ( socket_path && lstat(socket_path, &st) )
        socket_path = NULL;
    /* The parent's end tells, also when the terminal's keys end it. */
    for ( i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++ )
        signal(ignored[i], SIG_IGN);
    prctl(PR_SET_NAME, "fbc-key");
    null = open("/dev/null", O_RDWR);
    if ( null < 0 || dup2(null, STDIN_FILENO) < 0 ||
         dup2(null, STDOUT_FILENO) < 0 || dup2(link, 3) != 3 )
        _exit(FBC_EXIT_ENV);
    (void)close_range(4, ~0u, 0);

    serve(3, key_path);
    if ( socket_path )
        remove_socket(socket_path, &st);
    _exit(0);
}

int fbc_keyreader_start(const char *key_path, const char *socket_path,
                        struct fbc_keyreader **out, struct fbc_error *e)
{
    struct fbc_keyreader *k = calloc(1, sizeof(*k));
    int pair[2];

    if ( !k )
        return fbc_fail(e, FBC_EXIT_ENV, name, "no memory");
    k->answer = fbc_secret_alloc(sizeof(*k->answer));
    if ( !k->answer || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
                                  pair) )
    {
        fbc_fail_errno(e, name);
        goto fail;
    }
    k->pid = fork();
    if ( k->pid < 0 )
    {
        fbc_fail_errno(e, name);
        close(pair[0]);
        close(pair[1]);
        goto fail;
    }
    if ( !k->pid )
        run_process(pair[1], key_path, socket_path);

    close(pair[1]);
    k->link = pair[0];
    *out = k;

    return 0;

 fail:
    fbc_secret_free(k->answer, sizeof(*k->answer));
    free(k);
    return -1;
}

void fbc_keyreader_stop(struct fbc_keyreader *k)
{
    if ( !k )
        return;

    close(k->link);
    waitpid(k->pid, NULL, 0);
    fbc_secret_free(k->answer, sizeof(*k->answer));
    free(k);
}

int fbc_keyreader_fd(const struct fbc_keyreader *k)
{
    return k->link;
}

bool fbc_keyreader_asked(const struct fbc_keyreader *k)
{
    return k->asked;
}

static int died(struct fbc_error *e)
{
    return fbc_fail(e, FBC_EXIT_ENV, name, "has died");
}

int fbc_keyreader_ask(struct fbc_keyreader *k, struct fbc_error *e)
{
    const char byte = 'k';

    if ( k->asked )
        return 0;
    if ( send(k->link, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) != 1 )
        return died(e);
    k->asked = true;

    return 0;
}

int fbc_keyreader_answer(struct fbc_keyreader *k, bool *there,
                         uint8_t payload[static FBC_SESSION_FILE_LEN],
                         struct fbc_error *e)
{
    struct answer *a = k->answer;
    ssize_t n = recv(k->link, a, sizeof(*a), MSG_DONTWAIT);

    *there = false;
    if ( n < 0 && (errno == EAGAIN || errno == EINTR) )
        return 0;
    k->asked = false;
    if ( n != sizeof(*a) )
        return died(e);

    if ( a->ok )
    {
        memcpy(payload, a->payload, sizeof(a->payload));
        *there = true;
    }
    else
        *e = a->e;
    explicit_bzero(a, sizeof(*a));

    return *there ? 0 : -1;
}
