#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The man pages, the help texts and the completion say the same.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

PATH=$PATH:$top/scripts
tools="$(cd "$top/src/cmd" && printf '%s\n' fbc-*.c | sed 's/\.c$//') fbc-view
fbc-mkimage"

# Options in a tool's help, long ones and short ones, without dashes.
help_options()
{
    "$1" --help | sed -n 's/^ *\(-.\), --\([a-z0-9-]*\).*/\1\n--\2/p
                          s/^ *\(--[a-z0-9-]*\).*/\1/p' | sort -u
}

# Options that head an entry of a tool's man page.
man_options()
{
    sed -n 's/^\.It Fl \(.*\)/\1/p' "$top/man/$1".[18] | tr ',' '\n' |
        sed -n 's/^ *\(Fl \)\{0,1\}\(-\{0,1\}[A-Za-z0-9-]*\).*/-\2/p' |
        sort -u
}

completion_options()
{
    bash -c '
        . "$1"
        _fbc_table "$2"
        printf "%s\n" $opts' _ "$top/scripts/completion.bash" "$1" | sort -u
}

@test "every option is in help, man page and completion alike" {
    for t in $tools; do
        help=$(help_options "$t")
        [ "$(wc -l <<< "$help")" -ge 8 ]
        diff <(echo "$help") <(man_options "$t")
        diff <(echo "$help") <(completion_options "$t")
    done
}

@test "every tool that is built has a man page and completion" {
    for f in "$top"/src/cmd/fbc-*.c; do
        t=$(basename "$f" .c)
        ls "$top/man/$t".[18]
        grep -qw -- "$t" "$top/scripts/completion.bash"
    done
}

@test "man pages are lint-clean" {
    for p in "$top"/man/*.[1578]; do
        # Pages of other packages, and ours, need not be installed.
        mandoc -T lint -W all "$p" | grep -v 'referenced manual not found' &&
            return 1
        mandoc -T utf8 "$p" > /dev/null
    done
    true
}

@test "man pages have their sections in order" {
    want="NAME SYNOPSIS DESCRIPTION OPTIONS ENVIRONMENT FILES EXIT_STATUS"
    want="$want EXAMPLES SECURITY SEE_ALSO"
    for p in "$top"/man/fbc-*.[18]; do
        have=$(sed -n 's/^\.Sh //p' "$p" | tr ' ' _ | paste -sd' ')
        [ "$have" = "$want" ] || { echo "$p: $have"; return 1; }
    done
}

@test "no line of help is wider than a terminal" {
    for t in $tools; do
        run ! grep -E '.{80}' <("$t" --help)
    done
}

@test "completion offers options, files and methods" {
    complete_line() { bash -c '
        . "$1"
        shift
        COMP_WORDS=("$@")
        COMP_CWORD=$(($# - 1))
        _fbc "$1"
        printf "%s\n" "${COMPREPLY[@]}"' _ "$top/scripts/completion.bash" \
        "$@"; }
    [ "$(complete_line fbc-keygen --pu)" = --public ]
    [ "$(complete_line fbc-dumpvfb --method f)" = foreign ]
    [ "$(complete_line fbc-dumpvfb --list)" = --list-methods ]
    [ "$(complete_line fbc-dumpvfb -m pages,copy)" = pages,copy-page ]
    [ "$(complete_line fbc-view --check s)" = strict ]
    : > session.key
    [ "$(complete_line fbc-decrypt-frames -k ses)" = session.key ]
}

# Commands of a page's EXAMPLES, prompts removed.
examples()
{
    awk '/^\.Sh/ { on = /EXAMPLES/ }
         /^\.Bd/ { code = 1; next }
         /^\.Ed/ { code = 0 }
         on && code { sub(/^[$#] /, ""); print }' "$1"
}

# Stand-ins for the host at the other end of ssh, for Xen and for a player.
stand_ins()
{
    mkdir bin
    keys
    picture 200 100 3 > a.ppm
    cp vmm.pub bin/key
    mkstream session.key a.ppm > bin/frames
    cat > bin/fbc-status <<SH
case "\$*" in
--vmm-key) cat "$PWD/bin/key" ;;
*--json*) echo '{"bytes_sealed":1}' ;;
esac
SH
    echo "cat \"$PWD/bin/frames\"" > bin/fbc-dumpvfb
    cat > bin/ssh <<'SH'
shift
exec "$@"
SH
    cat > bin/fbc-setkey <<'SH'
[ "$(wc -c)" -eq 208 ]
SH
    cat > bin/mpv <<'SH'
[ "$(wc -c)" -gt 1000 ]
SH
    sed -i '1i #!/bin/sh' bin/ssh bin/fbc-* bin/mpv
    chmod +x bin/*
    cp bin/frames .
    cp session.key keep
    PATH=$PWD/bin:$PATH
}

@test "the examples of the man pages work" {
    stand_ins
    for p in fbc-keygen.1 fbc-wrapkey.1 fbc-decrypt-frames.1 fbc-setkey.8 \
             fbc-status.8 fbc-dumpvfb.8; do
        [ "$p" != fbc-keygen.1 ] || mv owner.key owner.before
        [ "$p" != fbc-decrypt-frames.1 ] || cp keep session.key
        examples "$top/man/$p" > script
        [ -s script ]
        bash -e -o pipefail script
    done
    ls tenant/frame-000001.png dom0/frame-000001.png seen/frame-000001.png
}

@test "the examples of fbcrypt(7) work up to the key that is then set" {
    stand_ins
    mkdir new
    cd new
    examples "$top/man/fbcrypt.7" > script
    [ "$(wc -l < script)" -ge 7 ]
    # These frames were not sealed with the key that the example makes.
    sed -i 's/^\(fbc-decrypt-frames -k .*\)/! \1/' script
    bash -e -o pipefail script
    ls dom0/frame-000001.png session.key
}

@test "fbcrypt(7) says how much the hypervisor gets" {
    make -s -C "$top" tcb | tee counted
    # Within a twentieth, which is said before it grows unseen.
    near() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a * 20 > b * 19 && a * 20 < b * 21) }'; }
    read -r ours patches bearssl < <(tr '\n' ' ' < "$top/man/fbcrypt.7" |
        sed -nE 's/.*[^0-9]([0-9]+),([0-9]+) lines with their comments, ([0-9]+),([0-9]+) lines of patches.* ([0-9]+),([0-9]+) lines of BearSSL.*/\1\2 \3\4 \5\6\n/p')
    near "$ours" "$(awk '/src\/(core|crypto|xen)$/ { n += $1 } END { print n }' counted)"
    near "$patches" "$(awk '/patches/ { print $1 }' counted)"
    near "$bearssl" "$(awk '/BearSSL/ { print $1 }' counted)"
}
