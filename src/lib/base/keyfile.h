/* SPDX-License-Identifier: GPL-2.0-only */
/* Key files (parse/text/keytext.h) on disk. */
#ifndef FBC_LIB_KEYFILE_H
#define FBC_LIB_KEYFILE_H

#include "lib/base/fail.h"
#include "parse/text/keytext.h"

/* "1234 5678 9abc def0" */
#define FBC_KEYID_TEXT 20
/* "01234567-89ab-8def-8123-456789abcdef" */
#define FBC_UUID_TEXT  37

/*
 * path "-" is standard input.  A secret key must be a regular file, not a
 * symbolic link, that group and others cannot read; a public key may come
 * from anything that can be read.  payload: fbc_keytext_payload_len(kind)
 * bytes.
 */
int FBC_MUST_CHECK fbc_keyfile_read(enum fbc_key_kind kind, const char *path,
                                    uint8_t *payload, struct fbc_error *e);

/* An owner's public key, from the secret key file or from the public one. */
int FBC_MUST_CHECK fbc_keyfile_owner_public(const char *path,
                                            uint8_t pub[static FBC_KEY_LEN],
                                            struct fbc_error *e);

/* Comment lines (each with "# " and '\n'; may be empty) and the key to fd. */
int FBC_MUST_CHECK fbc_keyfile_write(int fd, const char *name,
                                     enum fbc_key_kind kind,
                                     const uint8_t *payload,
                                     const char *comment,
                                     struct fbc_error *e);

int FBC_MUST_CHECK fbc_keyid_text(const uint8_t pub[static FBC_KEY_LEN],
                                  char out[static FBC_KEYID_TEXT]);
void fbc_uuid_text(const uint8_t uuid[static FBC_UUID_LEN],
                   char out[static FBC_UUID_TEXT]);

#endif /* FBC_LIB_KEYFILE_H */
