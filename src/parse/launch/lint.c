/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words of the command line (Linux Documentation/admin-guide, systemd(1),
 * kernel-command-line(7), initramfs-tools(7), dracut.cmdline(7)).
 */
#include "parse/launch/lint.h"

/* A word that ends with '=' stands for all that begin so. */
struct rule {
    const char *word, *warning;
};

static const struct rule bad[] = {
#define SHELL "starts a shell, or another program, as root: "
    { "init=", SHELL "init=" },
    { "rdinit=", SHELL "rdinit=" },
    { "single", SHELL "single" },
    { "s", SHELL "single" },
    { "S", SHELL "single" },
    { "1", SHELL "single" },
    { "emergency", SHELL "emergency" },
    { "rescue", SHELL "rescue" },
    { "systemd.unit=", "starts something else than usual: systemd.unit=" },
    { "systemd.debug_shell", SHELL "systemd.debug_shell" },
    { "systemd.debug-shell", SHELL "systemd.debug_shell" },
    { "systemd.debug_shell=", SHELL "systemd.debug_shell" },
    { "systemd.debug-shell=", SHELL "systemd.debug_shell" },
    { "break", SHELL "break" },
    { "break=", SHELL "break" },
    { "rd.break", SHELL "rd.break" },
    { "rd.break=", SHELL "rd.break" },
    { "rd.shell", SHELL "rd.shell" },
    { "rd.shell=1", SHELL "rd.shell" },
    { "kgdboc=", "lets who holds the console debug the kernel: kgdboc=" },
    { "kdb", "lets who holds the console debug the kernel: kdb" },
    { "sysrq_always_enabled", "lets dom0 press SysRq: sysrq_always_enabled" },
    { "nfsroot=", "the root file system comes over the network: nfsroot=" },
    { "ds=", "takes its configuration from a disk or network of dom0's: ds=" },
#undef SHELL
};

/*
 * Without one of these, or panic= with a number, an initramfs that misses its
 * disk starts a shell.
 */
static const char *const no_shell[] = { "rd.shell=0", "rd.shell=no" };
static const char panic[] = "panic=";

static const char *const verified[] = {
    "roothash=", "usrhash=", "dm-mod.create=", "dm_verity", "systemd.verity=",
};

static const char *const encrypted[] = {
    "rd.luks", "rd.luks.uuid=", "rd.luks.name=", "luks", "luks.uuid=",
    "luks.name=", "cryptdevice=", "cryptopts=",
};

static bool fits(const char *w, size_t len, const char *rule)
{
    size_t n = strlen(rule);

    return (rule[n - 1] == '=' ? len >= n : len == n) && !strncmp(w, rule, n);
}

static bool fits_any(const char *w, size_t len, const char *const *rules,
                     size_t nr)
{
    while ( nr )
        if ( fits(w, len, rules[--nr]) )
            return true;

    return false;
}

/* An option of crypttab's, in whichever word. */
static bool names_header(const char *w, size_t len)
{
    static const char header[] = "header=";
    size_t i, n = sizeof(header) - 1;

    for ( i = 1; i + n < len; i++ )
        if ( (w[i - 1] == ',' || w[i - 1] == '=') &&
             !strncmp(w + i, header, n) )
            return true;

    return false;
}

static size_t add(const char *what[static FBC_LINT_MAX], size_t n,
                  const char *warning)
{
    size_t i;

    for ( i = 0; i < n; i++ )
        if ( what[i] == warning || !strcmp(what[i], warning) )
            return n;
    if ( n < FBC_LINT_MAX )
        what[n++] = warning;

    return n;
}

static bool is_number(const char *w, size_t size)
{
    size_t i = size && *w == '-';

    if ( i == size )
        return false;
    while ( i < size && w[i] >= '0' && w[i] <= '9' )
        i++;

    return i == size;
}

size_t fbc_lint_cmdline(const char *cmdline, size_t len,
                        const char *what[static FBC_LINT_MAX])
{
    bool shell = true, halts = false, plain = true, hvc = false;
    bool luks = false, header = false;
    const char *w = cmdline, *end = cmdline + len;
    size_t n = 0, i;

    while ( w < end )
    {
        size_t size = 0;

        while ( w < end && (*w == ' ' || *w == '\t' || *w == '\n') )
            w++;
        while ( w + size < end && w[size] != ' ' && w[size] != '\t' &&
                w[size] != '\n' )
            size++;
        if ( !size )
            break;

        for ( i = 0; i < sizeof(bad) / sizeof(bad[0]); i++ )
            if ( fits(w, size, bad[i].word) )
                n = add(what, n, bad[i].warning);
        if ( fits_any(w, size, no_shell,
                      sizeof(no_shell) / sizeof(no_shell[0])) )
            shell = false;
        /* The last one counts, and so does one that is no number. */
        if ( fits(w, size, panic) )
            halts = is_number(w + strlen(panic), size - strlen(panic));
        if ( fits_any(w, size, verified,
                      sizeof(verified) / sizeof(verified[0])) )
            plain = false;
        if ( fits_any(w, size, encrypted,
                      sizeof(encrypted) / sizeof(encrypted[0])) )
            luks = true;
        if ( names_header(w, size) )
            header = true;
        if ( fits(w, size, "console=") )
            hvc = size >= 12 && !strncmp(w, "console=hvc0", 12);
        w += size;
    }

    if ( shell && !halts )
        n = add(what, n, "an initramfs that does not find its disk starts a "
                "shell: neither panic= nor rd.shell=0");
    if ( luks && !header )
        n = add(what, n, "dom0 may write to a LUKS header on the disk that "
                "nothing is encrypted: no header= of one in the ramdisk");
    if ( plain && !luks )
        n = add(what, n, "nothing verifies the root file system, unless the "
                "ramdisk decrypts it: no roothash=, no rd.luks");
    if ( hvc )
        n = add(what, n, "messages and a login may go to a console that dom0 "
                "reads and types on: console=hvc0 is the last");

    return n;
}
