#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Why to seal its adapter's memory would not seal the screen of an HVM guest: a
# stock Linux guest on stock Xen, its device model dom0's (fbcrypt-hacking(7),
# "What an HVM guest lacks").  What dom0 sees is in QEMU's trace and at its VNC
# server; the judge is the guest's own framebuffer.
# shellcheck disable=SC2016,SC2154 # scripts' text; common.bash and bats set these
bats_require_minimum_version 1.5.0
load common

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    boot --stock
    tb copy "$top/build/tests/"{dmshim.so,rawhvm} /usr/local/bin/
    make_ramdisk
    python3 "$BATS_TEST_DIRNAME/pattern.py" raw 1024 768 >picture.raw
    bgra_to_rgb 1024x768 picture.raw picture.rgb
}

# The guest's, with drivers for what QEMU may show it.
make_ramdisk()
{
    local images=$top/build/images
    mkdir -p tree/lib/modules
    gunzip -c "$images/guest.cpio.gz" |
        cpio --quiet -i --to-stdout lib/modules/order >tree/lib/modules/order
    put_modules tree/lib/modules bochs uhci-hcd usbhid hid-generic
    (cd tree && find . | sort | cpio --quiet -o -H newc -R 0:0) | gzip -9n |
        cat "$images/guest.cpio.gz" - >ramdisk
}

# The kernel comes by SeaBIOS and an option ROM of QEMU's; QEMU is started by
# shell text of dom0's.
hvm_guest() # NAME TEXT [testbed create's arguments]
{
    dom0 'rm -f /tmp/trace /tmp/asked; cat >/tmp/qemu; chmod +x /tmp/qemu' <<QEMU
#!/bin/bash
export LD_PRELOAD=/usr/local/bin/dmshim.so DMSHIM_LOG=/tmp/asked
qemu=/usr/libexec/xen-qemu-system-i386
$2
QEMU
    tb create "$1" --kernel "$top"/build/images/root/boot/vmlinuz-* \
        --ramdisk ramdisk --timeout 600 type=hvm memory=160 vfb= \
        vga=stdvga videoram=16 vnc=1 vnclisten=0.0.0.0 vncdisplay=31 usb=0 \
        hpet=0 device_model_version=qemu-xen device_model_override=/tmp/qemu \
        device_model_args_hvm='["-D","/tmp/trace","-trace","cpu_ioreq_move",
            "-trace","cpu_ioreq_pio_read_reg"]' "${@:3}"
}

bgra_to_rgb() # WxH RAW RGB
{
    convert -size "$1" -depth 8 "bgra:$2" -alpha off "rgb:$3"
}

vnc_picture() # RGB
{
    local address
    address=$(tb port 5931)
    timeout 100 gvnccapture -q "127.0.0.1:$((${address#*:} - 5900))" shot.png
    convert shot.png "rgb:$1"
}

# Until dom0's VNC server shows this, to the pixel: drivers draw a little later.
comes_to_dom0() # RGB
{
    for _ in $(seq 60); do
        vnc_picture got.rgb
        cmp "$1" got.rgb && return
        sleep 0.5
    done
    return 1
}

# There is room for QEMU's files in /dev/shm.
monitor() # GUEST COMMAND...
{
    dom0 "for i in $(printf "'%s' " "${@:2}"); do
        xl qemu-monitor-command $1 \"\$i\"; done"
}

pci_functions() # GUEST
{
    # shellcheck disable=SC2016 # the guest's
    tb guest "$1" 'cd /sys/bus/pci/devices; for i in *; do
        echo $i $(cat $i/vendor $i/device $i/class); done'
}

@test "what QEMU asks of Xen once a guest runs" {
    hvm_guest u1 'exec $qemu "$@"' --wait paused
    dom0 'echo unpaused >>/tmp/asked; xl unpause u1'
    tb guest --timeout 300 u1 true
    vnc_picture got.rgb
    dom0 'cat /tmp/asked' >asked
    sed 1,/^unpaused/d asked | sort | uniq -c | tee counts
    # No other operation of a device model: no interrupt of any vector, no
    # change of a page's type, nothing in the guest's name but one move.
    awk '$2 != "map" { print $2, $3 }' counts >ops
    diff ops - <<'OPS'
dm_op map_io_range
dm_op pin_memory_cacheattr
dm_op relocate_memory
dm_op set_isa_irq_level
dm_op set_pci_intx_level
dm_op set_pci_link_route
dm_op track_dirty_vram
dm_op unmap_io_range
OPS
    [ "$(awk '/relocate_memory/ { print $1 }' counts)" = 1 ]
    pci_functions u1 | tee functions
    grep -x '0000:00:03.0 0x1234 0x1111 0x030000' functions
    # So far the adapter's memory is where the guest finds it, and what is drawn
    # goes there.
    [ "$(dom0 'rawhvm map $(xl domid u1) 0xf1000')" = "done" ]
    [ "$(dom0 'grep -c "dir=0 .*port=0xf1" /tmp/trace')" = 0 ]
}

@test "each key reaches the guest through port 0x60, in plain" {
    local before
    tb guest u1 'grep -A4 AT.Translated /proc/bus/input/devices | grep event1
        setsid cat /dev/input/event1 >/tmp/keys 2>/dev/null </dev/null &
        sleep 1'
    before=$(dom0 'grep -c port=0x60 /tmp/trace')
    echo 'plain-text secret' | timeout 100 python3 \
        "$BATS_TEST_DIRNAME/inputs.py" "$(tb port 5931)" -
    for _ in $(seq 60); do
        tb guest u1 'cat /tmp/keys' | python3 "$BATS_TEST_DIRNAME/evlog.py" |
            awk '$1 == "key" { print $2, $3 }' >heard
        [ "$(wc -l <heard)" -lt 12 ] || break
        sleep 0.5
    done
    # Set 1's codes are Linux's; a key that goes up has the highest bit, too.
    dom0 "grep port=0x60 /tmp/trace | tail -n +$((before + 1))" |
        sed 's/.* data=\(0x[0-9a-f]*\) .*/\1/' |
        while read -r i; do echo $((i & 127)) $((!(i >> 7))); done >seen
    cat seen
    [ "$(tr '\n' , <seen)" = "31 1,31 0,18 1,18 0,46 1,46 0,19 1,19 0,18 1,\
18 0,20 1,20 0," ]
    diff heard seen
}

@test "an adapter and a keyboard that come while it runs are taken, and used" {
    monitor u1 'pmemsave 0xf1000000 0x300000 "/dev/shm/first.before"'
    # QEMU takes an adapter's memory from what the guest may have.
    dom0 xl mem-max u1 240
    monitor u1 'device_add bochs-display,id=second,romfile=' \
        'device_add piix3-usb-uhci,id=hc' 'device_add usb-kbd,bus=hc.0'
    tb guest-copy u1 picture.raw /tmp/picture
    tb guest u1 'i=0; cd /sys/class/graphics
        until [ -e fb1/modes ] && grep USB.Keyboard /proc/bus/input/devices; do
            i=$((i+1)); [ $i -lt 600 ] || exit 1; sleep 0.5; done
        grep 768 fb1/modes >fb1/mode
        cat /tmp/picture >/dev/fb1; cat /proc/fb'
    pci_functions u1 >now
    diff functions now | tee new
    grep -x '> 0000:00:04.0 0x1234 0x1111 0x038000' new
    for _ in $(seq 60); do
        monitor u1 'screendump /dev/shm/second second'
        tb fetch /dev/shm/second second
        ppm_pixels second | cmp - picture.rgb && break
        sleep 0.5
    done
    ppm_pixels second | cmp - picture.rgb
    # The first adapter's memory is as it was, that is, has nothing of this.
    monitor u1 'pmemsave 0xf1000000 0x300000 "/dev/shm/first.after"'
    dom0 'cmp /dev/shm/first.before /dev/shm/first.after &&
        ls -l /dev/shm/first.after; rm /dev/shm/first.* /dev/shm/second'
    tb destroy u1
}

# The smallest mode, as each pixel that is written alone takes 3 ms here, and
# nothing that Linux draws of its own.
@test "an adapter whose memory is not there: each pixel comes as a request, by value" {
    local pixels=12800 base
    hvm_guest u1 'DMSHIM_UNMAPPED=1 exec $qemu "$@"' --wait agent \
        extra+="vga=0x340 nomodeset fbcon=map:1"
    pci_functions u1 >same
    diff functions same
    tb guest u1 'cat /proc/fb; dmesg | grep vesafb' | grep 320x200x32
    base=$(tb guest u1 'head -n 1 /sys/bus/pci/devices/0000:00:03.0/resource' |
        cut -d' ' -f1)
    [ "$(dom0 "rawhvm map \$(xl domid u1) $((base >> 12))")" = EINVAL ]

    python3 "$BATS_TEST_DIRNAME/pattern.py" raw 320 200 >small.raw
    tb guest-copy u1 small.raw /tmp/picture
    tb guest --timeout 300 u1 \
        "time dd if=/tmp/picture of=/dev/fb0 bs=4 count=$pixels 2>&1"
    dom0 'grep cpu_ioreq_move /tmp/trace' >trace
    python3 - trace $((base)) $pixels <<'PY' >got.raw
import re, sys
base, pixels = map(int, sys.argv[2:])
out = bytearray(pixels * 4)
for line in open(sys.argv[1]):
    m = re.search("dir=0 .*ptr=0 port=(0x[0-9a-f]+) data=(0x[0-9a-f]+) "
                  "count=1 size=4", line)
    at = int(m[1], 16) - base if m else -1
    if 0 <= at < len(out):
        out[at:at + 4] = int(m[2], 16).to_bytes(4, "little")
sys.stdout.buffer.write(out)
PY
    head -c $((pixels * 4)) small.raw | cmp - got.raw

    # In larger pieces Xen hands on where the pixels are, not what they are.
    tb guest u1 'time cat /tmp/picture >/dev/fb0 2>&1'
    tb guest u1 'head -c 256000 /dev/fb0' >truth.raw
    cmp small.raw truth.raw
    bgra_to_rgb 320x200 truth.raw truth.rgb
    comes_to_dom0 truth.rgb
    [ "$(dom0 'grep -c "dir=0 .*ptr=1 port=0xf1" /tmp/trace')" -ge 63 ]
    tb destroy u1
}

@test "another adapter than the configuration names: Linux drives it, all of it requests" {
    hvm_guest u1 'exec $qemu "${@/#VGA,*/bochs-display,romfile=}"' --wait agent
    pci_functions u1 | tee functions
    grep -x '0000:00:03.0 0x1234 0x1111 0x038000' functions
    run ! grep 0x030000 functions
    tb guest u1 'printf "\033[2J\033[HPassword: EMERALD TRUMPET\n" >/dev/tty0
        sleep 1; head -c 3145728 /dev/fb0' >truth.raw
    bgra_to_rgb 1024x768 truth.raw truth.rgb
    comes_to_dom0 truth.rgb
    "$top/scripts/ocr" shot.png | grep 'EMERALD TRUMPET'
    tb guest-copy u1 picture.raw /tmp/picture
    tb guest u1 'cat /tmp/picture >/dev/fb0'
    comes_to_dom0 picture.rgb
    run ! dom0 grep relocate_memory /tmp/asked
    [ "$(dom0 'rawhvm map $(xl domid u1) 0xf1000')" = EINVAL ]
    tb destroy u1
}

@test "Debian's OVMF has no driver for a PV disk, but one for a virtio disk" {
    local i
    for i in /usr/share/OVMF/OVMF_CODE*.fd /usr/share/ovmf/OVMF.fd; do
        python3 - "$i" <<'PY'
import lzma, struct, sys, uuid
image = open(sys.argv[1], "rb").read()
at = image.find(uuid.UUID("ee4e5898-3914-4259-9d6e-dc7bd79403cf").bytes_le)
data, = struct.unpack_from("<H", image, at + 16)
modules = lzma.LZMADecompressor(lzma.FORMAT_ALONE).decompress(
    image[at - 4 + data:])
has = {name for name in ("VirtioBlkDxe", "XenPvBlkDxe", "XenBusDxe")
       if name.encode("utf-16le") in modules}
print(sys.argv[1], *has)
sys.exit(has != {"VirtioBlkDxe"})
PY
    done
}

@test "fbcrypt: with an owner's UUID it is not protected, and takes no key" {
    boot
    tb copy "$top/build/tests/dmshim.so" /usr/local/bin/
    "$bin/fbc-keygen" -q -o u1.owner >/dev/null
    hvm_guest u1 'exec $qemu "$@"' --wait paused \
        uuid="$("$bin/fbc-keygen" -u u1.owner)"
    dom0 xl unpause u1
    wrap u1 u1.session >u1.blob
    run --separate-stderr -1 dom0 fbc-setkey u1 <u1.blob
    [[ "$stderr" = *"not protected"* ]]
    run --separate-stderr -1 dom0 fbc-status u1
    [[ "$stderr" = *"neither a PV nor a PVH guest"* ]]
    tb destroy u1
}
