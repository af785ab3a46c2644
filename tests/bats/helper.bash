# SPDX-License-Identifier: GPL-2.0-only
# Shared by the tests of the command line.
# shellcheck disable=SC2034,SC2154 # bats reads and sets these

bats_require_minimum_version 1.5.0

top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
PATH=$top/build/bin:$top/build/tests:$PATH

setup()
{
    umask 022
    mkdir "$BATS_TEST_TMPDIR/case"      # bats keeps its own files beside it
    cd "$BATS_TEST_TMPDIR/case" || return 1
    trace_tests_only
}

# bats notes where it is before each command, for a quarter of a millisecond:
# half of what some tests cost.  The lines of the test itself will do, and the
# name of a function in which something fails.  (A trap of two lines would
# shift line numbers.)
trace_tests_only()
{
    # shellcheck disable=SC2016 # it expands in the trap
    local inside='[[ ${FUNCNAME-} == "$BATS_TEST_NAME" ]]'
    test_level=$BASH_SUBSHELL
    # shellcheck disable=SC2064
    trap "! $inside || bats_debug_trap \"\$BASH_SOURCE\"" DEBUG
    trap 'bats_error_trap; failed_in "${FUNCNAME-}" "$LINENO"' ERR
}

failed_in() # FUNCTION LINE
{
    [[ $1 == "$BATS_TEST_NAME" || $BASH_SUBSHELL -gt $test_level ]] ||
        echo "failed in $1(), line $2 of its file"
}

# Runs a command; expects exit status $1.
expect()
{
    local want=$1
    shift
    run --separate-stderr "$@"
    [ "$status" -eq "$want" ] || {
        echo "status $status, not $want: $*"
        echo "$output"
        echo "$stderr"
        return 1
    }
}

# The error message must hold this.
says()
{
    case $stderr in *": error: "*"$1"*) return 0 ;; esac
    echo "no error about: $1"
    echo "$stderr"
    return 1
}

# Nothing but these is in the current directory.
only()
{
    local have want=
    have=$(find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort | tr '\n' ' ')
    [ $# -eq 0 ] || want=$(printf '%s\n' "$@" | LC_ALL=C sort | tr '\n' ' ')
    [ "$have" = "$want" ] || {
        echo "there is: $have"
        return 1
    }
}

# A key line of any kind: PREFIX PAYLOAD-IN-HEX
key_line()
{
    local sum
    sum=$({ printf %s: "$1"; xxd -r -p <<< "$2"; } | sha256sum)
    printf '%s:' "$1"
    xxd -r -p <<< "$2${sum:0:8}" | base64 -w 0
    echo
}

# Until a command succeeds; two minutes at most, however slow the machine is.
# A pause is no process: nothing ever comes from that pipe.
until_ok() # COMMAND...
{
    local i pause=0.02 pipe
    ! "$@" 2> /dev/null || return 0
    exec {pipe}<> <(:)
    for ((i = 0; i < 1250; i++)); do
        [ $i -lt 50 ] || pause=0.1
        read -rt $pause -u "$pipe" || true
        ! "$@" 2> /dev/null || break
    done
    exec {pipe}>&-
    [ $i -lt 1250 ] || { echo "never: $*"; return 1; }
}

# owner.key, vmm.pub, session.key, blob
keys()
{
    fbc-keygen -o owner.key > owner.pub &&
    key_line fbc-vmm-public-1 "09$(printf '%062d' 0)" > vmm.pub &&
    fbc-wrapkey --to vmm.pub --from owner.key -o session.key > blob
}

# A colourful picture on stdout: WIDTH HEIGHT SEED; seeds differ in the lower
# right quarter only.
picture()
{
    python3 - "$@" <<'PY'
import sys
w, h, seed = map(int, sys.argv[1:])
out = bytearray(b"P6\n%d %d\n255\n" % (w, h))
for y in range(h):
    for x in range(w):
        s = seed if x > w // 2 and y > h // 2 else 0
        out += bytes((x * 3 & 255, y * 5 & 255, (x ^ y) + s * 17 & 255))
sys.stdout.buffer.write(out)
PY
}

# Arguments for openssl's req: a key that is made in no time.
ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"

# Every tool behaves alike in these.
common_options() # TOOL
{
    expect 0 "$1" --help
    [ "${output%%$'\n'*}" != "${output#usage: "$1"}" ]
    [ -z "$stderr" ]
    expect 0 "$1" -h
    expect 0 "$1" --version
    [[ $output == "$1 (fbcrypt) "[0-9]* ]]
    expect 0 "$1" -V

    expect 2 "$1" --no-such-option
    says "--no-such-option: unknown"
    [ -z "$output" ]
    [[ $stderr == *"$1: hint: "*"--help"* ]]
    expect 2 "$1" -Z
    says "-Z: unknown option"
    expect 2 "$1" --help=yes
    says "--help=yes: takes no argument"
    expect 2 "$1" one two three
    expect 4 sh -c "$1 --help > /dev/full"
    says "stdout: No space left"
}

# A command whose standard output is a terminal.
on_terminal()
{
    script -qec "$*" /dev/null < /dev/null
}
