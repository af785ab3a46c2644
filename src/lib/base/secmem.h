/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory for keys and for what decrypts with them: whole pages of their own,
 * locked (the limit may be 0: there is a warning, once), left out of core
 * dumps, not inherited by children, wiped when freed.
 */
#ifndef FBC_LIB_SECMEM_H
#define FBC_LIB_SECMEM_H

#include <stddef.h>

/* Zeroed; NULL when there is no memory. */
void *fbc_secret_alloc(size_t len);

/* len as allocated; p may be NULL. */
void fbc_secret_free(void *p, size_t len);

#endif /* FBC_LIB_SECMEM_H */
