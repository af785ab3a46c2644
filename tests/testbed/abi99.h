/* SPDX-License-Identifier: GPL-2.0-only */
/* Forced into a build of fbc-status: a tool from another time. */
#include <stdint.h>
#include <xen/xen.h>
#include "xen/include/public/fbcrypt.h"
#undef XEN_FBCRYPT_ABI_VERSION
#define XEN_FBCRYPT_ABI_VERSION 99
