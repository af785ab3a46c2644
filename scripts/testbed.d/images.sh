# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# Part of scripts/testbed: images, snapshots and the start of QEMU.

make_images() {
    local key
    mkdir -p "$images"
    exec 8> "$images/.lock"
    flock -w 900 8 || fail 6 "images: another build holds the lock"
    if [ "${1:-}" = refresh ] || [ ! -e "$images/packages" ] ||
       [ "$here/mkroot" -nt "$images/packages" ] ||
       [ -n "$(find /var/lib/apt/lists -maxdepth 1 -type f \
                    -newer "$images/packages" -print -quit)" ]; then
        phase "packages"
        "$here/mkroot" "$images" "$suite" ||
            fail 4 "packages: cannot be fetched; is there a network?"
    fi
    key=$(cat "$images/packages" "$here"/{mkguest,mkdom0} \
              "$here"/{dom0,guest}-* | sha256sum | cut -c1-16)
    if [ "$(cat "$images/key" 2> /dev/null)" != "$key" ] ||
       [ ! -e "$images/dom0.cpio" ] || [ ! -e "$images/ssh/known_hosts" ]; then
        rm -f "$images/key"
        phase "guest image"
        "$here/mkguest" "$images/root" "$images"
        phase "dom0 image"
        "$here/mkdom0" "$images/root" "$images"
        gunzip -c "$images"/root/boot/xen-*.gz > "$images/xen-stock"
        echo "$key" > "$images/key"
    fi
    exec 8>&-
}

save_snapshot() {
    local file=$1
    mkdir -p "$snapshots"
    hmp stop > /dev/null
    hmp "migrate_set_parameter max-bandwidth 100G" > /dev/null
    hmp "migrate \"exec:cat > '$file.$$'\"" 600 > /dev/null
    hmp "info migrate" | grep -q 'status: completed' ||
        fail 4 "snapshot: $(hmp 'info migrate' | grep -i status)"
    hmp cont > /dev/null
    mv "$file.$$" "$file"
    # shellcheck disable=SC2012
    ls -t "$snapshots" | tail -n +$((keep_snapshots + 1)) |
        (cd "$snapshots" && xargs -r rm -f)
}

# As save_snapshot, but with no connection inside.
save_state() {
    ssh_dom0 -O exit dom0 2> /dev/null || true
    save_snapshot "$1"
    connect
}

qemu_complaint() {
    grep -v ': warning: ' "$state/qemu.log" | tail -n 1
}

# start_qemu [SNAPSHOT]
qemu_job=
start_qemu() {
    local incoming=() i
    [ -z "${1:-}" ] || incoming=(-incoming "exec:cat '$1'")
    (cd "$state" && exec setsid timeout "$life" "${machine[@]}" \
        -serial "file:$state/console.log" -pidfile "$state/qemu.pid" \
        -monitor unix:mon,server=on,wait=off "${incoming[@]}") \
        < /dev/null > "$state/qemu.log" 2>&1 7>&- 9>&- &
    qemu_job=$!
    for ((i = 0; i < 200; i++)); do
        [ ! -S "$state/mon" ] || ! alive || return 0
        kill -0 "$qemu_job" 2> /dev/null || break
        sleep 0.05
    done
    fail 4 "qemu: $(qemu_complaint)"
}
