# SPDX-License-Identifier: GPL-2.0-only
# make             the tools, in build/bin
# make check       all tests, from unit to testbed (needs what scripts/deps
#                  installs)
# make demo        an encrypted screen on real Xen, pictures in build/demo
# make attack-demo what dom0 reads under which cipher: build/attack/attack.png
#   IPSEC_MB=1     those that open screens do it by libIPSec_MB, not OpenSSL
# make install     honours DESTDIR and PREFIX
# make deb         Debian packages, in build/deb

PREFIX     ?= /usr/local
BINDIR     ?= $(PREFIX)/bin
SBINDIR    ?= $(PREFIX)/sbin
MANDIR     ?= $(PREFIX)/share/man
COMPDIR    ?= $(PREFIX)/share/bash-completion/completions
UNITDIR    ?= $(PREFIX)/lib/systemd/system
CC         ?= cc
CFLAGS     ?= -O2 -g
V          ?= 0
B          := build
VERSION    := 0.1

Q = $(if $(filter 1,$(V)),,@)
say = $(if $(filter 1,$(V)),,@printf '  %-7s %s\n' $(1) $(2))

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wwrite-strings -Wvla -Werror=implicit-function-declaration \
            $(if $(WERROR),-Werror)
FBC_CFLAGS := -std=gnu11 $(WARN) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
            -fstack-protector-strong -D_FORTIFY_SOURCE=2 \
            -DFBC_VERSION='"$(VERSION)"' -Isrc
HARDEN   := -Wl,-z,relro,-z,now

CORE     := $(wildcard src/core/*.c)
PARSE    := $(wildcard src/parse/*/*.c)
LIB      := $(wildcard src/lib/*/*.c)
TOOLS    := $(patsubst src/cmd/%.c,%,$(wildcard src/cmd/fbc-*.c))
# Tools that need Xen run in dom0 and go to sbin.
XEN_TOOLS := fbc-setkey fbc-status fbc-dumpvfb fbc-sendinput
SCRIPTS  := fbc-view fbc-mkimage
PAGES    := $(wildcard man/*.[1578])
# Of systemd; @BINDIR@ in them is where the tools are.
UNITS    := $(wildcard scripts/*.service scripts/*.socket)

core_o   := $(CORE:src/%.c=$(B)/obj/%.o) $(PARSE:src/%.c=$(B)/obj/%.o) \
            $(B)/obj/crypto/crypto-openssl.o
lib_o    := $(LIB:src/%.c=$(B)/obj/%.o)

all: $(TOOLS:%=$(B)/bin/%)

$(B)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(FBC_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/libfbc.a: $(core_o) $(lib_o)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

# The fonts of the proxy's banner become part of it.
FONTS    ?= /usr/share/consolefonts
BANNER_O := $(patsubst %,$(B)/%lib/proxy/banner.o,obj/ tests/fuzz/obj/ \
              tests/replay/obj/)

$(BANNER_O): CPPFLAGS += -I$(B)/gen
$(BANNER_O): $(B)/gen/banner_font.h
$(B)/gen/banner_font.h: scripts/banner-font
	@mkdir -p $(@D)
	$(call say,GEN,$@)
	$(Q)scripts/banner-font $(FONTS) > $@

OPENERS  := fbc-decrypt-frames fbc-vncproxy
GCM_O    := $(if $(IPSEC_MB),$(B)/obj/crypto/gcm-ipsec-mb.o)

LIBS := -lcrypto -lz
LIBS_fbc-setkey := -lxencall -lxenstore
LIBS_fbc-status := -lxencall -lxenstore
LIBS_fbc-sendinput := -lxencall -lxenstore
LIBS_fbc-dumpvfb := -lxencall -lxenforeignmemory -lxenstore -lxenctrl \
                    -lxenguest -lxengnttab
LIBS_fbc-decrypt-frames := -lpng
LIBS_fbc-leakcheck := -lpng -lm
LIBS_fbc-vncproxy := -lvncserver -lseccomp -lxkbcommon
LIBS_fbc-attest := -lcurl
LIBS_fbc-launch := -llzma -lzstd
LIBS_fbc-wrapkey := -lcurl
LIBS_fbc-keyserver := -lmicrohttpd -lgnutls -lsqlite3 -lcurl -pthread

$(OPENERS:%=$(B)/bin/%): $(GCM_O)
$(OPENERS:%=$(B)/bin/%): LIBS += $(if $(IPSEC_MB),-lIPSec_MB)

$(B)/bin/%: $(B)/obj/cmd/%.o $(B)/libfbc.a
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(HARDEN) $(LDFLAGS) -o $@ $(filter %.o,$^) \
	    $(B)/libfbc.a $(LIBS_$*) $(LIBS)

-include $(wildcard $(B)/obj/*/*.d $(B)/obj/*/*/*.d)

include tests/mk/tests.mk

install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(SBINDIR) $(DESTDIR)$(COMPDIR)
	for t in $(filter-out $(XEN_TOOLS),$(TOOLS)); do \
	    install -m 755 $(B)/bin/$$t $(DESTDIR)$(BINDIR)/ || exit 1; done
	install -m 755 $(SCRIPTS:%=scripts/%) $(DESTDIR)$(BINDIR)/
	for t in $(filter $(XEN_TOOLS),$(TOOLS)); do \
	    install -m 755 $(B)/bin/$$t $(DESTDIR)$(SBINDIR)/ || exit 1; done
	for p in $(PAGES); do s=man$${p##*.}; \
	    install -d $(DESTDIR)$(MANDIR)/$$s && \
	    install -m 644 $$p $(DESTDIR)$(MANDIR)/$$s/ || exit 1; done
	for u in $(UNITS); do install -d $(DESTDIR)$(UNITDIR) && \
	    sed 's|@BINDIR@|$(BINDIR)|' $$u > $(DESTDIR)$(UNITDIR)/$${u##*/} \
	    && chmod 644 $(DESTDIR)$(UNITDIR)/$${u##*/} || exit 1; done
	install -m 644 scripts/completion.bash $(DESTDIR)$(COMPDIR)/fbc-keygen
	for t in $(filter-out fbc-keygen,$(TOOLS)) $(SCRIPTS); do \
	    ln -sf fbc-keygen $(DESTDIR)$(COMPDIR)/$$t || exit 1; done

deb:
	$(Q)scripts/deps -c build xen deb
	$(Q)scripts/build-deb

clean:
	rm -rf $(B)/obj $(B)/bin $(B)/libfbc.a $(B)/tests $(B)/gen $(B)/faults \
	    $(B)/coverage

.PHONY: all install deb clean
.SECONDARY: $(TOOLS:%=$(B)/obj/cmd/%.o)
.DELETE_ON_ERROR:
