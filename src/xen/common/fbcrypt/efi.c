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
/* Microsoft, Secure MOR implementation: until the next reset. */
#define LOCK_WITHOUT_KEY    0x01

bool __initdata fbcrypt_measured;
bool __initdata fbcrypt_foreign_kernel;
bool __initdata fbcrypt_overwrites;

static bool __init set_byte(const EFI_RUNTIME_SERVICES *rs, const CHAR16 *name,
                            const EFI_GUID *guid, UINT8 value)
{
    return rs->SetVariable((CHAR16 *)name, (EFI_GUID *)guid,
                           EFI_VARIABLE_NON_VOLATILE |
                           EFI_VARIABLE_BOOTSERVICE_ACCESS |
                           EFI_VARIABLE_RUNTIME_ACCESS,
                           sizeof(value), &value) == EFI_SUCCESS;
}

/*
 * Without the lock dom0 takes the request back, through services that it calls
 * without us; and firmware that has none may keep any variable of that name, so
 * that it is tried.
 */
void __init fbcrypt_efi_measured(const void *runtime_services)
{
    static const EFI_GUID __initconst control = { 0xe20939be, 0x32d4, 0x41be,
        { 0xa1, 0x50, 0x89, 0x7f, 0x85, 0xd4, 0x98, 0x29 } };
    static const EFI_GUID __initconst lock = { 0xbb983ccf, 0x151d, 0x40e1,
        { 0xa0, 0x7b, 0x4a, 0x17, 0xbe, 0x16, 0x82, 0x92 } };
    const EFI_RUNTIME_SERVICES *rs = runtime_services;

    fbcrypt_measured = true;
    fbcrypt_overwrites =
        set_byte(rs, (const CHAR16 *)L"MemoryOverwriteRequestControl",
                 &control, CLEAR_MEMORY | DISABLE_AUTO_DETECT) &&
        set_byte(rs, (const CHAR16 *)L"MemoryOverwriteRequestControlLock",
                 &lock, LOCK_WITHOUT_KEY) &&
        !set_byte(rs, (const CHAR16 *)L"MemoryOverwriteRequestControl",
                  &control, DISABLE_AUTO_DETECT);
}

void __init fbcrypt_efi_foreign_kernel(void)
{
    fbcrypt_foreign_kernel = true;
}
