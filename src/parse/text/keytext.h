/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Key files: lines starting with '#' are comments, then exactly one line
 * PREFIX ":" BASE64, where the base64 (RFC 4648 4, padded) holds the payload
 * and the first 4 bytes of SHA-256(PREFIX ":" || payload).
 */
#ifndef FBC_PARSE_KEYTEXT_H
#define FBC_PARSE_KEYTEXT_H

#include "core/fbc.h"

enum fbc_key_kind {
    FBC_KEY_OWNER_SECRET,       /* "fbc-owner-secret-1", 32 bytes */
    FBC_KEY_OWNER_PUBLIC,       /* "fbc-owner-public-1", 32 bytes */
    FBC_KEY_VMM_PUBLIC,         /* "fbc-vmm-public-1",   32 bytes */
    FBC_KEY_SESSION,            /* "fbc-session-1" or "-2", below */
    FBC_KEY_ADMIN_SECRET,       /* "fbc-admin-secret-1", 32 bytes */
    FBC_KEY_ADMIN_PUBLIC,       /* "fbc-admin-public-1", 32 bytes */
    FBC_KEY_KINDS
};

/* Session payload: what lies where. */
#define FBC_SESSION_KEY      0      /* session key, 32 bytes */
#define FBC_SESSION_UUID     32     /* of the VM, 16 */
#define FBC_SESSION_VMM      48     /* SHA-256(hypervisor's public key), 32 */
#define FBC_SESSION_SEQ      80     /* sequence number of the blob, LE64 */
#define FBC_SESSION_LAUNCH   88     /* launch digests, one of which the guest
                                       must have, 32 each; zeros after them */
#define FBC_SESSION_LAUNCHES 8      /* at most; with none, it may be any */
#define FBC_SESSION_FILE_LEN \
    (FBC_SESSION_LAUNCH + FBC_SESSION_LAUNCHES * FBC_HASH_LEN)
#define FBC_KEYTEXT_MAX_PAYLOAD FBC_SESSION_FILE_LEN
#define FBC_KEYTEXT_MAX_LINE 512    /* with newline and NUL */
#define FBC_KEYTEXT_MAX_FILE 4096

size_t fbc_keytext_payload_len(enum fbc_key_kind kind);

/* How many launch digests the payload of a session key has. */
unsigned int
fbc_session_launches(const uint8_t file[static FBC_SESSION_FILE_LEN]);

/*
 * One line with '\n' and NUL.  A session key is written as version 2 if it has
 * launch digests, without the zeros after them, and as version 1 if not.
 */
enum fbc_err FBC_MUST_CHECK
fbc_keytext_encode(enum fbc_key_kind kind, const uint8_t *payload,
                   char line[static FBC_KEYTEXT_MAX_LINE]);

/*
 * Parses a whole file of len bytes (not NUL-terminated).  FBC_ERR_FORMAT:
 * not a key file, or trailing text; FBC_ERR_MAGIC: a key of another kind;
 * FBC_ERR_VERSION: same kind, other version; FBC_ERR_CHECKSUM;
 * FBC_ERR_RESERVED: a launch digest of zeros.
 * payload has room for fbc_keytext_payload_len(kind) bytes.
 */
enum fbc_err FBC_MUST_CHECK
fbc_keytext_parse(enum fbc_key_kind kind, const char *text, size_t len,
                  uint8_t *payload);

/* First 8 bytes of SHA-256(public key): shown as 4 groups of 4 hex digits. */
int FBC_MUST_CHECK fbc_keytext_id(const uint8_t pub[static FBC_KEY_LEN],
                                  uint8_t id[static FBC_KEYID_LEN]);

#endif /* FBC_PARSE_KEYTEXT_H */
