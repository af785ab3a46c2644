# SPDX-License-Identifier: GPL-2.0-only
# How fast a verifier is, and the hypervisor's part: its key at boot.

$(B)/tests/bench/bench_attest: $(B)/tests/bench/obj/bench_attest.o \
    $(B)/tests/bench/obj/bench.o $(B)/libfbc.a | $(B)/bin/fbc-attest
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ljansson $(LIBS)

.SECONDARY: $(B)/tests/bench/obj/bench_attest.o

# With a TPM's socket, for the bats tests.
TEST_PROGRAMS += $(B)/tests/bootkey
$(B)/tests/bootkey: tests/peers/bootkey.c $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -o $@ $^ $(LIBS)

VMMKEY_TESTS := test_vmmkey test_vmmkey_faults
VMMKEY_PARTS := boots faketpm fakejudge
VMMKEY_O     := $(VMMKEY_PARTS:%=$(B)/tests/obj/%.o)
$(VMMKEY_TESTS:%=$(B)/tests/unit/%): $(B)/tests/unit/%: $(B)/tests/obj/%.o \
    $(B)/tests/obj/vec.o $(VMMKEY_O) $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka -ljansson $(LIBS)
$(B)/tests/unit/test_vmmkey-bearssl: $(VMMKEY_O)

TPM_ASAN      := test_tpm2 $(VMMKEY_TESTS)
ASAN_PROGRAMS += $(TPM_ASAN:%=$(B)/tests/unit-asan/%)
$(TPM_ASAN:%=$(B)/tests/unit-asan/%): $(B)/tests/unit-asan/%: \
    tests/unit/%.c tests/unit/vec.c $(VMMKEY_PARTS:%=tests/unit/%.c) \
    $(B)/tests/replay/libfbc.a
	@mkdir -p $(@D)
	$(call say,SANLD,$@)
	$(Q)$(CC) $(CPPFLAGS) $(SAN_FLAGS) -o $@ $^ -lcmocka -ljansson $(LIBS)

$(B)/tests/fuzz/fuzz_tpm2 $(B)/tests/fuzz/fuzz_tpm2-replay: \
    tests/unit/faketpm.c tests/unit/fakejudge.c
