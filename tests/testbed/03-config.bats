#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The patched hypervisor is configured as Debian's, but for what it excludes.
load common

setup_file() { tb images; }

config() # FILE
{
    grep -E '^CONFIG_|^# CONFIG_.* is not set$' "$1" | sort
}

@test "the configuration differs from Debian's in four options, said here" {
    comm -3 <(config "$(echo "$top"/build/images/root/boot/xen-*.config)") \
        <(config "$top/build/xen/patched/tree/xen/.config") >"$BATS_TEST_TMPDIR/differs"
    cat "$BATS_TEST_TMPDIR/differs"
    # One is ours within ours; two that are nobody's choice need LIVEPATCH, and go with it.
    diff <(tr -d '\t' <"$BATS_TEST_TMPDIR/differs" | sort) - <<'CONFIG'
# CONFIG_FBCRYPT_IPSEC_MB is not set
# CONFIG_KEXEC is not set
# CONFIG_LIVEPATCH is not set
CONFIG_CC_SPLIT_SECTIONS=y
CONFIG_FAST_SYMBOL_LOOKUP=y
CONFIG_FBCRYPT=y
CONFIG_KEXEC=y
CONFIG_LIVEPATCH=y
CONFIG_XENOPROF=y
CONFIG
}
