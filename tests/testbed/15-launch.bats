#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The hypervisor measures what dom0 has built, and gets what fbc-launch computes
# from the files.  What else dom0 may put there: 16-tamper.bats.
# shellcheck disable=SC2030,SC2031,SC2154 # common.bash and bats set these
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot
    tb copy "$top/build/tests/rawbuild" /usr/local/bin/
}

setup() {
    cd "$BATS_FILE_TMPDIR" || return 1
    mini=$top/build/tests/pvguest.elf
}

# The hypervisor's digest is that of the files.
measured() { # NAME
    as_computed "$1"
    cp "$1.computed" "$1.digest"
    [ "$(dom0 fbc-status --launch "$1")" = "$(cat "$1.digest")" ]
    [ "$(status_of "$1" launch)" = measured ]
    [ "$(status_of "$1" launch_digest)" = "$(cat "$1.digest")" ]
}

# Sets a key that is sealed to the digest in NAME.digest.
bound_key() { # NAME
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from "$1.owner" -o "$1.session" \
        --launch "$(cat "$1.digest")" >"$1.blob"
    dom0 fbc-setkey "$1" <"$1.blob"
}

@test "Linux with a .gz ramdisk is measured as computed, and takes its key" {
    owner_guest l1 --wait screen
    measured l1
    bound_key l1
    [ "$(status_of l1 launch_checked)" = true ]
    said_is l1 accepted "$(cat l1.digest)" true
    [ "$(stat -c %s l1.log)" -lt 16384 ]
    status_of l1 unpause_ns
    status_of l1 unpause_step_ns
    # Measuring stops for dom0 every 64 KiB.
    [ "$(status_of l1 launch_step_bytes)" -le 65536 ]
    [ "$(status_of l1 launch_step_bytes)" -gt 60000 ]
    tb destroy l1
}

@test "so it is with a plain ramdisk, other memory and vCPUs" {
    gzip -dc "$top/build/images/guest.cpio.gz" >guest.cpio
    owner_guest l2 --wait none memory=100 maxmem=160 vcpus=2 \
        --ramdisk guest.cpio
    measured l2
    tb destroy l2
}

@test "so it is with another kernel, which has a hypercall page" {
    owner_guest m1 --wait none memory=65 --kernel "$mini" extra="scenario=idle"
    measured m1
    tb destroy m1
    # Not in the digest: who, when, on which frames, how many vCPUs.
    owner_guest m2 --wait none memory=65 vcpus=3 --kernel "$mini" \
        extra="scenario=idle"
    measured m2
    tb destroy m2
    cmp m1.digest m2.digest
}

@test "what other domains left in memory is not measured" {
    # Memory of dom0's that is full, and given to a guest.
    dom0 --timeout 120 'mount -t tmpfs none /mnt
        yes LANTERN | head -c 300000000 >/mnt/full; rm /mnt/full; umount /mnt
        xl mem-set 0 1000; sleep 2; xl list'
    owner_guest m3 --wait none memory=300 --kernel "$mini" extra="scenario=idle"
    measured m3
    tb destroy m3
}

@test "while it is built a guest has no log, and takes no key" {
    owner_guest b1 --wait paused memory=64 --kernel "$mini"
    run dom0 fbc-status --launch b1
    [ "$status" -eq 1 ]
    [[ $output == *"not measured yet"* ]]
    run key_guest b1
    [ "$status" -ne 0 ]
    tb destroy b1
}

@test "another kernel under the same UUID gets no key: no false login" {
    "$bin/fbc-launch" compute -q --kernel "$mini" \
        --cmdline "scenario=picture" --memory 64 >f1.digest
    # What dom0 starts in its place: here, only the command line is another.
    owner_guest f1 --wait none memory=64 --kernel "$mini" \
        extra="scenario=picture seed=6"
    run bound_key f1
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *"started with other contents"* ]]
    [ "$(status_of f1 keyed)" = false ]
    # The control: a key that asks for nothing opens this screen, too.
    key_guest f1
    [ "$(status_of f1 keyed)" = true ]
    [ "$(status_of f1 launch_checked)" = false ]
    tb destroy f1
    # And the one that was meant takes its key.
    tb create f1 uuid="$("$bin/fbc-keygen" -u f1.owner)" --wait none \
        memory=64 --kernel "$mini" extra="scenario=picture"
    # One of several digests is enough.
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from f1.owner -o f1.session \
        --launch "$(printf 'ff%.0s' {1..32})" --launch "$(cat f1.digest)" \
        >f1.blob
    dom0 fbc-setkey f1 <f1.blob
    [ "$(status_of f1 launch_checked)" = true ]
    tb destroy f1
}

# What a viewer says of the launch, once the guest's whole screen is live.
said_is() { # NAME LAUNCH DIGEST CHECKED
    for _ in $(seq 100); do
        # 1: it has no framebuffer yet.
        dom0 fbc-dumpvfb -r -n 1 "$1" >"$1.frames" || [ $? -eq 1 ]
        ! "$bin/fbc-decrypt-frames" -q --live --json -k "$1.session" \
            <"$1.frames" >"$1.said" || break
        sleep 0.5
    done
    cat "$1.said"
    [ "$(jq -r '"\(.ok) \(.launch) \(.launch_digest) \(.launch_checked)"' \
        "$1.said")" = "true $2 $3 $4" ]
}

# The same session key, for a guest of another digest.
other_launch() { # SESSION OUT
    python3 - "$1" >"$2" <<'PY'
import base64, hashlib, sys
prefix, text = open(sys.argv[1]).read().splitlines()[-1].split(":")
data = bytearray(base64.b64decode(text)[:-4])
data[-1] ^= 1
tag = hashlib.sha256(prefix.encode() + b":" + data).digest()[:4]
print(prefix + ":" + base64.b64encode(data + tag).decode())
PY
    chmod 600 "$2"
}

@test "a viewer opens the guest of its launch digest, and no other" {
    owner_guest v1 --wait none memory=64 --kernel "$mini" \
        extra="scenario=picture"
    measured v1
    [ "$(dom0 fbc-status v1 | sed -n 's/^launch  *//p')" = measured ]
    digest=$(cat v1.digest)
    bound_key v1
    said_is v1 accepted "$digest" true
    [ "$(dom0 fbc-status v1 | sed -n 's/^launch  *//p')" = \
        "accepted ${digest:0:8}.." ]

    # One bit of the digest, and nothing is shown.
    other_launch v1.session other.session
    run "$bin/fbc-decrypt-frames" -k other.session --ppm -o nothing.ppm \
        <v1.frames
    [ "$status" -eq 1 ]
    [[ $output == *"another session key, or for another launch"* ]]
    [ ! -e nothing.ppm ]
    server=$(tb vnc v1)
    "$bin/fbc-vncproxy" --json --view-only -k other.session \
        --listen "$PWD/v1.sock" "$server" >proxy.out 3>&- &
    proxy=$!
    for _ in $(seq 100); do
        sleep 0.5
        # Its first line says that it can take signals.
        [ -s proxy.out ] || continue
        kill -USR1 "$proxy"
        [ "$(tail -n 1 proxy.out | jq -r .state)" != other-key ] || break
    done
    kill "$proxy"
    wait "$proxy"
    tail -n 1 proxy.out
    [ "$(tail -n 1 proxy.out | jq -c '[.state, .tiles.ok, .launch]')" = \
        '["other-key",0,null]' ]

    # A key that asks for nothing: measured, and not checked.
    key_guest v1
    said_is v1 any "${digest:0:32}" false
    [ "$(dom0 fbc-status v1 | sed -n 's/^launch  *//p')" = \
        "NOT CHECKED, measured" ]
    tb destroy v1
}

@test "of a guest that was not measured the viewer is told" {
    owner_guest n1 --wait paused memory=64 --kernel "$mini" \
        extra="scenario=picture"
    dom0 "rawbuild register \$(xl domid n1)" | tee register
    grep -qx unpaused register
    [[ $(status_of n1 launch) == "vCPU 0"* ]]
    "$bin/fbc-launch" compute -q --kernel "$mini" \
        --cmdline "scenario=picture" --memory 64 >n1.digest
    run bound_key n1
    [ "$status" -eq 1 ]
    wrap n1 n1.session >n1.blob
    dom0 fbc-setkey n1 <n1.blob
    said_is n1 unmeasured null false
    [[ $(dom0 fbc-status n1 | sed -n 's/^launch  *//p') == \
        "NOT CHECKED, vCPU 0"* ]]
    tb destroy n1
}
