#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Where the session key is: in the hypervisor, and nowhere in dom0.
bats_require_minimum_version 1.5.0
load common

setup_file() {
    boot
    tb copy "$top/build/tests/rawop" /usr/local/bin/
    owner_guest u1 --wait none memory=64 --kernel "$top/build/tests/pvguest.elf" \
        extra="scenario=picture seed=8"
    key_guest u1
    cd "$BATS_FILE_TMPDIR" || return 1
    settled_dump u1 u1.session u1.frames
    dom0 xl fbcrypt-setkey u1 <u1.blob || true
    # The control: something that is in dom0's memory.
    head -c 16 /dev/urandom | od -An -v -tx1 | tr -d ' \n' >mark
    tb copy mark /dev/shm/mark
}

# Where in `ram` the secrets are, frame by frame.
hits() {
    python3 - <<'PY' | sort -u >frames
import base64, mmap
def payload(path):
    line = [l for l in open(path) if not l.startswith("#")][0].strip()
    return base64.b64decode(line.split(":", 1)[1])[:-4]
secrets = {"session": payload("u1.session")[:32],
           "owner": payload("u1.owner")[:32],
           "mark": open("mark", "rb").read()}
with open("ram", "rb") as f, mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ) as m:
    for name, key in secrets.items():
        for part in (key, key[:16], key[16:]):
            at = m.find(part)
            while at >= 0:
                print(name, at >> 12)
                at = m.find(part, at + 1)
PY
}

@test "the whole machine's memory: no hit in any page of dom0" {
    tb hmp stop
    tb hmp "pmemsave 0 0x60000000 \"$BATS_FILE_TMPDIR/ram\""
    tb hmp cont
    hits
    rm -f ram
    cat frames
    # The search can find: the hypervisor holds the session key.
    grep -q '^session' frames
    run ! grep '^owner' frames
    # What dom0 may map are the pages with the mark, and none of the others.
    id=$(dom0 xl domid u1)
    for what in mark session; do
        # shellcheck disable=SC2046 # a frame a word
        dom0 rawop own "$id" $(sed -n "s/^$what //p" frames) >$what.maps
    done
    cat mark.maps session.maps
    grep -q ' yes$' mark.maps
    [ "$(wc -l <session.maps)" = "$(grep -c '^session' frames)" ]
    run ! grep -v ' no$' session.maps
}

@test "logs and xenstore hold none of it" {
    dom0 'cat /var/log/xen/* /var/log/xen/console/* 2>/dev/null; xl dmesg; dmesg; xenstore-ls -f' >logs
    for f in u1.session u1.owner; do
        secret=$(grep -v '^#' $f | cut -d: -f2)
        run ! grep -qF "${secret:0:24}" logs
        hex=$(base64 -d <<<"$secret" | head -c 32 | od -An -v -tx1 | tr -d ' \n')
        run ! grep -qiF "${hex:0:32}" logs
    done
}

@test "a machine that is switched off has forgotten it" {
    dom0 --timeout 10 'poweroff -f' || true
    for _ in $(seq 300); do
        ! tb log | grep -qa 'halting machine' || break
        sleep 0.5
    done
    tb log | grep -a 'halting machine'
    sleep 1
    tb hmp "pmemsave 0 0x60000000 \"$BATS_FILE_TMPDIR/ram\""
    hits
    rm -f ram
    cat frames
    # What is not the hypervisor's is still there.
    grep -q '^mark' frames
    run ! grep '^session' frames
}
