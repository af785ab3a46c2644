#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# A guest with more contents than a launch log has entries for.  To the entry
# tests/unit/test_launch.c shows this limit, for a guest of 64 GiB.
# shellcheck disable=SC2030,SC2031,SC2034,SC2154 # shared with common, lies, bats
bats_require_minimum_version 1.5.0
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    boot --mem 6144
    tb copy "$top/build/tests/rawlaunch" /usr/local/bin/
    cp "$top/build/tests/tiny.elf" kernel
    echo ramdisk >ramdisk
    "$bin/fbc-keygen" -q -o a.owner >/dev/null
    "$bin/fbc-launch" compute -q -k kernel -r ramdisk -c scenario -m 4160 \
        >digest
    dom0 mkdir -p /tmp/a
    tb copy kernel ramdisk /tmp/a/
}

@test "contents in more windows than a log has entries for: no digest" {
    load lies
    cd "$BATS_FILE_TMPDIR" || return 1
    ramdisk=ramdisk mem=4160 maxmem=4160
    attack - none windows
    meant none "done" unpaused
    echo "$(cat windows.said): $(cat windows.check)"
    [[ $(cat windows.said) == "windows | done | unpaused |"* ]]
    [[ $(cat windows.check) == "not measured: more memory has contents"* ]]
}
