/* SPDX-License-Identifier: GPL-2.0-only */
/* Reading of tests/vectors/NAME.json; a missing file or field is a failure. */
#ifndef FBC_TEST_VEC_H
#define FBC_TEST_VEC_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>

#include "core/fbc.h"

struct hex {
    uint8_t *data;              /* never NULL, exactly len bytes on the heap */
    size_t len;
};

/* FBC_VECTORS in the environment overrides the directory. */
json_t *vec_load(const char *name);

const char *vec_text(const json_t *v, const char *field);
struct hex vec_hex(const json_t *v, const char *field);
/* Fails unless the field has len bytes. */
void vec_bytes(const json_t *v, const char *field, uint8_t *out, size_t len);
/* A number, or a decimal string where 63 bits are not enough. */
uint64_t vec_u64(const json_t *v, const char *field);
/* "ok", "auth", "wrong-vm" ... */
enum fbc_err vec_err(const json_t *v, const char *field);
bool vec_has(const json_t *v, const char *field);

/* Runs body for each vector of file. */
void vec_each(const char *file, const char *array,
              void (*body)(const json_t *v));

/* After a failure vec_teardown() names the vector. */
int vec_teardown(void **state);
#define VEC_TEST(title, function) { title, function, NULL, vec_teardown, NULL }

#endif /* FBC_TEST_VEC_H */
