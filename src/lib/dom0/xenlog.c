/* SPDX-License-Identifier: GPL-2.0-only */
/* A logger that keeps Xen's libraries quiet. */
#include "lib/dom0/xenlog.h"

static void message(struct xentoollog_logger *logger, xentoollog_level level,
                    int errnoval, const char *context, const char *format,
                    va_list al)
{
    (void)logger;
    (void)level;
    (void)errnoval;
    (void)context;
    (void)format;
    (void)al;
}

static void progress(struct xentoollog_logger *logger, const char *context,
                     const char *doing_what, int percent, unsigned long done,
                     unsigned long total)
{
    (void)logger;
    (void)context;
    (void)doing_what;
    (void)percent;
    (void)done;
    (void)total;
}

static void destroy(struct xentoollog_logger *logger)
{
    (void)logger;
}

struct xentoollog_logger fbc_xenlog = { message, progress, destroy };
