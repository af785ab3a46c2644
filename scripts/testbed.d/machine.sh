# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154
# Part of scripts/testbed: the QEMU of an instance and the ways into its dom0.

# Print the pids of QEMUs which write to a console below directory $1.
find_qemus() {
    local file pid comm
    grep -lzF "file:$1/" /proc/[0-9]*/cmdline 2> /dev/null |
    while read -r file; do
        pid=${file#/proc/}
        pid=${pid%/cmdline}
        read -r comm 2> /dev/null < "/proc/$pid/comm" || continue
        [[ $comm != qemu-system-* ]] || echo "$pid"
    done || true
}

# Is the recorded QEMU of the instance alive, and really ours?
# shellcheck disable=SC2120
alive() {
    local dir=${1:-$state} pid
    pid=$(cat "$dir/qemu.pid" 2> /dev/null) || return 1
    [ -n "$pid" ] &&
        grep -qzxF "file:$dir/console.log" "/proc/$pid/cmdline" 2> /dev/null
}

# shellcheck disable=SC2119
need_up() {
    if ! alive || [ ! -e "$state/ready" ]; then
        hint "scripts/testbed up"
        fail 4 "$instance: not up"
    fi
}

hmp() {
    (cd "$state" && "$here/hmp" mon "${2:-120}" "$1") 7>&- 9>&-
}

ssh_dom0() {
    (cd "$state" && exec ssh -F ssh.conf "$@") 7>&- 9>&-
}

# patient SECONDS: as many times that as the environment has patience, up to a
# quarter of an hour
patient() {
    local limit=$(($1 * patience))
    [ $limit -le 900 ] || limit=$(($1 > 900 ? $1 : 900))
    echo $limit
}

# remote SECONDS SHELL-TEXT: run in dom0, all streams passed through
# shellcheck disable=SC2119
remote() {
    local status=0 start=$SECONDS limit
    limit=$(patient "$1")
    (cd "$state" && exec timeout --foreground "$limit" \
        ssh -F ssh.conf dom0 "$remote_path$2") 7>&- 9>&- || status=$?
    if [ $status -ge 124 ] && [ $((SECONDS - start)) -ge "$limit" ]; then
        fail 6 "dom0: the command did not end within $limit s"
    fi
    if [ $status -eq 255 ] && ! alive; then
        fail 4 "$instance: the machine is gone; its log: $state/console.log"
    fi
    return $status
}

# forward PORT: print the local port which leads to dom0's PORT
forward() {
    local port
    port=$(hmp "info usernet" | awk -v to="$1" '
        /HOST_FORWARD/ && $(NF-2) == to { print $4; exit }')
    if [ -z "$port" ]; then
        hmp "hostfwd_add n0 tcp:127.0.0.1:0-:$1" > /dev/null
        port=$(hmp "info usernet" | awk -v to="$1" '
            /HOST_FORWARD/ && $(NF-2) == to { print $4; exit }')
    fi
    [ -n "$port" ] || fail 4 "port $1: cannot be forwarded"
    echo "$port"
}

power_off() {
    local pids i
    for i in {1..600}; do
        pids=$(find_qemus "$1")
        [ -n "$pids" ] || return 0
        # shellcheck disable=SC2086
        case $i in
        1) kill -TERM $pids 2> /dev/null || true ;;
        100) kill -KILL $pids 2> /dev/null || true ;;
        esac
        sleep 0.1
    done
    fail 4 "qemu: process $pids does not end"
}

connect() {
    local port
    port=$(forward 22)
    cat > "$state/ssh.conf" <<CONF
Host dom0
    HostName 127.0.0.1
    Port $port
    User root
    HostKeyAlias dom0
    UserKnownHostsFile $images/ssh/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    IdentityFile $images/ssh/id
    IdentitiesOnly yes
    IdentityAgent none
    PreferredAuthentications publickey
    KexAlgorithms curve25519-sha256
    Ciphers chacha20-poly1305@openssh.com
    ControlPath ssh
    ConnectTimeout 60
    ServerAliveInterval 120
    LogLevel ERROR
CONF
    rm -f "$state/ssh"
    (cd "$state" && timeout 120 setsid ssh -F ssh.conf -M -N -f dom0) \
        < /dev/null > "$state/ssh.log" 2>&1 7>&- 9>&- ||
        fail 4 "dom0: ssh: $(tail -n 1 "$state/ssh.log")"
}

# A snapshot wakes up in the past, with random numbers it has seen before.
refresh() {
    head -c 64 /dev/urandom |
        remote 120 "cat > /dev/urandom; date -s @$(date +%s) > /dev/null"
}

# What is linked with Xen's libraries comes from where the suite has its own.
# A snapshot has them; they go again when they have changed.
copy_tools() {
    local files=() i key
    for i in "$build"/bin/fbc-* "$build"/bin/xl; do
        [ ! -e "$work/bin/${i##*/}" ] || i=$work/bin/${i##*/}
        [ ! -f "$i" ] || [ ! -x "$i" ] || files+=(-C "${i%/*}" "${i##*/}")
    done
    key=$(tar --owner=0 --group=0 -chf - "${files[@]}" 2> /dev/null |
          sha256sum | cut -c1-16)
    [ "$(remote 60 "cat /run/testbed.tools 2> /dev/null")" != "$key" ] || return 0
    if [ ${#files[@]} -eq 0 ]; then
        remote 120 "rm -f /usr/local/bin/fbc-* /usr/local/bin/xl"
        return
    fi
    tar --owner=0 --group=0 -chf - "${files[@]}" |
        remote 120 "rm -f /usr/local/bin/fbc-* /usr/local/bin/xl
                    tar -C /usr/local/bin -xf - && echo $key > /run/testbed.tools"
}
