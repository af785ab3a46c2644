/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the hypervisor does with a TPM at boot, done with swtpm's socket.
 *
 * usage: bootkey [-c] [-d N|-l N] [-m [-s]] [-v] SOCKET
 *
 * -c  no key is wanted
 * -d  the N-th command (from 1) does not reach the TPM: no answer
 * -l  the N-th command does, but its answer is lost
 * -m  memory outlives a reset
 * -s  a key is sealed even so
 * -v  commands and responses in hex, to standard error
 *
 * Prints the outcome, the secret key included, as "name: value" lines.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/be.h"
#include "core/vmmkey.h"

#define HEADER_LEN 10
#define WAIT_MS    60000

struct link {
    int fd;
    unsigned long count, drop, lose;
    bool verbose;
};

static void die(const char *what)
{
    perror(what);
    exit(4);
}

static void hex(FILE *f, const char *name, const uint8_t *p, size_t len)
{
    fprintf(f, "%s: ", name);
    while ( len-- )
        fprintf(f, "%02x", *p++);
    fputc('\n', f);
}

static void get(int fd, uint8_t *p, size_t len)
{
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    ssize_t n;

    while ( len )
    {
        if ( poll(&wait, 1, WAIT_MS) != 1 )
            die("swtpm does not answer");
        n = read(fd, p, len);
        if ( n <= 0 )
            die("swtpm");
        p += n;
        len -= (size_t)n;
    }
}

static int xfer(void *ctx, const uint8_t *cmd, size_t len, uint8_t *rsp,
                size_t max, size_t *rsp_len)
{
    struct link *l = ctx;

    if ( ++l->count == l->drop )
        return -1;
    if ( l->verbose )
        hex(stderr, "command", cmd, len);
    if ( send(l->fd, cmd, len, MSG_NOSIGNAL) != (ssize_t)len )
        die("swtpm");
    get(l->fd, rsp, HEADER_LEN);
    *rsp_len = fbc_get_be32(rsp + 2);
    if ( *rsp_len < HEADER_LEN || *rsp_len > max )
        die("length of a response");
    get(l->fd, rsp + HEADER_LEN, *rsp_len - HEADER_LEN);
    if ( l->verbose )
        hex(stderr, "response", rsp, *rsp_len);

    return l->count == l->lose ? -1 : 0;
}

int main(int argc, char **argv)
{
    struct sockaddr_un to = { .sun_family = AF_UNIX };
    static struct link l;
    static struct fbc_tpm tpm = { .xfer = xfer, .ctx = &l };
    uint8_t random[FBC_KEY_LEN];
    struct fbc_vmmkey k;
    bool no_key = false, overwrites = true, seal_anyway = false;
    int opt;

    while ( (opt = getopt(argc, argv, "cd:l:msv")) != -1 )
        switch ( opt )
        {
        case 'c':
            no_key = true;
            break;
        case 'd':
            l.drop = strtoul(optarg, NULL, 10);
            break;
        case 'l':
            l.lose = strtoul(optarg, NULL, 10);
            break;
        case 'm':
            overwrites = false;
            break;
        case 's':
            seal_anyway = true;
            break;
        case 'v':
            l.verbose = true;
            break;
        default:
            return 2;
        }
    if ( optind != argc - 1 || strlen(argv[optind]) >= sizeof(to.sun_path) )
        return 2;
    strcpy(to.sun_path, argv[optind]);

    l.fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if ( l.fd < 0 || connect(l.fd, (struct sockaddr *)&to, sizeof(to)) )
        die(to.sun_path);
    if ( getrandom(random, sizeof(random), 0) != sizeof(random) )
        die("getrandom");
    if ( no_key )
        fbc_vmmkey_close(&tpm, &k);
    else if ( fbc_vmmkey_obtain(&tpm, random, overwrites, seal_anyway, &k) )
        return 1;

    printf("mode: %s\n", k.mode == FBC_VMMKEY_SEALED ? "sealed" : "per-boot");
    printf("attested: %s\n", k.attested ? "yes" : "no");
    printf("created: %s\n", k.created ? "yes" : "no");
    printf("exposed: %s\n", k.exposed ? "yes" : "no");
    hex(stdout, "secret", k.secret, sizeof(k.secret));
    hex(stdout, "public", k.public_key, sizeof(k.public_key));
    printf("err: %d %s\n", (int)k.err, fbc_strerror(k.err));
    printf("step: %s\n", k.step);
    printf("rc: 0x%x\n", k.rc);
    printf("commands: %lu\n", l.count);

    return fflush(stdout) ? 4 : 0;
}
