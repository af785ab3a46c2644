/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between a tool and its connector process, over a SOCK_SEQPACKET pair.  The
 * tool sends one byte; the answer is one struct fbc_error: status
 * FBC_EXIT_OK, and a socket is attached, or what went wrong.
 */
#ifndef FBC_LIB_CONNECTOR_INT_H
#define FBC_LIB_CONNECTOR_INT_H

#include <stdint.h>
#include <sys/types.h>

#include "lib/upstream/connector.h"

#define FBC_CONNECTOR_ASK 'c'

/* The life of the connector process; link: its end of the pair. */
_Noreturn void fbc_connector_run(int link, const struct fbc_target *t,
                                 unsigned int timeout_ms);

/*
 * A connection to a TCP or unix socket; fd or -1.  Ends the process when the
 * other end of link is closed meanwhile.
 */
int FBC_MUST_CHECK fbc_connector_dial(int link, const struct fbc_target *t,
                                      unsigned int timeout_ms,
                                      struct fbc_error *e);

/* A command that is being run. */
struct fbc_command {
    pid_t pid;                  /* and process group; 0: none */
    int end;                    /* another copy of its end of the socket */
};

/* Starts it; fd or -1. */
int FBC_MUST_CHECK fbc_command_start(struct fbc_command *c,
                                     const char *command,
                                     struct fbc_error *e);
/* If it has ended, cleans up: the other side then sees the end, too. */
void fbc_command_reap(struct fbc_command *c);

/* Ends it, by force if need be, and all processes of its group. */
void fbc_command_kill(struct fbc_command *c);

#endif /* FBC_LIB_CONNECTOR_INT_H */
