#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# What tests/bench/run makes of benchmarks; these measure nothing.
# shellcheck disable=SC2154 # helper.bash and bats set these
load helper

# A program for the tree; its text is standard input.
program() # PATH
{
    mkdir -p "$(dirname "$1")"
    cat - > "$1"
    chmod +x "$1"
}

# A tree with one benchmark, and a plotter: make check does not need gnuplot.
tree()
{
    mkdir -p tree/tests/bench tree/build/download
    cp "$top"/tests/bench/{run,report} tree/tests/bench/
    touch tree/build/download/bearssl_9.9.orig.tar.xz
    program bin/gnuplot <<'SH'
#!/bin/sh
sed -n "s/^set output '\(.*\)'/\1/p" "$1" > out.name
echo "<?xml?><svg><!-- $(grep -c . "$1") --></svg>" > "$(cat out.name)"
SH
    PATH=$PWD/bin:$PATH
    program tree/build/tests/bench/bench_update_seal <<'SH'
#!/bin/sh
echo "what,way,size,bytes,ns" > "$1"
for ns in 100000 300000 200000; do
    echo "memcpy,seal,800x600,1440000,$ns" >> "$1"
    echo "rc5-paper,seal,800x600,1440000,${ns}00" >> "$1"
done
SH
}

@test "bench leaves raw figures and a report with machine, medians, ratios" {
    tree
    program tree/build/tests/bench/bench_x <<'SH'
#!/bin/sh
echo "# name, size, value, unit, ratio"
echo "a<b, 800x600, 1.5, ms, 2.0"
SH
    expect 0 tree/tests/bench/run
    grep -q '^a<b,800x600,1.5,ms,2.0$' tree/build/bench/x.csv
    page=tree/build/bench/index.html
    # Medians, and the ratio to memcpy of the same run.
    grep -q '<td>0.200 ms<td>1.0' $page
    grep -q '<td>20.000 ms<td>100.0' $page
    grep -q 'a&lt;b, 800x600, 1.5, ms, 2.0' $page
    grep -q 'bearssl 9.9' $page
    grep -qF "$(uname -r)" $page
    [ "$(grep -c '<svg>' $page)" -eq 3 ]
    grep -q 'Not measured in this run: from a key pressed' $page
    run ! grep -q 'class=warn' $page
}

@test "bench fails, with a report, when a figure was missed or a machine busy" {
    tree
    program tree/build/tests/bench/bench_x <<'SH'
#!/bin/sh
echo "slow 800x600 <= 1x 2x  MISSED"
echo "# this run had 50 % of a CPU: run it again on an idle machine"
exit 1
SH
    expect 1 tree/tests/bench/run
    says "missed a figure, or failed: x"
    page=tree/build/bench/index.html
    grep -q 'class=warn>Missed a figure, or failed: x' $page
    grep -q 'class=warn>The machine was busy during: x' $page
    grep -q '<span class=missed>MISSED</span>' $page
}

@test "bench draws figures 8 and 9 from what was measured on real Xen" {
    tree
    for name in boot draw guests latency network unpause wire; do
        program tree/tests/bench/$name <<'SH'
#!/bin/sh
echo "${0##*/} was measured"
SH
    done
    program tree/tests/bench/redraw <<'SH'
#!/bin/sh
printf '%s\n' world,total,guest,telling,proxy,rest stock,9,1,2,3,3 \
    fbcrypt,9,1,2,3,3 fbcrypt,19,3,4,5,7 fbcrypt,20,2,9,4,5 >"$2"
SH
    program tree/tests/bench/server <<'SH'
#!/bin/sh
printf '%s\n' times,sealing,server 1,10,70 2,20,71 3,30,69 >"$2"
SH
    FBC_ALL=1 expect 0 tree/tests/bench/run
    # The guest, its event, the rest, the proxy; medians.
    grep -qx 'fbcrypt 2.0 4.0 5.0 4.0' tree/build/bench/redraw.gnuplot
    grep -qx '3 30 69' tree/build/bench/server.gnuplot
    [ "$(grep -c '<svg>' tree/build/bench/index.html)" -eq 5 ]
    grep -q 'wire was measured' tree/build/bench/index.html
}
