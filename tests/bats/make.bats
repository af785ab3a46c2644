#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What the Makefile does, and what it leaves to others.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

@test "make check installs no packages: it fails, and says how to" {
    mkdir bin
    # Nothing is installed, says the one; the other must not be called.
    printf '#!/bin/sh\nexit 1\n' > bin/dpkg-query
    printf '#!/bin/sh\ntouch "%s/called"\nexit 1\n' "$PWD" > bin/apt-get
    chmod +x bin/*
    unset MAKEFLAGS
    for target in check check-unit check-bats check-testbed fuzz ct faults \
                  coverage; do
        PATH=$PWD/bin:$PATH run make -C "$top" $target
        echo "$output"
        [ "$status" -ne 0 ]
        [[ $output == *"deps: error: missing packages: "*libcmocka-dev* ]]
        [[ $output == *"deps: hint: as root, scripts/deps"*" installs them"* ]]
        [[ $output != *"  CC "* ]]
    done
    [ ! -e called ]
}

@test "make WERROR=1 makes warnings errors" {
    unset WERROR MAKEFLAGS
    make -C "$top" -n -B WERROR=1 build/obj/core/geom.o | grep -e ' -Werror '
    make -C "$top" -n -B build/obj/core/geom.o > plain
    grep -e ' -Wall ' plain
    run ! grep -e ' -Werror ' plain
}

@test "make IPSEC_MB=1: the same pictures by another library" {
    unset MAKEFLAGS IPSEC_MB
    mkdir other
    cp -a "$top"/build/{obj,gen,libfbc.a} other
    make -C "$top" B="$PWD/other" IPSEC_MB=1 "$PWD/other/bin/fbc-decrypt-frames"
    ldd other/bin/fbc-decrypt-frames | grep libIPSec_MB
    ldd "$top/build/bin/fbc-decrypt-frames" > plain
    run ! grep libIPSec_MB plain
    keys
    picture 250 100 0 > a.ppm
    mkstream session.key a.ppm > frames
    other/bin/fbc-decrypt-frames -k session.key --ppm < frames | cmp - a.ppm
    # a bit of a tile's ciphertext
    mkstream -t 5 session.key a.ppm > flipped
    run -1 other/bin/fbc-decrypt-frames -k session.key --ppm < flipped
}
