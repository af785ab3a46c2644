#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# scripts/attack-demo on a short session: tests/unit/test_leak.c has long ones.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

column() { awk -F, -v c="$1" -v n="$2" '$1 == c { print $n }' out/table.csv; }

@test "attack-demo reads the text under the paper's cipher, and none of ours" {
    expect 0 "$top/scripts/attack-demo" 10 "$PWD/out"
    # Characters, cells that are blank, blocks of two pixels; of ours only rows
    # that never changed are known.
    awk -v rc5="$(column rc5 2)" -v blocks="$(column rc5 4)" \
        -v guess="$(column guess 2)" -v sealed="$(column fbcrypt 2)" \
        -v sealed_blocks="$(column fbcrypt 4)" 'BEGIN {
            exit !(rc5 > 60 && blocks > 60 && guess > 4 && guess < 15 &&
                   sealed == 0 && sealed_blocks == 0) }'
    [ "$(column rc5 7)" = leak ]
    [ "$(column xts 7)" = leak ]
    [ "$(column fbcrypt 7)" = "no leak found" ]
    # Titles, three rows of pictures, a legend.
    [[ $(identify -format '%wx%h' out/attack.png) =~ ^15[0-9]{2}x1[01][0-9]{2}$ ]]
    run ! cmp -s out/rc5-sees.png out/fbcrypt-sees.png
}

@test "attack-demo fails when ours is read" {
    # A tree whose maker of sessions forgets to seal.
    mkdir -p tree/scripts tree/build/tests
    cp "$top/scripts/attack-demo" tree/scripts/
    ln -s "$top/build/bin" tree/build/bin
    cat > tree/build/tests/mkleak <<SH
#!/bin/sh
exec $top/build/tests/mkleak \$(echo "\$*" | sed 's/aead/rc5/')
SH
    chmod +x tree/build/tests/mkleak
    run tree/scripts/attack-demo 10 "$PWD/out"
    echo "$output"
    [ "$status" -eq 1 ]
    [[ $output == *"error: not what was promised: "*"fbcrypt was read"* ]]
}
