# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# Part of scripts/testbed: the command up.

# wait_for SECONDS PATTERN WHAT: until the console shows it
wait_for() {
    local end=$((SECONDS + $1))
    until grep -q "$2" "$state/console.log" 2> /dev/null; do
        alive || fail 4 "$3: the machine stopped; see $instances/$instance.log"
        ! grep -qE 'Panic on CPU|Kernel panic' "$state/console.log" ||
            fail 4 "$3: panic; see $instances/$instance.log"
        [ $SECONDS -lt $end ] || fail 6 "$3: not within $1 s"
        sleep 0.1
    done
    phase "$3"
}

wait_incoming() {
    local i
    for i in {1..600}; do
        case $(hmp "info status") in
        *inmigrate*) ;;
        *paused*) hmp cont > /dev/null; phase "snapshot loaded"; return ;;
        esac
        alive || fail 4 "snapshot: $(qemu_complaint)"
        sleep 0.05
    done
    fail 6 "snapshot: not loaded within 60 s"
}

abandon() {
    local status=$?
    trap - EXIT INT TERM
    if [ ! -e "$state/ready" ]; then
        [ -z "$qemu_job" ] || kill "$qemu_job" 2> /dev/null || true
        power_off "$state"
        [ ! -s "$state/console.log" ] ||
            cp "$state/console.log" "$instances/$instance.log"
        rm -rf "$state"
    fi
    exit "${1:-$status}"
}

cmd_up() {
    local xen='' xen_args='' dom0_args='' smp=2 mem=1536 cold='' tag=''
    local guest=1 also='' stock='' qemu_args=() key how snapshot='' until=''
    local tb_size=512 measured='' hardware=$build/measured/default image='' esp=''
    local firmware=''
    use_suite "${FBC_SUITE:-bookworm}"
    while [ $# -gt 0 ]; do
        case $1 in
        --suite) need 2 "$@"; use_suite "$2"; shift ;;
        --stock) stock=1 ;;
        --xen) need 2 "$@"; xen=$2; shift ;;
        --xen-args) need 2 "$@"; xen_args=$2; shift ;;
        --oxenstored) dom0_args=' testbed.oxenstored' ;;
        --measured) need 2 "$@"; measured=$2; shift ;;
        --hardware) need 2 "$@"; hardware=$2; shift ;;
        --smm) firmware=secboot ;;
        --image) need 2 "$@"; image=$(realpath "$2"); shift ;;
        --esp) need 2 "$@"; esp=$2; shift ;;
        --cpu) need 2 "$@"; cpu=$2; shift ;;
        --smp) need 2 "$@"; number smp "$2"; smp=$2; shift ;;
        --mem) need 2 "$@"; number mem "$2"; mem=$2; shift ;;
        --qemu-args) need 2 "$@"; read -ra qemu_args <<< "$2"; shift ;;
        --from) need 2 "$@"; name tag "$2"; tag=$2; shift ;;
        --no-guest) guest= ;;
        --cold) cold=1 ;;
        --until) need 2 "$@"; until=$2; cold=1; guest=; shift ;;
        --also) also=1 ;;
        *) misuse "up: $1" ;;
        esac
        shift
    done
    : "${xen:=$work/xen/patched/xen}"
    [[ $measured == @(|crb|tis|none) ]] || misuse "--measured crb|tis|none"
    for i in qemu-system-x86_64 ssh cpio dropbearkey python3 depmod strip \
             ${measured:+swtpm swtpm_setup mkfs.vfat mcopy objcopy}; do
        command -v "$i" > /dev/null || {
            hint "scripts/deps testbed"
            fail 4 "$i: not installed"
        }
    done
    lock "$instance"
    for i in "$instances"/*/qemu.pid; do
        i=${i%/qemu.pid}
        if [ -z "$also" ] && [ "$i" != "$state" ] && alive "$i"; then
            hint "scripts/testbed --instance ${i##*/} down; or up --also"
            fail 4 "${i##*/}: another instance is up, two are too slow"
        fi
    done
    [ -n "$stock" ] || [ -f "$xen" ] || {
        hint "FBC_SUITE=$suite scripts/build-xen, or up --stock"
        fail 4 "$xen: no such hypervisor"
    }
    [ "$suite" = bookworm ] || [ -x "$work/bin/xl" ] || {
        hint "FBC_SUITE=$suite scripts/build-xl"
        fail 4 "$work/bin/xl: not built against $suite's libraries"
    }
    make_images
    [ -z "$stock" ] || xen=$images/xen-stock

    # Translated code of the firmware stays behind in memory that is data by
    # then, and makes each write to it slow until the cache is full.
    [ -z "$measured" ] || tb_size=24
    machine=(qemu-system-x86_64 -accel "tcg,thread=multi,tb-size=$tb_size" -M q35
        -cpu "$cpu" -smp "$smp" -m "$mem" -no-reboot -nodefaults -vga none
        -display none -netdev "user,id=n0,hostfwd=tcp:127.0.0.1:0-:22"
        -device "virtio-net-pci,netdev=n0,romfile=")
    if [ -n "$measured" ]; then
        mkdir -p "$(dirname "$hardware")"
        hardware=$(realpath "$hardware")
        cold=1
        measured_machine "$measured" "$hardware"
    else
        machine+=(-kernel "$xen" -append "$xen_options $xen_args"
            -initrd "$images/vmlinux $dom0_options$dom0_args,$images/dom0.cpio")
    fi
    machine+=("${qemu_args[@]}")
    key=$({ sha256sum < "${image:-$xen}"; cat "$images/key" "$images/ssh/id.pub"
            qemu-system-x86_64 --version; printf '%s\n' "${machine[@]}"
          } | sha256sum | cut -c1-16)

    if alive; then
        [ "$(cat "$state/ready" 2> /dev/null)" = "$key" ] || {
            hint "scripts/testbed down"
            fail 4 "$instance: up already, but with other options or images"
        }
        [ -z "$tag$cold" ] || fail 4 "$instance: up already"
        phase "$instance is up already"
        return
    fi
    power_off "$state"
    rm -rf "$state"
    mkdir -p "$state"
    echo "$suite" > "$state/suite"
    trap abandon EXIT
    trap 'abandon 130' INT
    trap 'abandon 143' TERM

    # Who boots it first makes the snapshot for the others.
    if [ -z "$cold" ]; then
        mkdir -p "$snapshots"
        exec 7> "$snapshots/.lock-$key"
        flock -w 1800 7 || fail 6 "snapshot: another instance makes it"
    fi
    if [ -n "$tag" ]; then
        snapshot=$snapshots/$key.$tag
        [ -e "$snapshot" ] ||
            fail 3 "$tag: no such state saved with this hypervisor and options"
    elif [ -z "$cold" ]; then
        for i in "$snapshots/$key${guest:+-u1}" "$snapshots/$key"; do
            [ ! -e "$i" ] || { snapshot=$i; touch "$i"; break; }
        done
    fi
    if [ -n "$measured" ]; then
        manufacture "$hardware"
        if [ -z "$image" ]; then
            image=$state/fbcrypt.efi
            cmd_efi_config --xen-args "$xen_args" > "$state/xen.cfg"
            "$top/scripts/fbc-mkimage" -c "$state/xen.cfg" -x "$xen.efi" \
                -o "$image" 2> /dev/null || fail 4 "fbc-mkimage: failed"
        fi
        make_esp "$image" "$esp"
        [ "$measured" = none ] || start_tpm "$hardware"
    fi
    start_qemu "$snapshot"
    if [ -n "$snapshot" ]; then
        how=snapshot
        touch "$snapshot"
        wait_incoming
    else
        how=cold
        wait_for 300 '(XEN)' "Xen starts"
        if [ -n "$until" ]; then
            wait_for 300 "$until" "$until"
            echo "until $key" > "$state/ready"
            return
        fi
        wait_for 900 'testbed: dom0 is ready' "dom0 is ready"
    fi
    connect
    if [ "$how" = snapshot ]; then
        refresh
    elif [ -z "$cold" ]; then
        copy_tools
        remote 120 /usr/lib/testbed/dom0-unpack
        save_state "$snapshots/$key"
        phase "snapshot made"
    fi
    [ -n "$guest" ] || exec 7>&-
    if [ -n "$guest" ] && [ -z "$tag" ] &&
       [ "$snapshot" != "$snapshots/$key-u1" ]; then
        cmd_create u1 type=pv
        phase "guest u1 is ready"
        if [ -z "$cold" ]; then
            save_state "$snapshots/$key-u1"
            phase "snapshot with u1 made"
        fi
    fi
    exec 7>&-
    copy_tools
    echo "$key" > "$state/ready"
    elapsed
    echo "testbed: ready in $now s ($how)" >&2
}
