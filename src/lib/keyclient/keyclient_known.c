/* SPDX-License-Identifier: GPL-2.0-only */
/* Known hosts that older versions wrote become records. */
#include "lib/keyclient/keyclient_known.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/base/cli.h"
#include "lib/base/keyfile.h"
#include "lib/keyclient/knownfile.h"

int fbc_keyclient_known(const struct fbc_keyclient_args *a,
                        char path[static PATH_MAX], struct fbc_error *e)
{
    bool old;

    if ( !a->known_hosts )
    {
        if ( fbc_known_path(path, e) )
            return -1;
    }
    else if ( snprintf(path, PATH_MAX, "%s", a->known_hosts) >= PATH_MAX )
        return fbc_fail(e, FBC_EXIT_INPUT, a->known_hosts, "name is too long");

    if ( !fbc_known_upgrade(path, &old, e) )
    {
        if ( old )
            fbc_cli_warn("%s: converted, one record a host; the old file is "
                         "kept as %s.old", path, path);
        return 0;
    }
    if ( !old )
        return -1;
    /* It can still be read. */
    fbc_cli_warn("%s: is of an older version, and cannot be converted: %s: %s",
                 path, e->what, e->why);

    return 0;
}

/* hosts/NAME.vmm, in which odd characters became '_'; false: none is there. */
static bool old_pin(const struct fbc_keyclient_args *a, const char *path,
                    const char *name, char pin[static PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    int n, i;

    if ( a->known_hosts || !slash || !fbc_direct_name_ok(name) )
        return false;
    n = snprintf(pin, PATH_MAX, "%.*s/hosts/", (int)(slash - path), path);
    if ( n >= PATH_MAX )
        return false;
    i = snprintf(pin + n, PATH_MAX - (size_t)n, "%s.vmm", name);
    if ( i >= PATH_MAX - n )
        return false;
    for ( i = n; pin[i]; i++ )
        if ( pin[i] == ':' || pin[i] == '%' || pin[i] == '+' )
            pin[i] = '_';

    return !access(pin, F_OK);
}

/* To a name that is free. */
static int set_aside(const char *pin, struct fbc_error *e)
{
    char name[PATH_MAX + 8];
    unsigned int i;

    for ( i = 0; i < 10; i++ )
    {
        snprintf(name, sizeof(name), i ? "%s.old.%u" : "%s.old", pin, i);
        if ( !renameat2(AT_FDCWD, pin, AT_FDCWD, name, RENAME_NOREPLACE) )
            return 0;
        if ( errno != EEXIST )
            break;
    }
    /* Another process may have done it, or names cannot be kept apart. */
    if ( errno == ENOENT ||
         ((errno == EINVAL || errno == ENOSYS) && !rename(pin, name)) )
        return 0;

    return fbc_fail_errno(e, pin);
}

int fbc_keyclient_adopt(const struct fbc_keyclient_args *a, const char *path,
                        const char *name, bool *found, struct fbc_error *e)
{
    struct fbc_known_host h = { .server = FBC_KNOWN_DIRECT };
    char pin[PATH_MAX];

    *found = false;
    if ( !old_pin(a, path, name, pin) )
        return 0;

    snprintf(h.name, sizeof(h.name), "%s", name);
    if ( fbc_keyfile_read(FBC_KEY_VMM_PUBLIC, pin, h.vmm_key, e) ||
         fbc_known_store(path, &h, NULL, e) || set_aside(pin, e) )
        return -1;
    *found = true;
    fbc_cli_warn("%s: its pinned key is now in %s; the old file is kept as "
                 "%s.old", name, path, pin);

    return 0;
}

int fbc_keyclient_drop(const struct fbc_keyclient_args *a, const char *path,
                       const char *name, bool *found, struct fbc_error *e)
{
    char pin[PATH_MAX];

    *found = old_pin(a, path, name, pin);

    return *found ? set_aside(pin, e) : 0;
}
