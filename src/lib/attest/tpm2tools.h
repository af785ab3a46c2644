/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs programs of tpm2-tools: by exec, never through a shell, in a private
 * temporary directory that is their working directory and goes with them.
 */
#ifndef FBC_LIB_TPM2TOOLS_H
#define FBC_LIB_TPM2TOOLS_H

#include "lib/base/fail.h"

#define FBC_TOOL_OUT 32768
#define FBC_TOOL_ARGS 32

struct fbc_tools {
    char dir[64];               /* "" when there is none */
    const char *tcti;           /* value of TPM2TOOLS_TCTI */
    const volatile int *stop;   /* set by a signal: give up */
    char out[FBC_TOOL_OUT + 1]; /* of the last program, with NUL */
    size_t out_len;
    int secret[2];              /* memory files, or -1 */
};

/*
 * Looks for no TPM yet.  The struct is zeroed first.  From here on SIGINT,
 * SIGTERM and SIGHUP make the next program fail, so that all is cleaned up.
 */
int FBC_MUST_CHECK fbc_tools_open(struct fbc_tools *t, struct fbc_error *e);
/* Is it this machine's TPM, and not one behind a socket? */
bool fbc_tools_on_device(const struct fbc_tools *t);
/* Removes the directory and all in it; also harmless when it is not open. */
void fbc_tools_close(struct fbc_tools *t);

/*
 * Runs args[0] with args (NULL at the end, at most FBC_TOOL_ARGS), for at most
 * 5 minutes.  Its standard output is in t->out, cut at FBC_TOOL_OUT bytes.
 * Returns its exit status (128: ended by a signal) and fills *e from its first
 * error message unless that is 0; -1 when it could not be run.
 */
int FBC_MUST_CHECK fbc_tool_status(struct fbc_tools *t,
                                   const char *const args[],
                                   struct fbc_error *e);

/* The same, as an error unless the status is 0. */
int FBC_MUST_CHECK fbc_tool_run(struct fbc_tools *t,
                                const char *const args[],
                                struct fbc_error *e);
#define FBC_TOOL_ARGV(...) (const char *const []){ __VA_ARGS__, NULL }
#define FBC_TOOL(t, e, ...) fbc_tool_run(t, FBC_TOOL_ARGV(__VA_ARGS__), e)

/* Files of the directory.  *len: in room, out length. */
int FBC_MUST_CHECK fbc_tools_read(struct fbc_tools *t, const char *name,
                                  void *data, size_t room, size_t *len,
                                  struct fbc_error *e);
int FBC_MUST_CHECK fbc_tools_write(struct fbc_tools *t, const char *name,
                                   const void *data, size_t len,
                                   struct fbc_error *e);

/*
 * An authorization value from a file: 1 to 32 letters, digits, '.', '-', '_';
 * a newline may follow.  which 0 or 1; spec becomes what the tools take in its
 * place: it never gets on a command line, nor on a disk.
 */
int FBC_MUST_CHECK fbc_tools_auth(struct fbc_tools *t, const char *path,
                                  unsigned int which, char spec[static 40],
                                  struct fbc_error *e);

#endif /* FBC_LIB_TPM2TOOLS_H */
