/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes JSON (RFC 8259) to a stream, on one line.  Keys are literals; values
 * may be anything: what is not UTF-8 or is a control character is escaped.
 */
#ifndef FBC_LIB_JSON_H
#define FBC_LIB_JSON_H

#include <stdio.h>

#include "core/fbc.h"

struct fbc_error;

struct fbc_json {
    FILE *f;
    bool comma;
};

/* {"schema":"...","ok":true; ends with fbc_json_end() and a newline. */
void fbc_json_begin(struct fbc_json *j, FILE *f, const char *schema, bool ok);
void fbc_json_end(struct fbc_json *j);

/* key NULL: the value of an array; s NULL: null. */
void fbc_json_open(struct fbc_json *j, const char *key, char bracket);
void fbc_json_close(struct fbc_json *j, char bracket);
void fbc_json_str(struct fbc_json *j, const char *key, const char *s);
void fbc_json_hex(struct fbc_json *j, const char *key, const uint8_t *p,
                  size_t len);
void fbc_json_uint(struct fbc_json *j, const char *key, uint64_t v);
void fbc_json_bool(struct fbc_json *j, const char *key, bool v);
void fbc_json_null(struct fbc_json *j, const char *key);

/* "error": {"status", "what", "why", "hint"}; e NULL: null. */
void fbc_json_error(struct fbc_json *j, const struct fbc_error *e);

#endif /* FBC_LIB_JSON_H */
