/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Records: text files of attestation, read by one strict parser.
 *
 * Lines that start with '#' are comments and come first; then the title, whose
 * number is the version; then "NAME: VALUE" lines, exactly those of the record
 * and in its order; each line ends with a newline and nothing follows the
 * last.  So a record has one form only, but for its comments.
 */
#ifndef FBC_PARSE_RECORD_H
#define FBC_PARSE_RECORD_H

#include "core/fbc.h"

#define FBC_RECORD_MAX_FILE 98304
#define FBC_CERT_MAX        4096    /* DER */
#define FBC_CHAIN_MAX       8       /* Intel's firmware TPMs have 5 */
#define FBC_LABEL_MAX       200

/* A value of up to n bytes; len 0: there is none. */
#define FBC_VALUE(n) struct { uint16_t len; uint8_t data[n]; }

enum fbc_field_kind {
    FBC_FIELD_HEX,      /* lower case; uint8_t[max] */
    FBC_FIELD_HEX_NONE, /* the same or "none"; FBC_VALUE(max) */
    FBC_FIELD_HEX_SOME, /* as HEX, for lines that may lack; FBC_VALUE(max) */
    FBC_FIELD_BASE64,   /* min to max bytes; FBC_VALUE(max) */
    FBC_FIELD_TEXT,     /* 1 to max characters, ASCII, no blank at either
                           end; char[max + 1], with NUL */
    FBC_FIELD_NUMBER,   /* decimal, no leading zero, max bits: 32 or 64;
                           uint64_t */
};

struct fbc_field {
    const char *name;
    enum fbc_field_kind kind;
    uint16_t min, max;
    uint8_t least, most;        /* lines of this name */
    uint16_t offset, step;      /* in the struct; to the next of an array */
};

struct fbc_record {
    const char *title;          /* "fbc-evidence-1" */
    const struct fbc_field *fields;
    size_t count, size;         /* fields; bytes of the struct */
};

#define FBC_FIELD(type, member, text, what, lo, hi) \
    { .name = text, .kind = what, .min = lo, .max = hi, .least = 1, \
      .most = 1, .offset = offsetof(type, member) }
/* member is an array of FBC_VALUEs; those without a line get len 0. */
#define FBC_FIELDS(type, member, text, what, lo, hi) \
    { .name = text, .kind = what, .min = lo, .max = hi, .least = 0, \
      .most = sizeof(((type *)0)->member) / \
              sizeof(((type *)0)->member[0]), \
      .offset = offsetof(type, member), \
      .step = sizeof(((type *)0)->member[0]) }
#define FBC_RECORD(type, name, table) \
    { .title = name, .fields = table, \
      .count = sizeof(table) / sizeof((table)[0]), .size = sizeof(type) }

/*
 * Parses a whole file of len bytes into out, a struct of r->size bytes.
 * FBC_ERR_FORMAT, FBC_ERR_LENGTH (longer than FBC_RECORD_MAX_FILE),
 * FBC_ERR_MAGIC (another record or key file), FBC_ERR_VERSION (of this
 * record).  line, when not NULL, gets the number of the line that is wrong.
 */
enum fbc_err FBC_MUST_CHECK
fbc_record_parse(const struct fbc_record *r, const char *text, size_t len,
                 void *out, unsigned int *line);

/*
 * Writes title and fields, without comments and NUL.  Returns the length, or
 * 0 when room is too small or in holds what no file can say.
 */
size_t FBC_MUST_CHECK fbc_record_encode(const struct fbc_record *r,
                                        const void *in, char *text,
                                        size_t room);

#endif /* FBC_PARSE_RECORD_H */
