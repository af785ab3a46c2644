#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What can be shown without Xen; the rest is in tests/testbed.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

@test "fbc-setkey: help, version, unknown options, full disk" {
    common_options fbc-setkey
}

@test "fbc-setkey needs one domain" {
    expect 2 fbc-setkey < /dev/null
    says "one domain id or name is needed"
    expect 2 fbc-setkey a b < /dev/null
}

@test "fbc-setkey without Xen says so" {
    keys
    for domain in 1 web; do
        expect 4 fbc-setkey $domain < blob
        [[ $stderr == *"hint: run this in dom0, as root"* ]]
        [ "$(grep -c error: <<< "$stderr")" -eq 1 ]
    done
}

@test "fbc-setkey: what is no blob is refused before Xen is asked" {
    keys
    expect 3 fbc-setkey 1 < /dev/null
    says "stdin: is empty"
    expect 3 fbc-setkey 1 < session.key
    says "key blob: wrong length"
    expect 3 fbc-setkey 1 < <(head -c 207 blob)
    expect 3 fbc-setkey 1 < <(cat blob; echo)
    expect 3 fbc-setkey 1 < <(head -c 208 /dev/zero)
    says "key blob: not the expected kind of data"
    expect 5 fbc-setkey 1 < <(printf 'FBK1\2'; tail -c 203 blob)
    expect 3 fbc-setkey 1 < <(head -c 16 blob; head -c 16 /dev/zero
                              tail -c 176 blob)
    says "not the owner"
}

@test "fbc-setkey: an expired blob is refused" {
    keys
    python3 - <<'PY'
b = bytearray(open("blob", "rb").read())
b[40:48] = (1000).to_bytes(8, "little")
open("old", "wb").write(b)
PY
    expect 1 fbc-setkey 1 < old
    says "expire"
}

@test "fbc-setkey: domain ids and names that cannot be" {
    keys
    expect 3 fbc-setkey 32752 < blob
    says "no domain id is that high"
    expect 3 fbc-setkey 99999999999999999999999 < blob
    expect 2 fbc-setkey '' < blob
}

@test "fbc-setkey: a name that XenStore has twice, of a domain that is gone, too" {
    keys
    cat > xs.c <<'C'
#include <stdlib.h>
#include <string.h>

void *xs_open(unsigned long flags) { (void)flags; return &xs_open; }
void xs_close(void *h) { (void)h; }

char **xs_directory(void *h, unsigned t, const char *path, unsigned *n)
{
    static const char text[] = "0\0001\0006\0009";
    char **list = malloc(4 * sizeof(*list) + sizeof(text));

    memcpy(list + 4, text, sizeof(text));
    for ( *n = 0; *n < 4; (*n)++ )
        list[*n] = (char *)(list + 4) + 2 * *n;
    return list;
}

void *xs_read(void *h, unsigned t, const char *path, unsigned *n)
{
    const char *v = strstr(path, "/9/") ? "db" : strstr(path, "/0/") ? "Domain-0"
                    : "web";

    *n = strlen(v);
    return strdup(v);
}
C
    cc -w -shared -fPIC -o xs.so xs.c
    LD_PRELOAD=$PWD/xs.so expect 3 fbc-setkey web < blob
    says "web: 2 domains have this name"
    [[ $stderr == *"hint: give the id, from xl list"* ]]
    LD_PRELOAD=$PWD/xs.so expect 3 fbc-setkey none < blob
    says "none: no such domain"
    # One that is there is asked for at the hypervisor.
    for domain in db 6; do
        LD_PRELOAD=$PWD/xs.so expect 4 fbc-setkey $domain < blob
        says "Xen: no hypercalls"
    done
}

@test "fbc-setkey: a terminal is not read" {
    run script -qec "fbc-setkey 1" /dev/null
    [ "$status" -eq 2 ]
    [[ $output == *"stdin: is a terminal"* ]]
}
