/* SPDX-License-Identifier: GPL-2.0-only */
/* Traces of editors and other systems in text files. */
#ifndef FBC_LIB_ODDTEXT_H
#define FBC_LIB_ODDTEXT_H

#include <stddef.h>

/*
 * For a file that a strict parser has refused: what may be the reason, "is in
 * UTF-16, ...", "begins with a byte order mark, ...", "has lines that end in
 * CR, ..."; else NULL.
 */
const char *fbc_odd_text(const void *text, size_t len);

#endif /* FBC_LIB_ODDTEXT_H */
