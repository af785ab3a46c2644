/* SPDX-License-Identifier: GPL-2.0-only */
/* For BearSSL. */
#include <xen/types.h>
