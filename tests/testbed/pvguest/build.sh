#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Build the test kernel for PV and PVH guests: build.sh OUTFILE
set -eu

[ $# -eq 1 ] || { echo "usage: build.sh OUTFILE" >&2; exit 2; }
src=$(dirname "$0")
out=$1
obj=$out.d
mkdir -p "$obj"

objs=
for f in "$src"/*.S "$src"/*.c
do
    o=$obj/$(basename "$f").o
    ${CC:-gcc} -std=gnu11 -O2 -g -m64 -ffreestanding -fno-pic -fno-pie \
        -fno-stack-protector -fcf-protection=none -mno-red-zone \
        -mgeneral-regs-only -fno-asynchronous-unwind-tables \
        -Wall -Wextra -Werror -Wstrict-prototypes -Wmissing-prototypes \
        -Wshadow -D__XEN_INTERFACE_VERSION__=0x00040d00 \
        -c -o "$o" "$f"
    objs="$objs $o"
done

# shellcheck disable=SC2086
${CC:-gcc} -m64 -nostdlib -static -no-pie -Wl,--build-id=none \
    -Wl,-z,noexecstack -Wl,--no-warn-rwx-segments \
    -Wl,-z,max-page-size=4096 -T "$src/link.lds" -o "$out.tmp" $objs
mv "$out.tmp" "$out"
