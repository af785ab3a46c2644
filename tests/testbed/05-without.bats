#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# With CONFIG_FBCRYPT off the hypervisor is what it was: it builds, and each
# file that a patch touches compiles to the same functions, of the same size, as
# it does from the source as Debian has it.

setup() {
    top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    cd "$top" || return 1
}

functions() { nm -S "$1" | awk '$3 ~ /^[tT]$/ {print $4, $2}' | sort; }

@test "with CONFIG_FBCRYPT off Xen builds, without a trace of fbcrypt" {
    scripts/build-xen --without
    run ! grep -q '^CONFIG_FBCRYPT=y' build/xen/without/tree/xen/.config
    nm build/xen/without/tree/xen/xen-syms >"$BATS_TEST_TMPDIR/symbols"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/symbols")" -gt 5000 ]
    run ! grep -iE 'fbcrypt|fbc_|br_aes' "$BATS_TEST_TMPDIR/symbols"
}

@test "what the patches touch compiles to what it did before them" {
    tree=$BATS_TEST_TMPDIR/tree
    cp -a build/xen/without/tree "$tree"
    mapfile -t files < <(sed -n 's#^+++ b/##p' src/xen/patches/*.patch)
    [ "${#files[@]}" -gt 15 ]
    objects=0
    for f in "${files[@]}"; do
        cp "build/src/xen/$f" "$tree/$f"
    done
    for f in "${files[@]}"; do
        o=${f%.c}.o
        [ "$o" != "$f" ] && [ -f "$tree/$o" ] || continue
        rm "$tree/$o"
        # The very command that built it.
        (cd "$tree/xen" && sh -c "$(sed -n 's/^cmd_[^ ]* := //p' \
            "$(dirname "../$o")/.$(basename "$o").cmd" |
            sed 's/\$(pound)/#/g; s/\$\$/$/g' | tail -n 1)")
        functions "$tree/$o" >"$BATS_TEST_TMPDIR/before"
        functions "build/xen/without/tree/$o" >"$BATS_TEST_TMPDIR/after"
        [ -s "$BATS_TEST_TMPDIR/before" ]
        diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
        objects=$((objects + 1))
    done
    echo "$objects objects"
    [ "$objects" -ge 10 ]
    rm -rf "$tree"
}
