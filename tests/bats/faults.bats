#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The seeded faults fit the tree as it is, and faults.py is not blind.
# shellcheck disable=SC2016,SC2154 # scripts; helper.bash and bats set these
load helper

faults()
{
    python3 -B "$top/tests/faults/faults.py" "$@"
}

# A tree of its own, whose only program is a script that is its test, too.
tree()
{
    mkdir -p tree/src/core tree/tests/unit tree/tests/faults tree/build
    printf 'a=1\nb=2\n\nexit 0\n' > tree/src/core/a.sh
    printf '[ "$a$b" = 12 ] && echo "ok 1 - sum" || { echo "not ok 1 - sum"; exit 1; }\n' \
        > tree/tests/unit/test_a.sh
    cat > tree/Makefile <<'MK'
build/tests/unit/test_a: src/core/a.sh tests/unit/test_a.sh
	sh -n src/core/a.sh && mkdir -p build/tests/unit && rm -f $@
	(echo '#!/bin/sh'; sed '$$d' src/core/a.sh; cat tests/unit/test_a.sh) > $@
	chmod +x $@
MK
    make -s -C tree build/tests/unit/test_a
}

fault() # NAME HUNK...
{
    printf 'fault %s: it is wrong\ntest test_a\nfile src/core/a.sh\n' "$1"
    shift
    printf '%s\n' "$@" ''
}

@test "each seeded fault applies to the tree, and its tests are there" {
    run faults -n -t "$top"
    echo "$output"
    [ "$status" -eq 0 ]
    [[ $output =~ ^([0-9]+)\ faults,\ 0\ of\ no\ use$ ]]
    [ "${BASH_REMATCH[1]}" -ge 30 ]
    for room in core crypto parse lib cmd; do
        [ "$(grep -c "^file src/$room/" "$top/tests/faults/$room.faults")" -ge 5 ]
    done
}

@test "faults: caught, survived, and those of no use" {
    tree
    cp -r tree before
    fault one '-a=1' '+a=3' > tree/tests/faults/a.faults
    run faults -t tree
    echo "$output"
    [ "$status" -eq 0 ]
    [ "${lines[0]}" = "caught    one: test_a: sum" ]
    [ "${lines[1]}" = "1 faults, 1 caught" ]

    fault two '-b=2' '+b=3' '' ' exit 0' >> tree/tests/faults/a.faults
    fault three '-a=1' '+a=$(' >> tree/tests/faults/a.faults
    run faults -t tree
    echo "$output"
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "caught    one: test_a: sum" ]
    [[ ${lines[1]} == "caught    two: test_a: "* ]]
    [[ $output == *"ERROR     three: cannot be built"* ]]
    [[ $output == *"3 faults, 2 caught" ]]

    fault four '-a=1' '+a=1 # not wrong' > tree/tests/faults/a.faults
    run faults -t tree
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "SURVIVED  four (it is wrong): test_a passes" ]

    # The tree itself is what it was.
    diff -r -x faults before tree
}

@test "faults: one that does not apply, or names no test, is an error" {
    tree
    for hunk in '-a=2' '-a' '-exit 1' '+a=7'; do
        fault one "$hunk" '+a=3' > tree/tests/faults/a.faults
        run faults -n -t tree
        echo "$output"
        [ "$status" -eq 1 ]
        [[ ${lines[0]} == "ERROR     one: does not apply: src/core/a.sh"* ]]
    done
    fault one '-a=1' '+a=3' | sed 's/test_a/test_b/' > tree/tests/faults/a.faults
    run faults -n -t tree
    [ "$status" -eq 1 ]
    [ "${lines[0]}" = "ERROR     one: no such test: test_b" ]
    run faults -t tree
    [ "$status" -eq 1 ]
    run faults -t tree other
    [ "$status" -eq 2 ]
    run faults -z
    [ "$status" -eq 2 ]
}

@test "faults: a test that fails by itself proves nothing" {
    tree
    fault one '-a=1' '+a=3' > tree/tests/faults/a.faults
    # Newer than what was built, for make to see.
    until [ tree/tests/unit/test_a.sh -nt tree/build/tests/unit/test_a ]; do
        echo 'false' >> tree/tests/unit/test_a.sh
    done
    run faults -t tree
    echo "$output"
    [ "$status" -eq 1 ]
    [[ ${lines[0]} == "ERROR     fails without a fault: test_a: "* ]]
}
