# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154 # the tests set these
# For tests of a builder that lies (rawlaunch.c): what became of its guests.  In
# the current directory are kernel, ramdisk, blobs and the owner's key, a.owner;
# in dom0 they are in /tmp/a.  ramdisk, mem and maxmem are those of the guest.

# Builds a guest for each, and lies.  NAME | CHANGE | START | KEY: NAME.said;
# NAME.check is what fbc-launch says of its log.
attack() { # BLOB|none-at-all NAME...
    local blob=/tmp/a/$1.blob i
    shift
    mkdir -p "$top/build/check"
    [ -f "${blob##*/}" ] || blob=
    dom0 --timeout 120 "rm -rf /tmp/a/logs; mkdir /tmp/a/logs; cd /tmp/a
        rawlaunch $("$bin/fbc-keygen" -u a.owner | tr -d -) kernel $ramdisk \
        scenario $mem $maxmem '$blob' logs $* 2>errors" >said
    cat said
    dom0 'cd /tmp/a; tar cf - logs' | tar xf -
    for i in "$@"; do
        grep "^$i | " said >"$i.said"
        : >"$i.check"
        [ ! -s "logs/$i" ] || "$bin/fbc-launch" check -q -k kernel \
            -r "$ramdisk" -c scenario -m "$mem" -M "$maxmem" "logs/$i" \
            >"$i.check" || true
        echo "$BATS_TEST_NUMBER | $(cat "$i.said") | $(head -n 1 "$i.check")" \
            >>"$top/build/check/attacks"
    done
}

# The control: a guest that no owner's UUID names is built and starts so.
unprotected() { # WHAT-BECAME-OF-IT NAME...
    local i
    dom0 --timeout 120 "cd /tmp/a && mkdir -p none &&
        rawlaunch $(printf '0%.0s' {1..32}) kernel $ramdisk scenario \
        $mem $maxmem '' none ${*:2} 2>errors" >said
    cat said
    for i in "${@:2}"; do
        [[ $(grep "^$i | " said) == "$i | $1"* ]]
    done
}

# It starts, is refused its key, and fbc-launch says why.
seen() { # NAME PATTERN
    echo "$(cat "$1.said"): $(cat "$1.check")"
    [[ $(cut -d'|' -f2- "$1.said") == " done | unpaused | refused"?(" | "*) ]]
    # shellcheck disable=SC2053 # a pattern
    [[ $(cat "$1.check") == $2 ]]
}

# Xen refuses the change, the start, or both; there is nothing to key.
refused() { # NAME CHANGE START
    echo "$(cat "$1.said"): $(cat "$1.check")"
    # shellcheck disable=SC2053 # patterns
    [[ $(cut -d'|' -f2 "$1.said") == ' '$2' ' ]]
    # shellcheck disable=SC2053
    [[ $(cut -d'|' -f3 "$1.said") == ' '$3' ' ]]
    [ ! -s "$1.check" ]
}

# The change is refused, and what starts is what was meant.
meant() { # NAME CHANGE START
    echo "$(cat "$1.said"): $(cat "$1.check")"
    # shellcheck disable=SC2053 # patterns
    [[ $(cut -d'|' -f2 "$1.said") == ' '$2' ' ]]
    # shellcheck disable=SC2053
    [[ $(cut -d'|' -f3 "$1.said") == ' '$3' ' ]]
    [ "$(cat "$1.check")" = "$(cat digest)" ]
}
