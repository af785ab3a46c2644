# SPDX-License-Identifier: GPL-2.0-only
# The tests of the proxy's viewers' side.

PROXY_ASAN    := test_banner test_rfbs test_viewers test_live test_bgrx \
                 test_keys test_sender test_sendline
ASAN_PROGRAMS += $(PROXY_ASAN:%=$(B)/tests/unit-asan/%)

LIBS_test_viewers := -lvncserver
LIBS_test_confine := -lseccomp
LIBS_test_keys    := -lxkbcommon
LIBS_fuzz_typist  := -lxkbcommon

$(PROXY_ASAN:%=$(B)/tests/unit-asan/%): $(B)/tests/unit-asan/%: \
    tests/unit/%.c tests/unit/vec.c $(B)/tests/replay/libfbc.a
	@mkdir -p $(@D)
	$(call say,SANLD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(SAN_FLAGS) -o $@ $^ $(LIBS_$*) -lcmocka \
	    -ljansson $(LIBS)

# A viewer for the bats tests.
TEST_PROGRAMS += $(B)/tests/vncwatch
$(B)/tests/vncwatch: tests/peers/vncwatch.c $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -o $@ $^ -lvncclient \
	    $(LIBS)

$(B)/tests/bench/bench_proxy: $(B)/tests/bench/obj/bench_proxy.o \
    $(B)/tests/bench/obj/bench.o $(B)/tests/obj/rfbenc.o $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lvncserver $(LIBS)
.SECONDARY: $(B)/tests/bench/obj/bench_proxy.o
