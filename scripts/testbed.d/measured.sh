# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2154,SC2054
# Part of scripts/testbed: a machine with UEFI firmware, a TPM and a disk.
#
# What outlives a power-off is in a directory: the TPM's state and the
# firmware's variables.

ovmf=/usr/share/OVMF

# Xen's configuration, for fbc-mkimage.  OVMF does not overwrite memory.
cmd_efi_config() {
    local xen_args=''
    while [ $# -gt 0 ]; do
        case $1 in
        --xen-args) need 2 "$@"; xen_args=$2; shift ;;
        *) misuse "efi-config: $1" ;;
        esac
        shift
    done
    cat << CONFIG
[global]
default=xen
[xen]
options=$xen_options efi=no-rs fbcrypt=no-overwrite $xen_args
kernel=vmlinux $dom0_options
ramdisk=dom0.cpio
CONFIG
}

# manufacture DIR: a TPM with an EK certificate, of a maker common to all
# machines in the directory above, and variables as the firmware comes.
manufacture() {
    local dir=$1 ca=${1%/*}/ca new=$1.new
    [ ! -e "$dir/vars.fd" ] || return 0
    rm -rf "$new"
    mkdir -p "$new/tpm" "$ca"
    cat > "$new/localca.conf" << CONF
statedir = $ca
signingkey = $ca/signkey.pem
issuercert = $ca/issuer.pem
certserial = $ca/serial
CONF
    printf '%s\n' --platform-manufacturer testbed --platform-version 1 \
        --platform-model testbed > "$new/localca.options"
    cat > "$new/setup.conf" << CONF
create_certs_tool = /usr/bin/swtpm_localca
create_certs_tool_config = $new/localca.conf
create_certs_tool_options = $new/localca.options
active_pcr_banks = sha256
CONF
    swtpm_setup --tpm2 --tpmstate "$new/tpm" --create-ek-cert \
        --config "$new/setup.conf" --pcr-banks "${tpm_banks:-sha256}" \
        --overwrite --logfile "$new/setup.log" > /dev/null ||
        fail 4 "swtpm_setup: see $new/setup.log"
    cp "$ca/swtpm-localca-rootca-cert.pem" "$new/root.pem"
    cp "$ca/issuer.pem" "$new/chain.pem"
    cp "$ovmf/OVMF_VARS_4M.fd" "$new/vars.fd"
    # Firmware makes it that overwrites memory: OVMF takes itself for such then.
    [ -z "$firmware" ] || "$here/efivar" "$new/vars.fd" \
        MemoryOverwriteRequestControl e20939be-32d4-41be-a150-897f85d49829 00
    rm -rf "$dir"
    mv "$new" "$dir"
}

# The TPM gets power; it goes off with QEMU.
start_tpm() {
    local i
    for ((i = 0; i < 50; i++)); do
        rm -f "$state/tpm.sock"
        if swtpm socket --tpm2 --tpmstate "dir=$1/tpm" \
            --ctrl "type=unixio,path=$state/tpm.sock" --flags not-need-init \
            --terminate --daemon --log "file=$state/tpm.log,level=1" \
            > /dev/null 2>&1 9>&-; then
            return
        fi
        # The last one may still hold its state.
        sleep 0.1
    done
    fail 4 "swtpm: $(tail -n 1 "$state/tpm.log" 2> /dev/null)"
}

# make_esp IMAGE [DIR]: the disk; what is in DIR goes over the usual files.
make_esp() {
    local tree=$state/esp esp=$state/esp.img
    mkdir -p "$tree/EFI/BOOT"
    ln -sf "$images/vmlinux" "$images/dom0.cpio" "$tree/EFI/BOOT/"
    ln -sf "$1" "$tree/EFI/BOOT/BOOTX64.EFI"
    [ -z "${2:-}" ] || cp -r --remove-destination "$2/." "$tree/"
    mkfs.vfat -F 32 -C "$esp" \
        $(($(du -Lsk --apparent-size "$tree" | cut -f1) + 16384)) > /dev/null ||
        fail 4 "mkfs.vfat: failed"
    mcopy -Q -s -i "$esp" "$tree/"* ::/ || fail 4 "mcopy: failed"
    rm -rf "$tree"
}

# measured_machine crb|tis|none DIR: adds to machine
measured_machine() {
    local code=file=$ovmf/OVMF_CODE_4M${firmware:+.$firmware}.fd
    machine+=(
        -drive "if=pflash,format=raw,readonly=on,$code"
        -drive "if=pflash,format=raw,file=$2/vars.fd"
        -drive "if=virtio,format=raw,file=esp.img")
    # System management mode alone may write the flash.
    [ -z "$firmware" ] || machine+=(
        -global driver=cfi.pflash01,property=secure,value=on
        -global ICH9-LPC.disable_s3=1)
    [ "$1" = none ] || machine+=(
        -chardev "socket,id=tpm0,path=tpm.sock"
        -tpmdev emulator,id=tpm0,chardev=tpm0
        -device "tpm-$1,tpmdev=tpm0")
}
