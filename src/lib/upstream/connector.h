/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that makes connections for one that no longer may.
 *
 * It is started before any key is loaded, holds none, and hands over connected
 * stream sockets.  A tool that has started it can give up socket(), open() and
 * exec() for good and still connect again.  It ends when its parent does.
 */
#ifndef FBC_LIB_CONNECTOR_H
#define FBC_LIB_CONNECTOR_H

#include "lib/base/fail.h"

#define FBC_TARGET_MAX  1024

enum fbc_target_kind {
    FBC_TARGET_TCP,
    FBC_TARGET_UNIX,
    FBC_TARGET_EXEC,
};

struct fbc_target {
    enum fbc_target_kind kind;
    char host[256];             /* TCP: name or address, no brackets */
    char port[6];               /* TCP: decimal */
    char path[FBC_TARGET_MAX];  /* UNIX: path; EXEC: command for /bin/sh */
    char text[FBC_TARGET_MAX];  /* as given, for messages */
};

/*
 * HOST:PORT, HOST::PORT, [ADDRESS]:PORT or [ADDRESS]::PORT; anything with a
 * '/' is the path of a unix socket.  As with VNC viewers, a number below 100
 * after a single ':' is a display, port 5900 + number.
 */
int FBC_MUST_CHECK fbc_target_parse(const char *text, struct fbc_target *t,
                                    struct fbc_error *e);

/*
 * A command whose standard input and output is the connection.  It is run
 * without a terminal, in a session of its own, and killed with all that it
 * started in there when the connection is closed or another one asked for.
 */
int FBC_MUST_CHECK fbc_target_exec(const char *command, struct fbc_target *t,
                                   struct fbc_error *e);

struct fbc_connector;

/* timeout_ms: for one connection, all addresses together. */
int FBC_MUST_CHECK fbc_connector_start(const struct fbc_target *t,
                                       unsigned int timeout_ms,
                                       struct fbc_connector **c,
                                       struct fbc_error *e);

/* Ends the process, and its command; c may be NULL. */
void fbc_connector_stop(struct fbc_connector *c);

/* Asks for a connection; no answer may be outstanding. */
int FBC_MUST_CHECK fbc_connector_ask(struct fbc_connector *c,
                                     struct fbc_error *e);

/* Readable when there is an answer, or when the process has died. */
int fbc_connector_fd(const struct fbc_connector *c);

/* An answer is outstanding. */
bool fbc_connector_asked(const struct fbc_connector *c);

/*
 * Never blocks.  0: *fd is a connected socket, non-blocking, or -1 when there
 * is no answer yet.  -1: it could not connect, and may be asked again, unless
 * fbc_connector_dead().
 */
int FBC_MUST_CHECK fbc_connector_answer(struct fbc_connector *c, int *fd,
                                        struct fbc_error *e);
bool fbc_connector_dead(const struct fbc_connector *c);

#endif /* FBC_LIB_CONNECTOR_H */
