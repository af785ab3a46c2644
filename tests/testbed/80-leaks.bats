#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Screens of a stock Linux guest, six or with FBC_ALL all twelve, looked at from
# dom0 by every method of fbc-dumpvfb: on stock Xen, the control, most of them
# give the picture away (half of the screens will do for that); on patched Xen
# none does.  Leaves build/leaks.txt, a row a method, and build/screens.txt, a
# row a screen; of PVH guests leaks-pvh.txt and screens-pvh.txt.
bats_require_minimum_version 1.5.0
load common

screens="login page photo blank noise editor"
control="login photo noise"
[ -z "${FBC_ALL:-}" ] ||
    screens="login shell console page photo gradient blank noise cursor menu bootlog editor"
[ -z "${FBC_ALL:-}" ] || control=$screens
words="EMERALD TRUMPET SEVENTEEN LANTERN"
# They go through all memory, make a domain, or wait, and take long: two screens,
# unless FBC_ALL is set.
large="input pages dump-core save qemu helper-domain third-party-table"
few="login noise"
# What gives pictures away on stock Xen, and the slower ones of it.  A PVH guest
# has no page that Xen copies to for dom0, nor do others' frames mean anything
# in a domain of dom0's own.
leaky="foreign va-map copy-page grant-forge grant-copy grant-setup vnc"
leaky_large="helper-domain third-party-table dump-core"
least=8
if [ "${FBC_GUEST:-pv}" = pvh ]; then
    leaky="foreign va-map grant-forge grant-copy vnc"
    leaky_large="third-party-table dump-core"
    least=7
    # What differs is how pages are named, not what is in them.
    [ -n "${FBC_ALL:-}" ] ||
        { screens="login photo noise" control="login noise"; }
fi
suffix=${FBC_GUEST:+-$FBC_GUEST}

setup_file() {
    # Each test is a whole world.
    export BATS_TEST_TIMEOUT=1500
    cd "$BATS_FILE_TMPDIR" || return 1
    rm -f "$top/build/leaks$suffix.txt" "$top/build/screens$suffix.txt"
    python3 "$BATS_TEST_DIRNAME/screens.py" >disk
    "$bin/fbc-dumpvfb" --list-methods | cut -f1 >names
}

teardown() { tb down; }

# Shell text that draws a screen in the guest.  Linux has all of it drawn again
# at each write.
draw() {
    local clear='printf "\033[2J\033[H"'
    case $1 in
    login) echo "$clear; printf '\n\nvault login: root\nPassword: $words\nWelcome.\n'" ;;
    shell) echo "$clear; for i in 1 2 3 4 5; do echo '# mysql -u root -p $words'; done" ;;
    console) echo "$clear; i=0; while [ \$i -lt 30 ]; do echo \"\$i: $words\"; i=\$((i+1)); done" ;;
    page) echo "$clear; i=0; while [ \$i -lt 36 ]; do echo 'the quick brown $words jumps over the lazy dog and does so again and again all day'; i=\$((i+1)); done" ;;
    photo|gradient|noise) echo "dd if=/dev/xvda bs=1920000 skip=$(disk_at "$1") count=1 2>/dev/null | tr '\000-\377' '\001-\377\000' | dd of=/dev/fb0 bs=1920000 iflag=fullblock 2>/dev/null" ;;
    blank) echo "$clear" ;;
    cursor) echo "$clear; for i in 1 2 3 4 5 6 7 8; do printf '\033[%d;%dH$words' \$((i*4)) \$((i*3)); sleep 0.1; done" ;;
    menu) echo "$clear; printf '\033[44m\033[37m'; for i in 1 2 3 4 5 6; do printf '\033[%d;20H  $words  ' \$((i+8)); done; printf '\033[0m'" ;;
    bootlog) echo "$clear; dmesg | tail -n 30; echo $words" ;;
    editor) echo "$clear; for i in 1 2 3 4 5 6 7 8 9 10; do echo \"  \$i  password = '$words'\"; done; printf '\033[7m -- INSERT -- \033[0m'" ;;
    esac
}

disk_at() { case $1 in photo) echo 0 ;; gradient) echo 1 ;; noise) echo 2 ;; esac; }

# Leaves what is on the guest's screen in `true`.
show() { # SCREEN
    local at
    tb guest u1 "{ $(draw "$1"); } > /dev/tty0"
    at=$(disk_at "$1")
    if [ -n "$at" ]; then
        tail -c +$((at * 1920000 + 1)) disk | head -c 1920000 |
            LC_ALL=C tr '\000-\377' '\001-\377\000' >true
    else
        tb guest u1 'cat /dev/fb0' >true
    fi
}

picture() { # STREAM PNG
    rm -rf png
    mkdir png
    "$bin/fbc-decrypt-frames" -q --without-key --last --png png <"$1"
    mv png/*.png "$2"
}

# Grants made in a guest's name before it starts: for a guest of its own.
preseed() { # COMMAND...
    "$@" m1 --wait paused memory=32 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=9"
    picture_runs runs
    tb copy runs /dev/shm/runs
    dom0 try-methods m1 /dev/shm/runs preseed | sed 's/^/m1\t/' >>"$world.tries"
    # All at once says the same as one by one.
    dom0 "mkdir /dev/shm/all
        fbc-dumpvfb -m all --save /dev/shm/all --json m1" >all.json
    [ "$(jq -r .schema all.json)" = fbcrypt/methods/1 ]
    [ "$(jq .tried all.json)" = "$(wc -l <names)" ]
    dom0 'cd /dev/shm/all; stat -c "%n %s" *; rm -r /dev/shm/all'
    tb destroy m1
}

# Lines "SCREEN METHOD RESULT" in WORLD.tries; "SCREEN VERDICT" in WORLD.checks.
look() {
    local s methods m
    for s in $screens; do
        show "$s"
        python3 "$BATS_TEST_DIRNAME/runs.py" <true >runs
        tb copy runs /dev/shm/runs
        methods=() big=()
        while read -r m; do
            case " $large " in
            *" $m "*) big+=("$m") ;;
            *) case $m in preseed|recycled-keyboard) ;; *) methods+=("$m") ;; esac
            esac
        done <names
        [[ -n ${FBC_ALL:-} || " $few " = *" $s "* ]] || big=()
        # The large ones one by one: their memory is dom0's.
        for m in "${methods[*]}" "${big[@]}"; do
            # shellcheck disable=SC2086
            dom0 --timeout 300 try-methods u1 /dev/shm/runs $m |
                sed "s/^/$s\t/" >>"$world.tries"
        done
        for m in foreign vnc; do
            dom0 "gzip -1 </dev/shm/try.$m; rm /dev/shm/try.$m" | gunzip >stream
            picture stream "$world.$s.$m.png"
        done
        dom0 fbc-dumpvfb -q -r -n 8 -i 60 u1 >frames
        m=0
        "$bin/fbc-leakcheck" -q <frames || m=$?
        [ $m -le 1 ]
        echo "$s $m" >>"$world.checks"
    done
    tb guest u1 true
    # Costs the guest its keyboard, and on stock Xen sometimes its life.
    dom0 --timeout 120 try-methods u1 /dev/shm/runs recycled-keyboard |
        sed "s/^/last\t/" >>"$world.tries"
    cat "$world.tries" "$world.checks"
}

# "PNG N": N of the words can be read in it; in its upper rows, where all of the
# default screens have them, as it takes long to find no letters in noise.
read_all() {
    local rows=176
    [ -z "${FBC_ALL:-}" ] || rows=600
    # shellcheck disable=SC2016
    printf '%s\n' "$world".*.png | xargs -P 2 -I{} sh -c '
        convert {} -crop 800x'$rows'+0+0 +repage {}.rows
        text=$("$0/scripts/ocr" png:{}.rows); n=0
        for w in '"$words"'; do
            case $(echo "$text" | tr a-z A-Z) in *$w*) n=$((n + 1)) ;; esac
        done
        echo {} $n' "$top" >"$world.words"
    cat "$world.words"
}

start() { # [--stock]
    boot "$@"
    tb copy "$top/build/tests/rawfind" "$BATS_TEST_DIRNAME/try-methods" \
        /usr/local/bin/
    rm -f "$world".*
}

# Screens, and screens on which it leaked; or the one thing it said on all.
summary() { # METHOD
    awk -F'\t' -v m="$1" '$2 == m {
        n++; if ($3 ~ /^LEAKED/) leaks++; else said = $3
        sub(/^[0-9]+ bytes/, "data", said)
    } END {
        if (leaks) printf "LEAKED on %d of %d", leaks, n
        else printf "%s (%d)", said, n
    }' "$world.tries"
}

@test "stock Xen: most methods leak, every screen, and its words are read" {
    world=stock
    screens=$control
    start --stock
    preseed tb create
    tb create u1 --wait agent --data disk memory=96
    look
    run ! grep -E 'BUG|Oops|Call Trace' <(tb log)
    tb down
    read_all

    leaking=$(awk -F'\t' '$3 ~ /^LEAKED/ {print $2}' stock.tries | sort -u)
    echo "leaking: "$leaking
    [ "$(wc -w <<<"$leaking")" -ge $least ]
    # Every screen that has something to it leaks by every one of the quick ways.
    for s in $screens; do
        [ "$s" != blank ] || continue
        for m in $leaky; do
            grep -q "^$s"$'\t'"$m"$'\t'LEAKED stock.tries
        done
        case " $few " in *" $s "*)
            for m in $leaky_large; do
                grep -q "^$s"$'\t'"$m"$'\t'LEAKED stock.tries
            done ;;
        esac
        [ "$s" = noise ] || grep -qx "$s 1" stock.checks
        case $s in photo|gradient|noise) continue ;; esac
        grep -qE "^stock.$s.foreign.png [34]" stock.words
        grep -qE "^stock.$s.vnc.png [34]" stock.words
    done
}

@test "patched Xen: no method leaks on any screen, no word is read, the guest goes on" {
    world=fbcrypt
    start
    preseed owner_guest
    owner_guest u1 --wait agent --data disk memory=96
    key_guest u1
    settled_dump u1 u1.session before.frames
    look
    run dom0 fbc-dumpvfb -m all --destructive u1
    echo "$output"
    settled_dump u1 u1.session after.frames
    tb guest u1 true
    run ! grep -E 'BUG|Oops|Call Trace' <(tb log)
    tb down
    read_all

    {
        printf '%-18s %-40s %s\n' method "stock Xen (screens)" "fbcrypt (screens)"
        while read -r m; do
            printf '%-18s %-40s %s\n' "$m" "$(world=stock summary "$m")" \
                "$(summary "$m")"
        done <names
    } >"$top/build/leaks$suffix.txt"
    for s in $screens; do
        echo "$s $(for w in stock fbcrypt; do
            grep -q "^$s " $w.checks || echo - - -
            sed -n "s/^$s 1/leak/p; s/^$s 0/none/p" $w.checks
            sed -n "s/^$w.$s.foreign.png //p; s/^$w.$s.vnc.png //p" <(sort $w.words)
        done | tr '\n' ' ')"
    done | awk 'BEGIN {printf "%-10s %-34s %s\n", "screen",
            "stock: leakcheck, words: map, VNC", "fbcrypt: the same"}
        {printf "%-10s %-10s %-5s %-17s %-10s %-5s %s\n", $1, $2, $3, $4, $5, $6, $7}' \
        >"$top/build/screens$suffix.txt"
    cat "$top/build/leaks$suffix.txt" "$top/build/screens$suffix.txt"

    run ! grep LEAKED fbcrypt.tries
    run ! grep -v ' 0$' fbcrypt.words
    run ! grep -v ' 0$' fbcrypt.checks
    n=$(wc -w <<<"$screens")
    [ "$(wc -l <fbcrypt.checks)" = "$n" ]
    [ "$(wc -l <fbcrypt.words)" = $((2 * n)) ]
    # All were tried, and the quick ones on all screens.
    quick=$(($(wc -l <names) - 2 - $(wc -w <<<"$large")))
    grep -q $'\t'recycled-keyboard$'\t' fbcrypt.tries
    [ "$(grep -vc '^m1' fbcrypt.tries)" -ge \
      $((n * quick + $(wc -w <<<"$few") * $(wc -w <<<"$large"))) ]
    # These yield nothing at all, not even what cannot be read.
    for m in preseed misname copy-page grant-forge grant-copy grant-setup \
             helper-domain third-party-table dump-core save vcpu vcpu-ext \
             debug-keys exchange recycled-keyboard; do
        run ! grep -vE '(denied|nothing)' <(grep $'\t'"$m"$'\t' fbcrypt.tries)
    done
}
