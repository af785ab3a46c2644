# SPDX-License-Identifier: GPL-2.0-only
# Included by the Makefile: what the tests need and how they are run.

UNIT_TESTS :=
TEST_PROGRAMS :=
FUZZERS    :=

include $(addprefix tests/mk/,core.mk crypto.mk lib.mk shadow.mk rfb.mk \
    proxy.mk attest.mk keyserver.mk ct.mk)

# Programs that the testbed's tests run in dom0.
RAW_PROGRAMS := $(patsubst tests/testbed/%.c,$(B)/tests/%,\
                  $(wildcard tests/testbed/raw*.c))
TESTBED_PROGRAMS := $(RAW_PROGRAMS) $(B)/tests/fbc-status-abi99 \
    $(B)/tests/tiny.elf $(B)/tests/dmshim.so $(B)/tests/keepxmm

LIBS_rawop    := -lxencall -lxenforeignmemory
LIBS_rawgrant := -pthread -lxencall -lxenctrl -lxenforeignmemory -lxengnttab
LIBS_rawbuild := -lxenctrl -lxenforeignmemory -lxengnttab
LIBS_rawtable := -lxencall -lxenctrl -lxenforeignmemory
LIBS_rawmsix  := -lxenctrl -lxenforeignmemory
LIBS_rawchipset := -lxenctrl -lxencall -lxenforeignmemory
LIBS_rawhvm   := -lxenctrl -lxendevicemodel -lxenforeignmemory
LIBS_rawpvh   := -lxenctrl -lxendevicemodel -lxenforeignmemory
LIBS_rawroute := -lxenctrl
LIBS_rawhelper := -lxencall -lxenctrl -lxenevtchn -lxenforeignmemory
LIBS_rawhost  := -lxenctrl -lxenguest -lxencall -lxenforeignmemory
LIBS_rawlaunch := -lxencall -lxenctrl -lxenforeignmemory -lxenguest \
    -lxengnttab -pthread

$(RAW_PROGRAMS): src/xen/include/public/fbcrypt.h \
    tests/testbed/written.h
$(B)/tests/rawlaunch: $(wildcard tests/testbed/launch/*)
$(RAW_PROGRAMS): $(B)/tests/%: tests/testbed/%.c
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) $(FBC_CFLAGS) $(CFLAGS) -o $@ $(filter %.c,$^) $(LIBS_$*)

$(B)/tests/tiny.elf: tests/testbed/launch/tiny.S
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) -nostdlib -static -no-pie -Wl,--build-id=none \
	    -Wl,--no-warn-rwx-segments -Wl,-z,max-page-size=4096 \
	    -T tests/testbed/pvguest/link.lds -o $@ $<

$(B)/tests/keepxmm: tests/testbed/keepxmm.c
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) $(FBC_CFLAGS) $(CFLAGS) -O2 -mgeneral-regs-only -ffreestanding \
	    -fno-stack-protector -fno-pie -nostdlib -static -no-pie -o $@ $<

$(B)/tests/dmshim.so: tests/testbed/dmshim.c
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) $(FBC_CFLAGS) $(CFLAGS) -fPIC -shared -o $@ $<

$(B)/tests/fbc-status-abi99: tests/testbed/abi99.h src/cmd/fbc-status.c \
    src/lib/dom0/hypercall.c $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) $(FBC_CFLAGS) $(CFLAGS) -include $^ -o $@ \
	    $(LIBS_fbc-status) $(LIBS)

# The real domain builder without Xen: what fbc-launch must compute.
$(B)/tests/launchoracle: tests/launchoracle.c $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,CCLD,$@)
	$(Q)$(CC) $(FBC_CFLAGS) $(CFLAGS) -o $@ $^ -lxenctrl -lxenguest $(LIBS)

BENCHES := $(patsubst tests/bench/%.c,$(B)/tests/bench/%,\
             $(wildcard tests/bench/bench_*.c)) \
           $(B)/tests/bench/bench_seal-ipsec-mb \
           $(B)/tests/bench/bench_view-libipsec-mb

# Everything but the testbed's images and hypervisor.
test-programs: all $(B)/tests/launchoracle $(TESTBED_PROGRAMS) $(UNIT_TESTS) \
    $(TEST_PROGRAMS) $(ASAN_PROGRAMS) $(CT_PROGRAMS) \
    $(FUZZERS:%=$(B)/tests/fuzz/%-replay)

check-unit: deps-check
	$(Q)$(MAKE) --no-print-directory test-programs
	$(Q)tests/run unit asan ct fuzz

check-bats: deps-check
	$(Q)$(MAKE) --no-print-directory test-programs
	$(Q)tests/run bats

# All processors have something to do while Xen is patched and linked, and
# packages are fetched.  build-xl calls make, which wants to be alone.
check-testbed: deps-all
	$(Q)$(MAKE) --no-print-directory hypervisor images test-programs
	$(Q)scripts/build-xl
	$(Q)tests/run testbed

check: deps-all
	$(Q)$(MAKE) --no-print-directory hypervisor images test-programs
	$(Q)scripts/build-xl
	$(Q)tests/run unit asan ct fuzz testbed bats $(if $(FBC_ALL),packages)

# The Debian packages built twice, in a fresh Debian, and on a whole host.
check-packages: deps-all
	$(Q)$(MAKE) --no-print-directory all
	$(Q)tests/run packages

# The patched hypervisor, xl and the special guests of the testbed.
xen: hypervisor
	$(Q)scripts/build-xl

hypervisor: deps-all
	$(Q)scripts/build-xen
	$(Q)mkdir -p $(B)/tests
	$(Q)tests/testbed/pvguest/build.sh $(B)/tests/pvguest.elf

# The testbed looks after those that are there, and fails where none can be.
images: deps-all
	$(Q)[ -e $(B)/images/key ] || scripts/testbed images || true

# What the hypervisor gets from here, in lines: ours, then BearSSL's.
tcb_of = printf '%6d  %s\n' "$$(cat $(1) | wc -l)" '$(2)'
tcb: $(BEARSSL_TREE)/inc/bearssl.h
	@$(call tcb_of,src/core/*.[ch],src/core)
	@$(call tcb_of,src/crypto/crypto-bearssl.c,src/crypto)
	@$(call tcb_of,$$(find src/xen -name '*.[ch]'),src/xen)
	@$(call tcb_of,src/xen/patches/*.patch,src/xen/patches (with context))
	@$(call tcb_of,$(BEARSSL_C:%=$(BEARSSL_TREE)/%),BearSSL)

# What changes with each update of Debian's, and needs its mirrors.
check-kernels: deps-check
	$(Q)$(MAKE) --no-print-directory all $(B)/tests/launchoracle
	$(Q)tests/kernels

demo:
	$(Q)scripts/demo

# Who reads what of a screen under which cipher, in build/attack.
attack-demo:
	$(Q)scripts/deps -c build attack
	$(Q)$(MAKE) --no-print-directory $(B)/tests/mkleak \
	    $(B)/bin/fbc-leakcheck $(B)/bin/fbc-decrypt-frames
	$(Q)scripts/attack-demo

# Coverage-guided: SECONDS=n for each target; findings stay in build/tests.
SECONDS ?= 60
fuzz: deps-check
	$(Q)$(MAKE) --no-print-directory $(FUZZERS:%=$(B)/tests/fuzz/%)
	$(Q)for f in $(FUZZERS); do \
	    mkdir -p $(B)/tests/fuzz/found/$$f && \
	    $(B)/tests/fuzz/$$f -max_total_time=$(SECONDS) -print_final_stats=1 \
	        -artifact_prefix=$(B)/tests/fuzz/found/$$f/ \
	        $(B)/tests/fuzz/found/$$f tests/fuzz/corpus/$$f || exit 1; done

# Are the tests of use?  Faults on purpose, and lines that no test runs.
faults: deps-check
	$(Q)$(MAKE) --no-print-directory test-programs
	$(Q)tests/faults/faults.py

# FBC_ALL=1: with what runs in dom0.
coverage: $(if $(FBC_ALL),deps-all,deps-check)
	$(if $(FBC_ALL),$(Q)$(MAKE) --no-print-directory hypervisor images \
	    test-programs)
	$(Q)tests/coverage/coverage.py $(if $(FBC_ALL),unit fuzz bats testbed)

$(B)/bin/fbc-vncproxy: LIBS += $(UNCAGE)
coverage-programs: all $(B)/tests/launchoracle $(UNIT_TESTS) \
    $(TEST_PROGRAMS) $(FUZZERS:%=$(B)/tests/fuzz/%-replay)

bench-native: deps-check
	$(Q)scripts/sources bearssl
	$(Q)$(MAKE) --no-print-directory $(BENCHES)
	$(Q)rc=0; for b in $(BENCHES); do $$b || rc=1; done; exit $$rc

# One report of these: build/bench/index.html.  FBC_ALL=1: and of what needs
# real Xen.
bench: $(if $(FBC_ALL),deps-all)
	$(Q)scripts/deps -c build bench
	$(Q)scripts/sources bearssl
	$(Q)$(MAKE) --no-print-directory $(BENCHES) \
	    $(if $(FBC_ALL),all xen $(B)/tests/mkleak)
	$(Q)tests/bench/run $(BENCHES)

bench-gcm: deps-check
	$(Q)$(MAKE) --no-print-directory $(B)/tests/bench/gcm
	$(Q)$(B)/tests/bench/gcm

# Packages are not installed from here: that is for root to do, on purpose.
deps-check:
	$(Q)scripts/deps -c build check deb
	$(Q)scripts/sources bearssl
	$(Q)scripts/novnc > /dev/null

deps-all:
	$(Q)scripts/deps -c
	$(Q)scripts/sources bearssl
	$(Q)scripts/novnc > /dev/null

.PHONY: test-programs check check-unit check-bats check-testbed \
        check-packages check-kernels xen hypervisor images tcb demo \
        attack-demo fuzz faults coverage coverage-programs bench \
        bench-native bench-gcm deps-check deps-all
