#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# scripts/sources takes the newest Xen that a mirror has, or the tree it is
# given.
# shellcheck disable=SC2154,SC2164 # helper.bash and bats set these
load helper

# A tree of Xen's, and of ours the script with other pins; the mirror has the
# versions named, packed from there.
packed() # VERSION...
{
    local v
    mkdir -p top/scripts tree/{xen,config,scripts,tools/xl} debian/patches \
        mirror/pool/main/{x/xen,b/bearssl}
    cp "$top"/scripts/{sources,suite.sh} top/scripts
    touch tree/{Config.mk,COPYING} debian/patches/series
    for v in 9 8 7; do
        echo "$v" > tree/xen/Makefile
        tar -cJf "x_$v.orig.tar.xz" --transform "s/^tree/x-$v/" tree
        tar -cJf "x_$v-1.debian.tar.xz" debian
        echo "bookworm x_$v -1 $(sha256sum < "x_$v.orig.tar.xz" |
            cut -d' ' -f1) $(sha256sum < "x_$v-1.debian.tar.xz" |
            cut -d' ' -f1)"
    done > pins
    for v; do
        cp "x_$v."* "x_$v-1."* mirror/pool/main/x/xen
    done
    awk 'FNR == NR { pins = pins "\n" $0; next }
        /^pins=/ { print "pins=\"" substr(pins, 2) "\""; skip = 1 }
        !skip
        /"$/ { skip = 0 }' pins top/scripts/sources > sources.new
    chmod +x sources.new
    mv sources.new top/scripts/sources
    export FBC_DEBIAN_MIRROR=file:$PWD/mirror
    unset XEN_SRC FBC_SUITE
}

taken() { cat top/build/src/xen/xen/Makefile; }

@test "sources takes the newest Xen of those that a mirror has, and says what it lacks" {
    packed 8 7
    run -0 top/scripts/sources xen
    [ "${lines[0]}" = "sources: x_9: no mirror has it" ]
    [[ ${lines[1]} == "sources: warning: x_8: lacks security fixes of x_9,"* ]]
    [ ${#lines[@]} = 2 ]
    [ "$(taken)" = 8 ]
    # Nothing is asked again, not even when a newer one has come.
    cp x_9* mirror/pool/main/x/xen
    run -0 top/scripts/sources xen
    [ -z "$output" ]
    [ "$(taken)" = 8 ]
    rm -r top/build
    run -0 top/scripts/sources xen
    [ -z "$output" ]
    [ "$(taken)" = 9 ]
}

@test "an archive with another checksum is not taken for the one wanted" {
    packed 9 8 7
    echo >> mirror/pool/main/x/xen/x_9.orig.tar.xz
    echo >> mirror/pool/main/x/xen/x_8-1.debian.tar.xz
    run -0 top/scripts/sources xen
    [ "${lines[0]}" = "sources: x_9: no mirror has it" ]
    [ "${lines[1]}" = "sources: x_8: no mirror has it" ]
    [ "$(taken)" = 7 ]
}

@test "where no mirror has any, sources fails and says what helps" {
    packed
    run -4 top/scripts/sources xen
    [[ $output == *"error: xen: no mirror has a version for bookworm"* ]]
    [[ $output == *"hint: XEN_SRC=DIR"* ]]
    FBC_SUITE=sid run -2 top/scripts/sources xen
    [[ $output == *"FBC_SUITE: sid: bookworm or trixie" ]]
}

@test "a tree of XEN_SRC is copied when it has changed, without its history" {
    packed 9
    mkdir -p tree/.git tree/xen/sub
    echo mine > tree/xen/Makefile
    echo 1 > tree/xen/sub/file
    cp -r tree before
    XEN_SRC=$PWD/tree top/scripts/sources xen
    diff -r tree before
    diff -r -x .git -x .fbc-source tree top/build/src/xen
    [ ! -e top/build/src/xen/.git ]

    touch top/build/src/xen/mark
    XEN_SRC=tree run -3 top/scripts/sources xen     # it is beside top, not below
    XEN_SRC=$PWD/tree top/scripts/sources xen
    [ -e top/build/src/xen/mark ]
    echo 2 > tree/xen/sub/file
    XEN_SRC=$PWD/tree top/scripts/sources xen
    [ ! -e top/build/src/xen/mark ]
    [ "$(cat top/build/src/xen/xen/sub/file)" = 2 ]

    # And the archive's again, when there is none given.
    top/scripts/sources xen
    [ "$(taken)" = 9 ]
}

@test "a library's archive with another checksum is not taken; a tree that is given is" {
    packed
    mkdir -p mirror/pool/main/i/intel-ipsec-mb own/lib
    for l in bearssl:bearssl:BEARSSL_SRC ipsec-mb:intel-ipsec-mb:IPSEC_MB_SRC; do
        IFS=: read -r what package tree <<< "$l"
        archive=$(grep -o "${package}_[^ ]*.orig.tar.[a-z]*" top/scripts/sources)
        echo other > "mirror/pool/main/${package:0:1}/$package/$archive"
        run -4 top/scripts/sources "$what"
        [[ $output == "sources: error: $archive: no mirror has it with SHA-256 "* ]]
        [ ! -e "top/build/src/$package" ]
        env "$tree=$PWD/own" top/scripts/sources "$what"
        [ -d "top/build/src/$package/lib" ]
    done
    run -2 top/scripts/sources ipsec
    [[ $output == *"unknown source: ipsec: xen, bearssl or ipsec-mb" ]]
}
