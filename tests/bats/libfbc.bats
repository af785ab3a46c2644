#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The library that all tools are linked with.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

# Global symbols that an archive defines more than once, with their objects.
# The linker takes whichever comes first, and says nothing.
twice()
{
    nm -A -g --defined-only "$1" > symbols
    awk '$(NF - 1) !~ /[WVwv]/ { print $NF }' symbols | sort | uniq -d |
        while read -r name; do
            grep -w -- "$name\$" symbols
        done
}

@test "no global symbol is defined twice in libfbc.a" {
    run twice "$top/build/libfbc.a"
    echo "$output"
    [ -z "$output" ]
    [ "$(wc -l < symbols)" -gt 300 ]
}

@test "a symbol that is defined twice is found" {
    for i in a b; do
        echo "int one_$i, both; int again(void) { return both; }" > $i.c
        ${CC:-cc} -fno-common -c $i.c
    done
    ar rcs ab.a a.o b.o
    run twice ab.a
    [ "${#lines[@]}" = 4 ]
    [ "$(awk '{ print $NF }' <<< "$output" | uniq -c | awk '{ print $1 $2 }' |
        paste -sd' ')" = "2again 2both" ]
}
