# SPDX-License-Identifier: GPL-2.0-only
# The RFB client's tests, with a server's side of their own (rfbenc).

RFB_TESTS := test_rfb test_rfb_hostile test_upstream

$(RFB_TESTS:%=$(B)/tests/unit/%): $(B)/tests/obj/rfbenc.o

RFB_ASAN := $(RFB_TESTS:%=$(B)/tests/unit-asan/%)
ASAN_PROGRAMS += $(RFB_ASAN)
$(RFB_ASAN): $(B)/tests/unit-asan/%: tests/unit/%.c tests/unit/rfbenc.c \
    tests/unit/rfbenc.h tests/unit/rfbpeer.h $(B)/tests/replay/libfbc.a
	@mkdir -p $(@D)
	$(call say,SANLD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(FUZZ_FLAGS) -o $@ $(filter-out %.h,$^) \
	    -lcmocka $(LIBS)

LIBS_test_upstream_peer := -lvncserver
