# SPDX-License-Identifier: GPL-2.0-only
# The RFB client's tests, with a server's side of their own (rfbenc).

RFB_TESTS := test_rfb test_rfb_hostile test_upstream

$(RFB_TESTS:%=$(B)/tests/unit/%): $(B)/tests/obj/rfbenc.o

RFB_ASAN := $(RFB_TESTS:%=$(B)/tests/unit-asan/%)
ASAN_PROGRAMS += $(RFB_ASAN)
$(RFB_ASAN): $(B)/tests/unit-asan/%: tests/unit/%.c tests/unit/rfbenc.c \
    tests/unit/rfbenc.h tests/unit/rfbpeer.h tests/unit/must.h \
    $(B)/tests/replay/libfbc.a
	@mkdir -p $(@D)
	$(call say,SANLD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(SAN_FLAGS) -o $@ $(filter-out %.h,$^) \
	    -lcmocka $(LIBS)

LIBS_test_upstream_peer := -lvncserver

$(B)/tests/bench/bench_rfb: $(B)/tests/bench/obj/bench_rfb.o \
    $(B)/tests/bench/obj/bench.o $(B)/tests/obj/rfbenc.o $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
.SECONDARY: $(B)/tests/bench/obj/bench_rfb.o

# The malicious server for the proxy's tests.
TEST_PROGRAMS += $(B)/tests/evilvnc
EVIL_O := $(patsubst %,$(B)/tests/obj/peers/%.o,evilvnc evilrfb \
            evilshadow evilinput)
$(EVIL_O): $(B)/tests/obj/peers/%.o: tests/peers/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
-include $(EVIL_O:.o=.d)

$(B)/tests/evilvnc: $(EVIL_O) $(B)/tests/obj/rfbenc.o $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)
$(B)/tests/unit/test_evil: | $(B)/tests/evilvnc
