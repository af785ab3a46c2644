/* SPDX-License-Identifier: GPL-2.0-only */
/* CRC-32 of ISO 3309, the one of zlib and PNG. */
#ifndef FBC_CORE_CRC32_H
#define FBC_CORE_CRC32_H

#include "core/fbc.h"

/* Over all pieces of the data in turn; start with 0. */
uint32_t fbc_crc32(uint32_t crc, const void *data, size_t len);

#endif /* FBC_CORE_CRC32_H */
