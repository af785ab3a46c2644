/* SPDX-License-Identifier: GPL-2.0-only */
/* A logger that keeps Xen's libraries quiet: the tools speak themselves. */
#ifndef FBC_LIB_XENLOG_H
#define FBC_LIB_XENLOG_H

#include <xentoollog.h>

extern struct xentoollog_logger fbc_xenlog;

#endif /* FBC_LIB_XENLOG_H */
