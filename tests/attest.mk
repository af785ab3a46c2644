# SPDX-License-Identifier: GPL-2.0-only
# How fast a verifier is.  Its unit tests and fuzz targets need no rules.

$(B)/tests/bench/bench_attest: $(B)/tests/bench/obj/bench_attest.o \
    $(B)/tests/bench/obj/bench.o $(B)/libfbc.a | $(B)/bin/fbc-attest
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ljansson $(LIBS)

.SECONDARY: $(B)/tests/bench/obj/bench_attest.o

# The hypervisor's part at boot, for the bats tests.
UNIT_TESTS += $(B)/tests/bootkey
$(B)/tests/bootkey: tests/bootkey.c $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -o $@ $^ $(LIBS)

VMMKEY_TESTS := $(B)/tests/unit/test_vmmkey $(B)/tests/unit/test_vmmkey-bearssl
$(VMMKEY_TESTS): $(B)/tests/obj/faketpm.o $(B)/tests/obj/fakejudge.o

TPM_ASAN      := test_tpm2 test_vmmkey
ASAN_PROGRAMS += $(TPM_ASAN:%=$(B)/tests/unit-asan/%)
$(TPM_ASAN:%=$(B)/tests/unit-asan/%): $(B)/tests/unit-asan/%: \
    tests/unit/%.c tests/unit/vec.c tests/unit/faketpm.c \
    tests/unit/fakejudge.c $(B)/tests/replay/libfbc.a
	@mkdir -p $(@D)
	$(call say,SANLD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(FUZZ_FLAGS) -o $@ $^ -lcmocka -ljansson $(LIBS)
