/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What Xen's configure would find on Debian 12 and 13, as far as xl asks for
 * it.  scripts/build-xl says of which release libxenlight is (XEN_RELEASE).
 */
#define HAVE_YAJL_YAJL_VERSION_H 1
#define XEN_LOCK_DIR "/var/lock"
#define XEN_RUN_DIR "/run/xen"
#define XEN_LOG_DIR "/var/log/xen"
#define XEN_DUMP_DIR "/var/lib/xen/dump"
#define XEN_CONFIG_DIR "/etc/xen"
#define XEN_SCRIPT_DIR "/etc/xen/scripts"
#define XENFIRMWAREDIR "/usr/lib/xen-" XEN_RELEASE "/boot"
