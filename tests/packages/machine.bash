# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A whole machine in QEMU: firmware, disk, IOMMU, network and serial console,
# and nothing inside it that is not on its disk.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
hosts=$top/build/host

# machine DIR DISK [QEMU's options]: powers it on; DIR/console.log and
# DIR/ssh.conf, by which ssh reaches it as "dom0", are what to watch it by.
machine_on()
{
    local dir=$1 disk=$2 port i
    shift 2
    mkdir -p "$dir"
    rm -f "$dir"/{console.log,mon,console}
    # As the testbed's processor, and for its reasons: fbcrypt-hacking(7).
    (
        cd "$dir" || exit
        exec qemu-system-x86_64 -accel tcg,thread=multi,tb-size=512 -M q35 \
            -cpu EPYC,-monitor,-smap,-rdtscp,-avx,-avx2,-fma,-f16c,-xsave \
            -smp 2 -m 3072 -nodefaults -no-user-config -vga none -display none \
            -no-reboot -device intel-iommu,intremap=on \
            -drive "if=none,id=disk,file=$disk,format=qcow2,cache=unsafe" \
            -device ide-hd,drive=disk,bus=ide.0 \
            -netdev "user,id=net,hostfwd=tcp:127.0.0.1:0-:22" \
            -device e1000e,netdev=net,romfile= \
            -monitor unix:mon,server=on,wait=off \
            -serial chardev:com1 -chardev \
            socket,id=com1,path=console,server=on,wait=off,logfile=console.log \
            "$@"
    ) > "$dir/qemu.log" 2>&1 < /dev/null 3>&- &
    echo $! > "$dir/pid"
    for ((i = 0; i < 300; i++)); do
        port=$("$top/scripts/testbed.d/hmp" "$dir/mon" 10 "info usernet" \
            2> /dev/null | awk '/HOST_FORWARD/ { print $4; exit }') || port=
        [ -z "$port" ] || break
        machine_runs "$dir" || break
        sleep 0.1
    done
    if [ -z "$port" ]; then
        machine_off "$dir"
        echo "machine: QEMU does not start: $(tail -n 3 "$dir/qemu.log")" >&2
        return 1
    fi
    cat > "$dir/ssh.conf" <<CONF
Host dom0
    HostName 127.0.0.1
    Port $port
    User root
    HostKeyAlias dom0
    UserKnownHostsFile $hosts/known_hosts
    GlobalKnownHostsFile /dev/null
    StrictHostKeyChecking yes
    IdentityFile $hosts/id
    IdentitiesOnly yes
    IdentityAgent none
    ConnectTimeout 60
    LogLevel ERROR
CONF
}

machine_runs() # DIR
{
    kill -0 "$(cat "$1/pid" 2> /dev/null)" 2> /dev/null
}

# Until the console shows PATTERN, or the machine is past hope: silent for as
# long as no part of a start is, even where others use the processor.
machine_wait() # DIR SECONDS PATTERN
{
    local end=$((SECONDS + $2)) why=
    until grep -qaE "$3" "$1/console.log" 2> /dev/null; do
        if grep -qaE 'Panic on CPU|Kernel panic' "$1/console.log"; then
            why=panic
        elif ! machine_runs "$1"; then
            why="it went off"
        elif [ $SECONDS -ge $end ]; then
            why="not within $2 s"
        elif [ $(($(date +%s) - $(stat -c %Y "$1/console.log"))) -ge 300 ]; then
            why="silent for 300 s: it hangs"
        else
            sleep 0.5
            continue
        fi
        echo "machine: waiting for '$3': $why; the console's last lines:" >&2
        tail -n 25 "$1/console.log" >&2
        return 1
    done
}

# Until ssh gets in and systemd has started all, which comes after the login.
machine_reach() # DIR SECONDS
{
    local end=$((SECONDS + $2))
    until timeout 60 ssh -F "$1/ssh.conf" dom0 true 2> /dev/null; do
        if [ $SECONDS -ge $end ]; then
            echo "machine: no ssh within $2 s after the login" >&2
            tail -n 25 "$1/console.log" >&2
            return 1
        fi
        sleep 1
    done
    # Whatever has failed is for others to judge.
    timeout "$2" ssh -F "$1/ssh.conf" dom0 systemctl is-system-running --wait ||
        [ $? -eq 1 ]
}

# Until it has powered itself off.
machine_ends() # DIR SECONDS
{
    local end=$((SECONDS + $2))
    while machine_runs "$1"; do
        if [ $SECONDS -ge $end ]; then
            echo "machine: does not go off within $2 s" >&2
            tail -n 25 "$1/console.log" >&2
            return 1
        fi
        sleep 0.5
    done
}

machine_off() # DIR
{
    local i pid
    pid=$(cat "$1/pid" 2> /dev/null) || return 0
    kill "$pid" 2> /dev/null || return 0
    for ((i = 0; i < 100; i++)); do
        kill -0 "$pid" 2> /dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid"
}
