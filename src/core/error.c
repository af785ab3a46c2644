/* SPDX-License-Identifier: GPL-2.0-only */
/* Phrases for the error codes. */
#include "core/fbc.h"

const char *fbc_strerror(enum fbc_err err)
{
    switch ( err )
    {
    case FBC_OK:
        return "success";
    case FBC_ERR_LENGTH:
        return "wrong length";
    case FBC_ERR_MAGIC:
        return "not the expected kind of data";
    case FBC_ERR_VERSION:
        return "unknown version";
    case FBC_ERR_ALGORITHM:
        return "unknown algorithm";
    case FBC_ERR_RESERVED:
        return "a reserved field is not zero";
    case FBC_ERR_CHECKSUM:
        return "checksum does not match";
    case FBC_ERR_WRONG_VM:
        return "made for another VM";
    case FBC_ERR_WRONG_OWNER:
        return "sender is not the owner of this VM UUID";
    case FBC_ERR_WRONG_VMM:
        return "made for another hypervisor key";
    case FBC_ERR_REPLAY:
        return "sequence number already used";
    case FBC_ERR_AUTH:
        return "authentication failed";
    case FBC_ERR_RANGE:
        return "number out of range";
    case FBC_ERR_PENDING:
        return "not written yet";
    case FBC_ERR_STALE:
        return "older than the one already seen";
    case FBC_ERR_CRYPTO:
        return "cryptographic primitive failed or is not available";
    case FBC_ERR_UNKEYED:
        return "no session key is set";
    case FBC_ERR_EXPIRED:
        return "key lifetime is used up";
    case FBC_ERR_FORMAT:
        return "malformed text";
    case FBC_ERR_DEPTH:
        return "framebuffer is not 32 bits a pixel";
    case FBC_ERR_SIZE:
        return "screen size cannot be served";
    case FBC_ERR_STRIDE:
        return "line length does not fit the width";
    case FBC_ERR_MEMORY:
        return "pixels lie outside the framebuffer";
    case FBC_ERR_FRAME:
        return "page does not belong to the guest";
    case FBC_ERR_PORT:
        return "event channel does not lead to dom0";
    case FBC_ERR_NOMEM:
        return "out of memory";
    case FBC_ERR_NO_ENTROPY:
        return "CPU has no usable random number generator";
    case FBC_ERR_IN_USE:
        return "another live domain holds this UUID";
    case FBC_ERR_SHARED:
        return "dom0 may have this page mapped already";
    case FBC_ERR_NO_TPM:
        return "no TPM was found";
    case FBC_ERR_TPM_IO:
        return "the TPM did not answer";
    case FBC_ERR_TPM_RESPONSE:
        return "the TPM's answer is malformed";
    case FBC_ERR_TPM_RC:
        return "the TPM refused a command";
    case FBC_ERR_PCR_USED:
        return "PCR 12 was not zero at boot";
    case FBC_ERR_PCR_VALUE:
        return "PCR 12 does not match what it was extended with";
    case FBC_ERR_NV_ABSENT:
        return "the NV index is not defined";
    case FBC_ERR_NV_KIND:
        return "the NV index is of another kind";
    case FBC_ERR_NV_POLICY:
        return "the NV index has another policy";
    case FBC_ERR_NV_CONTENT:
        return "the NV index does not hold what was written";
    case FBC_ERR_OUTLIVES:
        return "memory outlives a reset";
    case FBC_ERR_LAUNCH:
        return "the guest started with other contents than its owner meant";
    }

    return "unknown error";
}
