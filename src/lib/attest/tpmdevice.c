/* SPDX-License-Identifier: GPL-2.0-only */
/* TPM devices that cannot be opened. */
#include "lib/attest/tpmdevice.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int fbc_tpm_device(const char *tcti, struct fbc_error *e)
{
    static const char kind[] = "device:";
    const char *path = tcti + sizeof(kind) - 1;
    int fd, err;

    if ( strncmp(tcti, kind, sizeof(kind) - 1) )
        return 0;
    fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if ( fd >= 0 )
    {
        close(fd);
        return 0;
    }

    err = errno;
    fbc_fail_errno(e, path);
    switch ( err )
    {
    case EACCES:
    case EPERM:
        return fbc_hint(e, "be root, or in the group that owns it: tss, "
                        "mostly");

    case EBUSY:
        return fbc_hint(e, "another program has it: use the resource "
                        "manager, TPM2TOOLS_TCTI=device:/dev/tpmrm0");
    }

    return fbc_hint(e, "is there a TPM, switched on in the firmware's setup?");
}
