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
    err = errno;
    if ( fd >= 0 )
    {
        close(fd);
        return 0;
    }

    if ( err == EACCES || err == EPERM )
    {
        fbc_fail_errno(e, path);
        return fbc_hint(e, "be root, or in the group that owns it: tss, "
                        "mostly");
    }
    if ( err != EBUSY )
        return 0;

    fbc_fail_errno(e, path);
    return fbc_hint(e, "another program has it: use the resource manager, "
                    "TPM2TOOLS_TCTI=device:/dev/tpmrm0");
}
