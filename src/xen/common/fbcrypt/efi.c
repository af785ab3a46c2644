/* SPDX-License-Identifier: GPL-2.0-only */
/* What the EFI loader tells us, and asks the firmware on our behalf. */
#include <xen/fbcrypt.h>
#include <xen/init.h>

#include <asm/efibind.h>
#include <efi/efidef.h>
#include <efi/efierr.h>
#include <efi/eficon.h>
#include <efi/efidevp.h>
#include <efi/eficapsule.h>
#include <efi/efiapi.h>

/* TCG Platform Reset Attack Mitigation Specification 1.10, 4. */
#define CLEAR_MEMORY        0x01
#define DISABLE_AUTO_DETECT 0x10

bool __initdata fbcrypt_measured;
bool __initdata fbcrypt_foreign_kernel;
bool __initdata fbcrypt_overwrites;

void __init fbcrypt_efi_measured(const void *runtime_services)
{
    static const EFI_GUID __initconst guid = { 0xe20939be, 0x32d4, 0x41be,
        { 0xa1, 0x50, 0x89, 0x7f, 0x85, 0xd4, 0x98, 0x29 } };
    const EFI_RUNTIME_SERVICES *rs = runtime_services;
    UINT8 control = CLEAR_MEMORY | DISABLE_AUTO_DETECT;

    fbcrypt_measured = true;
    fbcrypt_overwrites =
        rs->SetVariable((CHAR16 *)L"MemoryOverwriteRequestControl",
                        (EFI_GUID *)&guid,
                        EFI_VARIABLE_NON_VOLATILE |
                        EFI_VARIABLE_BOOTSERVICE_ACCESS |
                        EFI_VARIABLE_RUNTIME_ACCESS,
                        sizeof(control), &control) == EFI_SUCCESS;
}

void __init fbcrypt_efi_foreign_kernel(void)
{
    fbcrypt_foreign_kernel = true;
}
