# SPDX-License-Identifier: GPL-2.0-only
# How fast a verifier is.  Its unit tests and fuzz targets need no rules.

$(B)/tests/bench/bench_attest: $(B)/tests/bench/obj/bench_attest.o \
    $(B)/tests/bench/obj/bench.o $(B)/libfbc.a | $(B)/bin/fbc-attest
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -ljansson $(LIBS)

.SECONDARY: $(B)/tests/bench/obj/bench_attest.o
