#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""bootoption.py TEXT: an EFI variable Boot####, as efivarfs takes it, for the
file \\EFI\\BOOT\\BOOTX64.EFI with TEXT as load options (UEFI 2.10, 3.1.3)."""
import struct
import sys

name = "\\EFI\\BOOT\\BOOTX64.EFI\0".encode("utf-16-le")
path = struct.pack("<BBH", 4, 4, 4 + len(name)) + name
path += struct.pack("<BBH", 0x7f, 0xff, 4)
option = struct.pack("<IH", 1, len(path)) + "x\0".encode("utf-16-le") + path
option += (sys.argv[1] + "\0").encode("utf-16-le")
sys.stdout.buffer.write(struct.pack("<I", 7) + option)
