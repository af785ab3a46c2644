# SPDX-License-Identifier: GPL-2.0-only
# The RFB client's tests, with a server's side of their own (rfbenc).

RFB_TESTS := test_rfb test_rfb_hostile

$(RFB_TESTS:%=$(B)/tests/unit/%): $(B)/tests/obj/rfbenc.o

ASAN_PROGRAMS += $(RFB_TESTS:%=$(B)/tests/unit-asan/%)
$(RFB_TESTS:%=$(B)/tests/unit-asan/%): tests/unit/rfbenc.c
