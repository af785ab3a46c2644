/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A process that reads the session key file again for one that can no longer
 * open files, and that removes a socket when that one is gone.
 *
 * It takes nothing but requests of one byte.  It ends when its parent does.
 */
#ifndef FBC_LIB_KEYREADER_H
#define FBC_LIB_KEYREADER_H

#include "lib/base/fail.h"
#include "parse/text/keytext.h"

struct fbc_keyreader;

/*
 * Both paths must outlive this call only.  socket_path: removed at the end;
 * NULL: none.  The process keeps standard error and nothing else of what is
 * open.
 */
int FBC_MUST_CHECK fbc_keyreader_start(const char *key_path,
                                       const char *socket_path,
                                       struct fbc_keyreader **k,
                                       struct fbc_error *e);
/* Closes the link: the process then ends by itself.  k may be NULL. */
void fbc_keyreader_stop(struct fbc_keyreader *k);

/* Asks for the key, unless an answer is outstanding. */
int FBC_MUST_CHECK fbc_keyreader_ask(struct fbc_keyreader *k,
                                     struct fbc_error *e);
bool fbc_keyreader_asked(const struct fbc_keyreader *k);

/* Readable when there is an answer. */
int fbc_keyreader_fd(const struct fbc_keyreader *k);

/*
 * Never blocks.  0: *there tells whether there was an answer: the payload of
 * the file.  -1: it could not be read, or the process has died.
 */
int FBC_MUST_CHECK
fbc_keyreader_answer(struct fbc_keyreader *k, bool *there,
                     uint8_t payload[static FBC_SESSION_FILE_LEN],
                     struct fbc_error *e);

#endif /* FBC_LIB_KEYREADER_H */
