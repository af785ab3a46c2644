#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Domains come and go; their pages, keys and sequence numbers behave.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot
}

free_mem() { dom0 'xl info free_memory'; }

quick() { # NAME [SCENARIO]
    owner_guest "$1" --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=${2:-picture seed=1}"
}

settled_free() { # with no guest left
    local was now i
    domains_left 1 || return
    was=$(free_mem)
    for i in $(seq 10); do
        sleep 1
        now=$(free_mem)
        [ "$now" != "$was" ] || break
        was=$now
    done
    echo "$now"
}

# 95-attack.bats does more.
@test "create/destroy cycles: no zombie, free memory within 1 MiB" {
    cycles=8
    [ -z "${FBC_ALL:-}" ] || cycles=20
    quick warm
    console_line warm '^VERDICT' 60
    tb destroy warm
    before=$(settled_free)
    for i in $(seq $cycles); do
        quick "c$i"
        console_line "c$i" '^VERDICT: SUCCESS' 60
        [ "$i" -gt 3 ] || key_guest "c$i"
        tb destroy "c$i"
    done
    after=$(settled_free)
    echo "free before $before MiB, after $after MiB"
    [ $((before - after)) -le 1 ]
}

@test "destroyed while dom0 holds maps of the shadow: gone when they go" {
    before=$(settled_free)
    quick held
    console_line held '^VERDICT' 60
    key_guest held
    tb copy "$top/build/tests/rawop" /usr/local/bin/
    hold rawop hold "$(dom0 xl domid held)" 0x60000 120
    dom0 xl destroy held
    dom0 'sleep 1; xl list' | grep '^(null)'
    release
    no_zombie
    after=$(settled_free)
    [ $((before - after)) -le 1 ]
}

@test "a frontend that reconnects gets a new shadow, the old pages go" {
    quick re 'reconnect count=10 hold=500'
    key_guest re
    console_line re '^VERDICT: SUCCESS' 120
    settled_dump re re.session re.frames
    tb destroy re
    domains_left 1
}

@test "a VM that is created again needs a new blob: the old one stays used up" {
    quick again
    key_guest again
    tb destroy again
    tb create again uuid="$("$bin/fbc-keygen" -u again.owner)" --wait none memory=64 \
        --kernel "$top/build/tests/pvguest.elf" extra="scenario=picture"
    run --separate-stderr -1 dom0 fbc-setkey again <again.blob
    [[ "$stderr" = *"sequence"* ]]
    first=$(head -c 88 again.session | sha256sum)
    key_guest again
    [ "$(status_of again epoch)" -gt 1 ]
    [ "$(head -c 88 again.session | sha256sum)" != "$first" ]
    settled_dump again again.session again.frames
    tb destroy again
}

@test "stock commands go on working on a protected guest" {
    owner_guest u1 --wait agent
    key_guest u1
    dom0 xl pause u1
    dom0 xl unpause u1
    dom0 xl vcpu-pin u1 0 all
    dom0 xl mem-set u1 200
    dom0 --timeout 60 'i=0; while [ $i -lt 500 ]; do
        [ "$(xl list u1 | awk "END {print \$3}")" = 200 ] && exit 0
        i=$((i+1)); sleep 0.3; done; xl list; exit 1'
    dom0 'set -e; xl list -l u1 >/dev/null; xl vcpu-list u1; xl domid u1; xl uptime u1'
    dom0 'xentop -b -i 1' | grep u1
    dom0 'xenstore-read /local/domain/$(xl domid u1)/name' | grep u1
    # The console: what the guest prints there comes out.
    tb guest u1 'echo console-works > /dev/hvc0'
    dom0 'grep -a console-works /var/log/xen/console/guest-u1.log'
    tb guest u1 'echo still here > /dev/tty0'
    settled_dump u1 u1.session u1.frames
    dom0 'xl dmesg | tail -n 3'
    tb destroy u1
}
