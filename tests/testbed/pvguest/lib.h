/* SPDX-License-Identifier: GPL-2.0-only */
/* The few library functions the test kernel needs; no libc. */
#ifndef PVGUEST_LIB_H
#define PVGUEST_LIB_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* For what the other side of a ring may change at any time. */
#define READ_ONCE(x) (*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile __typeof__(x) *)&(x) = (v))
#define mb() asm volatile ( "mfence" ::: "memory" )
#define wmb() asm volatile ( "" ::: "memory" )

void *memcpy(void *dst, const void *src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);

/* Decimal, or hexadecimal after 0x; optional minus; stops at a non-digit. */
long parse_long(const char *s);

/* %s %c %d %u %x with l, zero padding and width. Returns the length stored. */
size_t vformat(char *buf, size_t size, const char *fmt, va_list ap);
size_t format(char *buf, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* zlib's CRC-32; start with 0, feed the result back in to go on. */
uint32_t crc32(uint32_t crc, const void *data, size_t n);

/* Marsaglia's xorshift32 (13, 17, 5); a zero seed becomes 0x9e3779b9. */
struct rng
{
    uint32_t s;
};
void rng_seed(struct rng *r, uint32_t seed);
uint32_t rng_next(struct rng *r);

/* key=value words of the kernel command line. */
void args_init(const char *cmdline);
bool arg_str(const char *key, char *buf, size_t size);
long arg_long(const char *key, long def);

#endif
