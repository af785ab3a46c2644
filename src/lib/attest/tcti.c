/* SPDX-License-Identifier: GPL-2.0-only */
/* A connection to the TPM through a child process. */
#include "lib/attest/tcti.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/attest/tpmhandles.h"
#include "lib/base/clock.h"
#include "lib/base/io.h"

#define TCTI_VARIABLE "TPM2TOOLS_TCTI"
#define TCTI_DEFAULT  "device:/dev/tpmrm0"
#define COMMAND_MS    300000
#define GOODBYE_MS    5000
#define INTERRUPT_MS  2000
#define MAGIC         UINT64_C(0x6662632d74637469)  /* "fbc-tcti" */

#define HEAD offsetof(struct fbc_tcti_message, data)

/* What one command comes to; the length of its answer. */
static size_t execute(TSS2_TCTI_CONTEXT *tcti, struct fbc_tcti_message *m,
                      size_t len)
{
    size_t size = sizeof(m->data);

    m->rc = Tss2_Tcti_Transmit(tcti, len, m->data);
    if ( !m->rc )
        m->rc = Tss2_Tcti_Receive(tcti, &size, m->data,
                                  TSS2_TCTI_TIMEOUT_BLOCK);
    if ( !m->rc && size > sizeof(m->data) )
        m->rc = TSS2_TCTI_RC_MALFORMED_RESPONSE;

    return m->rc ? 0 : size;
}

static void serve(int link, const char *conf, const struct fbc_tss *tss)
{
    struct fbc_tpmhandles handles = { .n = 0 };
    uint8_t command[FBC_TPMHANDLES_FLUSH];
    struct fbc_tcti_message m;
    TSS2_TCTI_CONTEXT *tcti = NULL;
    size_t len = 0;
    ssize_t n;

    m.rc = tss->Tss2_TctiLdr_Initialize(conf, &tcti);
    while ( send(link, &m, HEAD + len, MSG_NOSIGNAL) >= 0 && tcti )
    {
        n = recv(link, m.data, sizeof(m.data), 0);
        if ( n <= 0 )
            break;
        memcpy(command, m.data, sizeof(command));
        alarm(COMMAND_MS / 1000 + 1);
        len = execute(tcti, &m, (size_t)n);
        fbc_tpmhandles_note(&handles, command,
                            n < (ssize_t)sizeof(command) ? (size_t)n
                            : sizeof(command), m.data, len);
    }
    /* Whoever was at the other end may have been killed. */
    while ( tcti && (len = fbc_tpmhandles_flush(&handles, m.data)) )
        (void)!execute(tcti, &m, len);
    fbc_wipe(&m, sizeof(m));
    if ( tcti )
        tss->Tss2_TctiLdr_Finalize(&tcti);
}

static _Noreturn void run_child(int link, const char *conf,
                                const struct fbc_tss *tss)
{
    static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
    size_t i;
    int null;

    /* The link's end tells when to go, and a TPM that hangs, an alarm. */
    for ( i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++ )
        signal(ignored[i], SIG_IGN);
    prctl(PR_SET_NAME, "fbc-tpm");
    null = open("/dev/null", O_RDWR);
    if ( null < 0 || dup2(null, STDIN_FILENO) < 0 ||
         dup2(null, STDOUT_FILENO) < 0 || dup2(link, 3) != 3 )
        _exit(FBC_EXIT_ENV);
    (void)close_range(4, ~0u, 0);
    serve(3, conf, tss);
    _exit(FBC_EXIT_OK);
}

/* Takes the child's time, and ends it when that is over. */
static void reap(struct fbc_tcti *c, int ms)
{
    struct pollfd p = { .fd = c->link, .events = POLLIN };

    shutdown(c->link, SHUT_WR);
    if ( !ms || poll(&p, 1, ms) <= 0 )
        kill(c->pid, SIGKILL);
    while ( waitpid(c->pid, NULL, 0) < 0 && errno == EINTR )
        ;
    close(c->link);
    c->pid = 0;
}

static TSS2_RC give_up(struct fbc_tcti *c, enum fbc_exit why)
{
    c->gave_up = why;
    reap(c, why == FBC_EXIT_TIMEOUT ? 0 : INTERRUPT_MS);

    return TSS2_TCTI_RC_IO_ERROR;
}

/* Its next message; *len of data. */
static TSS2_RC await(struct fbc_tcti *c, size_t *len)
{
    struct pollfd p = { .fd = c->link, .events = POLLIN };
    int64_t end = (int64_t)fbc_clock_ms() + COMMAND_MS, left;
    ssize_t n;

    do {
        if ( *c->stop )
            return give_up(c, FBC_EXIT_ENV);
        left = end - (int64_t)fbc_clock_ms();
        if ( left <= 0 )
            return give_up(c, FBC_EXIT_TIMEOUT);
    } while ( poll(&p, 1, left < 1000 ? (int)left : 1000) <= 0 );

    n = recv(c->link, &c->message, sizeof(c->message), 0);
    if ( n < (ssize_t)HEAD )
        return TSS2_TCTI_RC_IO_ERROR;
    *len = (size_t)n - HEAD;

    return c->message.rc;
}

static TSS2_RC transmit(TSS2_TCTI_CONTEXT *tcti, size_t size,
                        const uint8_t *command)
{
    struct fbc_tcti *c = (struct fbc_tcti *)tcti;

    c->answered = false;
    if ( !c->pid || send(c->link, command, size, MSG_NOSIGNAL) < 0 )
        return TSS2_TCTI_RC_IO_ERROR;

    return TSS2_RC_SUCCESS;
}

/* Without a buffer it only tells the size.  It never waits less. */
static TSS2_RC receive(TSS2_TCTI_CONTEXT *tcti, size_t *size,
                       uint8_t *response, int32_t timeout)
{
    struct fbc_tcti *c = (struct fbc_tcti *)tcti;
    size_t room = *size;
    TSS2_RC rc = 0;

    (void)timeout;
    if ( !c->pid )
        return TSS2_TCTI_RC_IO_ERROR;
    if ( !c->answered )
        rc = await(c, &c->len);
    if ( rc )
        return rc;
    c->answered = true;
    *size = c->len;
    if ( !response )
        return TSS2_RC_SUCCESS;
    if ( c->len > room )
        return TSS2_TCTI_RC_INSUFFICIENT_BUFFER;
    memcpy(response, c->message.data, c->len);

    return TSS2_RC_SUCCESS;
}

static TSS2_RC no_cancel(TSS2_TCTI_CONTEXT *tcti)
{
    (void)tcti;

    return TSS2_TCTI_RC_NOT_IMPLEMENTED;
}

static TSS2_RC no_poll(TSS2_TCTI_CONTEXT *tcti,
                       TSS2_TCTI_POLL_HANDLE *handles, size_t *count)
{
    (void)tcti;
    (void)handles;
    (void)count;

    return TSS2_TCTI_RC_NOT_IMPLEMENTED;
}

static TSS2_RC no_locality(TSS2_TCTI_CONTEXT *tcti, uint8_t locality)
{
    (void)tcti;
    (void)locality;

    return TSS2_TCTI_RC_NOT_IMPLEMENTED;
}

static void nothing(TSS2_TCTI_CONTEXT *tcti)
{
    (void)tcti;
}

void fbc_tcti_init(struct fbc_tcti *c)
{
    const char *conf = getenv(TCTI_VARIABLE);

    memset(c, 0, sizeof(*c));
    c->v1 = (TSS2_TCTI_CONTEXT_COMMON_V1) {
        .magic = MAGIC, .version = 1, .transmit = transmit,
        .receive = receive, .finalize = nothing, .cancel = no_cancel,
        .getPollHandles = no_poll, .setLocality = no_locality,
    };
    c->conf = conf && conf[0] ? conf : TCTI_DEFAULT;
    c->stop = fbc_catch_stop();
}

bool fbc_tcti_on_device(const struct fbc_tcti *c)
{
    return !strncmp(c->conf, "device:", 7);
}

TSS2_RC fbc_tcti_open(struct fbc_tcti *c, const struct fbc_tss *tss)
{
    int pair[2];
    size_t len;
    pid_t pid;

    c->gave_up = FBC_EXIT_OK;
    if ( socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) )
        return TSS2_TCTI_RC_IO_ERROR;
    pid = fork();
    if ( !pid )
        run_child(pair[1], c->conf, tss);
    close(pair[1]);
    if ( pid < 0 )
    {
        close(pair[0]);
        return TSS2_TCTI_RC_MEMORY;
    }
    c->pid = pid;
    c->link = pair[0];

    return await(c, &len);
}

void fbc_tcti_close(struct fbc_tcti *c)
{
    if ( c->pid )
        reap(c, GOODBYE_MS);
    fbc_wipe(&c->message, sizeof(c->message));
}
