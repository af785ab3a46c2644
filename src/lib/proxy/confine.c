/* SPDX-License-Identifier: GPL-2.0-only */
/* Seccomp and Landlock. */
#include "lib/proxy/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

static const char what[] = "confinement";

/* As of Landlock's ABI 6; Debian 12's header ends with the first field. */
struct ruleset {
    uint64_t fs, net, scoped;
};

#define FS_ALL(abi) ((UINT64_C(1) << ((abi) >= 5 ? 16 : (abi) >= 3 ? 15 \
                                      : (abi) == 2 ? 14 : 13)) - 1)
#define NET_ALL    3u           /* bind and connect by TCP, from ABI 4 */
#define SCOPED_ALL 3u           /* abstract sockets and signals, from ABI 6 */

#define SOCKET_TYPE 0xf         /* SOCK_TYPE_MASK of the kernel's */

/* What may be done with arguments of certain values only. */
struct rule {
    int call;
    unsigned int n;
    struct scmp_arg_cmp args[2];
};

static const int always[] = {
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(write), SCMP_SYS(writev),
    SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek),
    SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(shutdown),
    SCMP_SYS(close), SCMP_SYS(accept), SCMP_SYS(accept4),
    SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt),
    SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6),
    SCMP_SYS(memfd_create), SCMP_SYS(ftruncate), SCMP_SYS(fstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(brk), SCMP_SYS(madvise),
    SCMP_SYS(mlock), SCMP_SYS(mlock2), SCMP_SYS(munlock), SCMP_SYS(futex),
    SCMP_SYS(clock_gettime), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(getrandom),
    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(uname), SCMP_SYS(sysinfo),
    SCMP_SYS(wait4),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn), SCMP_SYS(sigaltstack),
    SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

static const struct rule sometimes[] = {
    { SCMP_SYS(mmap), 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
    { SCMP_SYS(mprotect), 1, { SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0) } },
    { SCMP_SYS(socketpair), 2, { SCMP_A0(SCMP_CMP_EQ, AF_UNIX, 0),
        SCMP_A1(SCMP_CMP_MASKED_EQ, SOCKET_TYPE, SOCK_STREAM) } },
    { SCMP_SYS(setsockopt), 1, { SCMP_A1(SCMP_CMP_EQ, IPPROTO_TCP, 0) } },
    { SCMP_SYS(ioctl), 1, { SCMP_A1(SCMP_CMP_EQ, TCGETS, 0) } },
    /* send(2).  With an address it would reach whom it likes. */
    { SCMP_SYS(sendto), 1, { SCMP_A4(SCMP_CMP_EQ, 0, 0) } },
    /* No owner, who would be sent signals. */
    { SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_GETFD, 0) } },
    { SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_SETFD, 0) } },
    { SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_GETFL, 0) } },
    { SCMP_SYS(fcntl), 1, { SCMP_A1(SCMP_CMP_EQ, F_SETFL, 0) } },
};

/* Nothing here calls these: whoever tries has taken over. */
static const int never[] = {
    SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen),
    SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg),
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
    SCMP_SYS(clone), SCMP_SYS(clone3), SCMP_SYS(ptrace),
    SCMP_SYS(tkill), SCMP_SYS(process_vm_readv), SCMP_SYS(pidfd_open),
    SCMP_SYS(process_vm_writev), SCMP_SYS(creat), SCMP_SYS(truncate),
    SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename),
    SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(link),
    SCMP_SYS(linkat), SCMP_SYS(symlink), SCMP_SYS(symlinkat),
    SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(mount), SCMP_SYS(bpf),
    SCMP_SYS(io_uring_setup), SCMP_SYS(keyctl), SCMP_SYS(setuid),
    SCMP_SYS(unshare), SCMP_SYS(setns), SCMP_SYS(perf_event_open),
};

static int add_rules(scmp_filter_ctx f, int dir)
{
    const int opens[] = { SCMP_SYS(open), SCMP_SYS(openat) };
    size_t i;
    int rc = 0;

    for ( i = 0; i < sizeof(always) / sizeof(always[0]); i++ )
        rc |= seccomp_rule_add(f, SCMP_ACT_ALLOW, always[i], 0);
    for ( i = 0; i < sizeof(sometimes) / sizeof(sometimes[0]); i++ )
        rc |= seccomp_rule_add_array(f, SCMP_ACT_ALLOW, sometimes[i].call,
                                     sometimes[i].n, sometimes[i].args);
    for ( i = 0; i < sizeof(never) / sizeof(never[0]); i++ )
        rc |= seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, never[i], 0);
    rc |= seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(sendto), 1,
                           SCMP_A4(SCMP_CMP_NE, 0, 0));

    /* Libraries may look for a configuration, and do without. */
    for ( i = 0; i < 2; i++ )
        rc |= seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, opens[i], 1,
                               SCMP_CMP(i + 1, SCMP_CMP_MASKED_EQ, O_WRONLY,
                                        O_WRONLY)) |
              seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, opens[i], 1,
                               SCMP_CMP(i + 1, SCMP_CMP_MASKED_EQ, O_RDWR,
                                        O_RDWR));
    if ( dir >= 0 )     /* its flags are in memory: only Landlock knows them */
        rc |= seccomp_rule_add(f, SCMP_ACT_ALLOW, SCMP_SYS(openat2), 1,
                               SCMP_CMP(0, SCMP_CMP_EQ, (uint64_t)dir, 0));

    return rc;
}

static int seccomp(int dir, struct fbc_error *e)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int rc;

    if ( !f )
        return fbc_fail(e, FBC_EXIT_ENV, what, "libseccomp: no memory");

    rc = seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if ( !rc )
        rc = add_rules(f, dir);
    if ( !rc )
        rc = seccomp_load(f);
    seccomp_release(f);
    if ( rc )
        return fbc_fail(e, FBC_EXIT_ENV, what,
                        "cannot enable seccomp (%d)", rc);

    return 0;
}

/* 0, or -1 with errno. */
static int allow_reading(int ruleset, int dir)
{
    struct landlock_path_beneath_attr beneath = {
        .allowed_access = LANDLOCK_ACCESS_FS_READ_FILE,
        .parent_fd = dir,
    };

    return (int)syscall(SYS_landlock_add_rule, ruleset,
                        LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
}

static int landlock(int dir, struct fbc_confined *c, struct fbc_error *e)
{
    int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0,
                           LANDLOCK_CREATE_RULESET_VERSION);
    struct ruleset attr = { .fs = FS_ALL(abi) };
    size_t size = sizeof(attr.fs);
    int fd, rc;

    c->landlock = abi > 0;
    c->landlock_abi = abi > 0 ? abi : 0;
    if ( abi <= 0 )
        return 0;

    if ( abi >= 4 )
    {
        attr.net = NET_ALL;
        size = offsetof(struct ruleset, scoped);
    }
    if ( abi >= 6 )
    {
        attr.scoped = SCOPED_ALL;
        size = sizeof(attr);
    }
    fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    if ( fd < 0 )
        return fbc_fail_errno(e, what);
    rc = dir >= 0 ? allow_reading(fd, dir) : 0;
    if ( !rc )
        rc = (int)syscall(SYS_landlock_restrict_self, fd, 0);
    if ( rc )
        fbc_fail_errno(e, what);
    close(fd);

    return rc;
}

int fbc_confine(int dir, struct fbc_confined *c, struct fbc_error *e)
{
    const struct rlimit none = { 0, 0 };
    struct fbc_confined t = { 0 };

    if ( setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0) ||
         prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) )
        return fbc_fail_errno(e, what);
    if ( landlock(dir, &t, e) || seccomp(dir, e) )
        return -1;
    *c = t;

    return 0;
}
