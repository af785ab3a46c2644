# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034  # for those who source it
# Which Debian Xen and dom0 are of: FBC_SUITE.  Sets suite, and work: the
# directory below which Xen's source, Xen and dom0's images are.
suite=${FBC_SUITE:-bookworm}
case $suite in
bookworm) work=build ;;
trixie) work=build/trixie ;;
*)
    echo "${0##*/}: error: FBC_SUITE: $suite: bookworm or trixie" >&2
    exit 2
    ;;
esac
