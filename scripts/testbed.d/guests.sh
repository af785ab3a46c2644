# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# Part of scripts/testbed: the commands about guests.

cmd_create() {
    local guest kernel='' ramdisk='' data='' until='' limit=300
    local i key value text
    need 1 "$@"
    name guest "$1"
    alive || need_up
    guest=$1
    shift
    local -A config=(
        [type]=${FBC_GUEST:-pv} [memory]=256 [vcpus]=1 [tsc_mode]=native
        [kernel]=/domu/vmlinux [ramdisk]=/domu/guest.cpio.gz
        [extra]="console=tty0 console=hvc0 quiet mitigations=off rodata=off\
 audit=0 cryptomgr.notests fbc.name=$guest"
        [vfb]='["vnc=1,vnclisten=0.0.0.0,vncdisplay=@DISPLAY@"]'
        [on_crash]=destroy [on_reboot]=destroy)
    # As of 10, QEMU has no xenfb unless told so, and libxl does not tell.
    [ "$suite" = bookworm ] || config[device_model_args]='["-vga","xenfb"]'
    [ "$guest" != u1 ] || config[uuid]=fbc00000-0000-4000-8000-000000000001
    while [ $# -gt 0 ]; do
        case $1 in
        --kernel) need 2 "$@"; kernel=$2; shift ;;
        --ramdisk) need 2 "$@"; ramdisk=$2; shift ;;
        --data) need 2 "$@"; data=$2; shift ;;
        --wait) need 2 "$@"; until=$2; shift ;;
        --no-wait) until=none ;;
        --timeout) need 2 "$@"; number timeout "$2"; limit=$2; shift ;;
        *)
            [[ $1 =~ ^([a-z][a-z0-9_]*)(\+?)=(.*)$ ]] || misuse "create: $1"
            key=${BASH_REMATCH[1]} value=${BASH_REMATCH[3]}
            [ -z "${BASH_REMATCH[2]}" ] || value="${config[$key]:-} $value"
            config[$key]=$value
            [ -n "$value" ] || unset "config[$key]" ;;
        esac
        shift
    done
    case ${until:=$([ -n "$kernel" ] && echo screen || echo agent)} in
    screen|agent|none|paused) ;;
    *) misuse "create: --wait $until" ;;
    esac
    for i in "$kernel" "$ramdisk" "$data"; do
        [ -z "$i" ] || [ -f "$i" ] || fail 3 "$i: no such file"
    done
    if [ -n "$kernel" ]; then
        remote 120 "cat > /domu/$guest.kernel" < "$kernel"
        config[kernel]=/domu/$guest.kernel
        unset 'config[ramdisk]'
    fi
    if [ -n "$ramdisk" ]; then
        remote 120 "cat > /domu/$guest.ramdisk" < "$ramdisk"
        config[ramdisk]=/domu/$guest.ramdisk
    fi
    if [ -n "$data" ]; then
        # A disk is made of whole sectors.
        i=$((($(stat -c %s "$data") + 511) / 512))
        remote 600 "cat > /domu/$guest.data &&
            truncate -s $((i * 512)) /domu/$guest.data" < "$data"
        config[disk]="[\"format=raw,vdev=xvda,access=rw,backendtype=qdisk\
,target=/domu/$guest.data\"]"
    fi
    text="name=\"$guest\""$'\n'
    for key in "${!config[@]}"; do
        value=${config[$key]}
        [[ $value =~ ^([0-9]+$|[\[\"\']) ]] || value="\"$value\""
        text+="$key=$value"$'\n'
    done
    # For fbc-launch: what was started, by its files here.
    if [ -z "$kernel" ]; then
        kernel=$images/vmlinux
        ramdisk=${ramdisk:-$images/guest.cpio.gz}
    fi
    printf '%s\n' "$kernel" "$ramdisk" "${config[extra]:-}" \
        "${config[memory]}" "${config[maxmem]:-${config[memory]}}" \
        "${config[type]}" "${config[vcpus]}" \
        "${config[maxvcpus]:-${config[vcpus]}}" > "$state/guest-$guest.started"
    i=$((limit * patience))
    # What another of this name has said is not this one's.
    remote $((limit + 60)) "rm -f /var/log/xen/console/guest-$guest.log
        /usr/lib/testbed/dom0-create $guest $i $until" \
        <<< "$text"
    # Nor does its VNC server look for one that comes later.
    [[ $suite == bookworm || $until == @(none|paused) ]] ||
        [ -z "${config[vfb]:-}" ] || {
        i=$(forward $((5900 + $(display_of "$guest"))))
        "$here/showscreen" "127.0.0.1:$i" ||
            fail 6 "$guest: its VNC server shows no screen"
    }
}

cmd_guest() {
    local limit=120 input='' guest text
    while [[ ${1:-} == -* ]]; do
        case $1 in
        -i) input=1 ;;
        --timeout) need 2 "$@"; number timeout "$2"; limit=$2; shift ;;
        *) misuse "guest: $1" ;;
        esac
        shift
    done
    need 2 "$@"
    name guest "$1"
    guest=$1
    shift
    need_up
    text=$1
    [ $# -eq 1 ] || text=$(printf "'%s' " "${@//\'/\'\\\'\'}")
    channel "$guest" "$limit" "$text" "$input"
}

# channel GUEST SECONDS SHELL-TEXT INPUT?: see guest-init for the protocol
channel() (
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    exec 7> "$state/guest-$1.lock"
    limit=$(($2 * patience))
    flock -w "$limit" 7 || fail 6 "$1: its command channel is busy"
    id=$BASHPID.$(date +%s%N)
    base64 -w 0 <<< "$3" > "$work/script"
    : > "$work/in"
    [ -z "$4" ] || gzip -1 | base64 -w 0 > "$work/in"
    {
        printf '\n@FBC %s %s %s %s\n' "$id" "$limit" \
            "$(stat -c %s "$work/script")" "$(stat -c %s "$work/in")"
        cat "$work/script" "$work/in"
    } > "$work/request"
    remote $(($2 + 60)) "exec /usr/lib/testbed/dom0-guest $1 $limit $id" \
        < "$work/request" > "$work/answer" 7>&- || exit
    status=$(sed -n '1s/^@OK [^ ]* //p' "$work/answer")
    sed -e '1d' -e '/^@ERR/,$d' "$work/answer" > "$work/out"
    sed -e '1,/^@ERR/d' -e '/^@END/d' "$work/answer" > "$work/err"
    [ ! -s "$work/out" ] || base64 -d "$work/out" | gunzip
    [ ! -s "$work/err" ] || base64 -d "$work/err" | gunzip >&2
    [ "$status" != timeout ] ||
        fail 6 "$1: the command did not end within $limit s"
    exit "${status:-6}"
)

cmd_guest_copy() {
    need 3 "$@"
    [ -f "$2" ] || fail 3 "$2: no such file"
    cmd_guest -i "$1" "cat > '${3//\'/\'\\\'\'}'" < "$2"
}

cmd_destroy() {
    need 1 "$@"
    name guest "$1"
    need_up
    remote 120 "xl destroy $1 && rm -f /domu/$1.*" ||
        fail 3 "$1: cannot be destroyed"
}

# Print the VNC display number of a guest.
display_of() {
    name guest "$1"
    remote 60 "exec 2> /dev/null; id=\$(xl domid $1) &&
        xenstore-read /local/domain/0/backend/vfb/\$id/0/vncdisplay" ||
        fail 3 "$1: no such guest, or it has no screen"
}

cmd_vnc() {
    local display
    need 1 "$@"
    need_up
    display=$(display_of "$1")
    echo "127.0.0.1:$(forward $((5900 + display)))"
}

cmd_screenshot() {
    local address
    need 2 "$@"
    command -v gvnccapture > /dev/null || {
        hint "scripts/deps testbed"
        fail 4 "gvnccapture: not installed"
    }
    address=$(cmd_vnc "$1")
    timeout 120 gvnccapture -q "127.0.0.1:$((${address#*:} - 5900))" "$2" ||
        fail 4 "$1: no picture from $address"
}
