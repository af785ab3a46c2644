#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# GRUB's entries for the fbcrypt hypervisor, one for each kernel that can be
# dom0, newest first.  Options: /etc/default/grub.d/fbcrypt.cfg
# shellcheck disable=SC2154,SC2086,SC2116 # set by grub-mkconfig; lists of words
set -e

xen=/boot/fbcrypt/xen.gz
[ -e $xen ] || exit 0

# shellcheck source=/dev/null
. "$pkgdatadir/grub-mkconfig_lib"

options="$GRUB_CMDLINE_XEN_DEFAULT $GRUB_CMDLINE_XEN"
options="$options iommu=force dom0-iommu=strict efi=no-rs"
options=$(echo $options $GRUB_CMDLINE_FBCRYPT)

# As in 20_linux_xen.
linux="${GRUB_CMDLINE_LINUX_XEN_REPLACE:-$GRUB_CMDLINE_LINUX}"
linux="$linux ${GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT:-$GRUB_CMDLINE_LINUX_DEFAULT}"
root=$GRUB_DEVICE
if [ "$GRUB_DISABLE_LINUX_UUID" != true ] && [ -n "$GRUB_DEVICE_UUID" ] &&
   [ -e "/dev/disk/by-uuid/$GRUB_DEVICE_UUID" ] &&
   ! uses_abstraction "$GRUB_DEVICE" lvm; then
    root=UUID=$GRUB_DEVICE_UUID
fi
case $GRUB_FS in
btrfs)
    subvolume=$(make_system_path_relative_to_its_root /)
    [ -z "${subvolume#/}" ] || linux="rootflags=subvol=${subvolume#/} $linux"
    ;;
esac
linux=$(echo root=$root ro $linux)

entry() # ID TITLE KERNEL VERSION
{
    dir=$(make_system_path_relative_to_its_root /boot)
    cat <<ENTRY
menuentry '$(echo "$2" | grub_quote)' --class gnu-linux --class os --class xen \$menuentry_id_option '$1' {
$(save_default_entry | grub_add_tab)
$(prepare_grub_to_access_device "$GRUB_DEVICE_BOOT" | grub_add_tab)
	insmod gzio
	insmod multiboot2
	if [ "\$grub_platform" = pc -o "\$grub_platform" = "" ]; then
		platform_options=
	else
		platform_options="no-real-mode edd=off"
	fi
	multiboot2 $(make_system_path_relative_to_its_root $xen) placeholder $options \$platform_options
	module2 $dir/${3##*/} placeholder $linux
ENTRY
    [ ! -e "/boot/initrd.img-$4" ] ||
        echo "	module2 --nounzip $dir/initrd.img-$4"
    echo "}"
}

kernels=
for i in /boot/vmlinuz-*; do
    if grub_file_is_not_garbage "$i" &&
       grep -qsx CONFIG_XEN_DOM0=y "/boot/config-${i##*/vmlinuz-}"; then
        kernels="$kernels $i"
    fi
done

os="${GRUB_DISTRIBUTOR:+$GRUB_DISTRIBUTOR }GNU/Linux"
id=fbcrypt
title="$os, with fbcrypt"
for i in $(printf '%s\n' $kernels | version_sort | tac); do
    version=${i##*/vmlinuz-}
    echo "Found fbcrypt hypervisor for Linux: $i" >&2
    [ -z "$id" ] || entry "$id" "$title" "$i" "$version"
    id=
    entry "fbcrypt-$version" "$title and Linux $version" "$i" "$version"
done
