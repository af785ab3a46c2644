/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What on a kernel's command line makes a right launch digest worthless: dom0
 * holds the disk, types on the console and at the keyboard.
 */
#ifndef FBC_PARSE_LINT_H
#define FBC_PARSE_LINT_H

#include "core/fbc.h"

#define FBC_LINT_MAX 18

/* Puts a warning each into what, and returns how many there are. */
size_t fbc_lint_cmdline(const char *cmdline, size_t len,
                        const char *what[static FBC_LINT_MAX]);

#endif /* FBC_PARSE_LINT_H */
