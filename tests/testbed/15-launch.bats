#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The hypervisor measures what dom0 has built, and gets what fbc-launch computes
# from the files; what else dom0 puts there is seen, and named.
# shellcheck disable=SC2030,SC2031,SC2154 # common.bash and bats set these
bats_require_minimum_version 1.5.0

setup_file() {
    load common
    boot
    tb copy "$top/build/tests/rawbuild" /usr/local/bin/
    tb copy "$top/build/tests/rawlaunch" /usr/local/bin/
}

teardown_file() {
    load common
    tb down
}

setup() {
    load common
    cd "$BATS_FILE_TMPDIR" || return 1
    mini=$top/build/tests/pvguest.elf
    linux="console=tty0 console=hvc0 quiet mitigations=off rodata=off audit=0 \
cryptomgr.notests fbc.name"
}

# The hypervisor's digest is that of the files.
as_computed() { # NAME COMPUTE-OPTION...
    local name=$1
    shift
    dom0 fbc-status --launch-log "$name" >"$name.log"
    "$bin/fbc-launch" check -q "$@" "$name.log" >"$name.digest" || {
        cat "$name.digest"
        return 1
    }
    [ "$(dom0 fbc-status --launch "$name")" = "$(cat "$name.digest")" ]
    [ "$(status_of "$name" launch)" = measured ]
    [ "$(status_of "$name" launch_digest)" = "$(cat "$name.digest")" ]
}

# Sets a key that is sealed to the digest in NAME.digest.
bound_key() { # NAME
    "$bin/fbc-wrapkey" --to "$(vmm_key)" --from "$1.owner" -o "$1.session" \
        --launch "$(cat "$1.digest")" >"$1.blob"
    dom0 fbc-setkey "$1" <"$1.blob"
}

@test "Linux with a .gz ramdisk is measured as computed, and takes its key" {
    owner_guest l1 --wait screen
    as_computed l1 --kernel "$top/build/images/vmlinux" \
        --ramdisk "$top/build/images/guest.cpio.gz" --cmdline "$linux=l1" \
        --memory 256
    bound_key l1
    [ "$(status_of l1 launch_checked)" = true ]
    said_is l1 accepted "$(cat l1.digest)" true
    [ "$(stat -c %s l1.log)" -lt 16384 ]
    status_of l1 unpause_ns
    status_of l1 unpause_step_ns
    tb destroy l1
}

@test "so it is with a plain ramdisk, other memory and vCPUs" {
    gzip -dc "$top/build/images/guest.cpio.gz" >guest.cpio
    owner_guest l2 --wait none memory=100 maxmem=160 vcpus=2 \
        --ramdisk guest.cpio
    as_computed l2 --kernel "$top/build/images/vmlinux" --ramdisk guest.cpio \
        --cmdline "$linux=l2" --memory 100 --maxmem 160
    tb destroy l2
}

@test "so it is with another kernel, which has a hypercall page" {
    owner_guest m1 --wait none memory=65 --kernel "$mini" extra="scenario=idle"
    as_computed m1 --kernel "$mini" --cmdline "scenario=idle" --memory 65
    tb destroy m1
    # Not in the digest: who, when, on which frames, how many vCPUs.
    owner_guest m2 --wait none memory=65 vcpus=3 --kernel "$mini" \
        extra="scenario=idle"
    as_computed m2 --kernel "$mini" --cmdline "scenario=idle" --memory 65
    tb destroy m2
    cmp m1.digest m2.digest
}

@test "what other domains left in memory is not measured" {
    # Memory of dom0's that is full, and given to a guest.
    dom0 --timeout 120 'mount -t tmpfs none /mnt
        yes LANTERN | head -c 300000000 >/mnt/full; rm /mnt/full; umount /mnt
        xl mem-set 0 1000; sleep 2; xl list'
    owner_guest m3 --wait none memory=300 --kernel "$mini" extra="scenario=idle"
    as_computed m3 --kernel "$mini" --cmdline "scenario=idle" --memory 300
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
        dom0 fbc-dumpvfb -r -n 1 "$1" >"$1.frames"
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
    as_computed v1 --kernel "$mini" --cmdline "scenario=picture" --memory 64
    [ "$(dom0 fbc-status v1 | sed -n 's/^launch *//p')" = measured ]
    digest=$(cat v1.digest)
    bound_key v1
    said_is v1 accepted "$digest" true
    [ "$(dom0 fbc-status v1 | sed -n 's/^launch *//p')" = \
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
    [ "$(dom0 fbc-status v1 | sed -n 's/^launch *//p')" = \
        "NOT CHECKED, measured" ]
    tb destroy v1
}

@test "of a guest that was not measured the viewer is told" {
    owner_guest n1 --wait paused memory=64 --kernel "$mini" \
        extra="scenario=picture"
    dom0 "rawlaunch gpr \$(xl domid n1) && xl unpause n1" | tee gpr
    grep -qx "done" gpr
    [[ $(status_of n1 launch) == "vCPU 0"* ]]
    "$bin/fbc-launch" compute -q --kernel "$mini" \
        --cmdline "scenario=picture" --memory 64 >n1.digest
    run bound_key n1
    [ "$status" -eq 1 ]
    key_guest n1
    said_is n1 unmeasured null false
    [[ $(dom0 fbc-status n1 | sed -n 's/^launch *//p') == \
        "NOT CHECKED, vCPU 0"* ]]
    tb destroy n1
}

# A guest each with one thing changed before it starts, all in one go: WHAT,
# what became of it, whether the guest started, and its launch log.
attack_all() { # WHAT...
    owner_guest a1 vfb= --wait paused memory=65 vcpus=2 --kernel "$mini" \
        extra="scenario=idle"
    dom0 --timeout 300 "for what in $*; do
            id=\$(xl domid a1)
            echo \$what \"\$(rawlaunch \$what \$id | tr ' ' _)\" \
                \$(rawbuild unpause \$id) \
                \"\$(fbc-status --launch-log a1 | base64 -w 0)\"
            xl destroy a1
            xl create -q -p /domu/a1.cfg
        done; xl destroy a1" >attacks
    cut -c1-60 <attacks
}

# attack WHAT SAYS: what fbc-launch says of its log
attack() {
    local result started log
    read -r _ result started log < <(grep "^$1 " attacks)
    [ "$result $started" = "done unpaused" ]
    base64 -d <<<"$log" >a1.log
    run "$bin/fbc-launch" check -q --kernel "$mini" \
        --cmdline "scenario=idle" --memory 65 --maxmem 65 a1.log
    echo "$1: $output"
    [ "$status" -eq 1 ]
    # shellcheck disable=SC2053 # a pattern
    [[ $output == $2 ]]
}

@test "what dom0 changes after the builder shows, and is named" {
    attack_all text free cmdline cmdline-end start-end p2m-tail \
        nx foreign pin m2p-swap m2p-twice take \
        rip gpr trap callback debug fpu msr sysenter e820
    # Memory.
    attack text "kernel: page*differs"
    attack free "free memory: page 0x40ff should be zero"
    attack cmdline "cmdline: 'rcenario=idle' added*"
    attack cmdline-end "cmdline: bytes after its end"
    attack start-end "start_info: bytes after its end"
    attack p2m-tail "not measured: the P2M list*"
    # Page tables, which dom0 cannot edit, and frames.
    grep -q "^nx mmu_update:_EPERM unpaused" attacks
    grep -q "^foreign mmu_update:_EPERM unpaused" attacks
    attack pin "free memory: page 0x40ff should be zero"
    attack m2p-swap "not measured: the P2M list names a page*, 0x40fe"
    attack m2p-twice "not measured: the P2M list names a page*, 0x40ff"
    attack take "not measured: start_info's nr_pages*"
    # Registers and handlers.
    attack rip "CPU: rip is *"
    attack gpr "not measured: vCPU 0*: a register besides*"
    attack trap "not measured: vCPU 0*: a trap handler"
    attack callback "not measured: vCPU 0*: an event or system call handler"
    attack debug "not measured: vCPU 0*: debug registers"
    attack fpu "not measured: vCPU 0*: rflags, or how it is to start"
    # The machine has no such MSR for guests.
    grep -q "^msr domctl:_EINVAL unpaused" attacks
    attack sysenter "not measured: another vCPU*, 0x1"
    attack e820 "memory map: 2 entries, not 1"
}
