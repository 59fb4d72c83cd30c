# The fuzz targets' own makefile, called by that of the build (subdir.am) with srcdir, CPPFLAGS and
# LIBS: all that a daemon is made of, compiled by clang with the coverage that the fuzzer looks at.
# A target is linked with what it uses of that.
TARGETS = update open attr cli line conf
SECONDS = 60
CC = clang
# shift-base: an inline function of linux/ethtool.h shifts a bit into the sign.
CFLAGS = -std=gnu17 -g -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=shift-base \
	-fno-sanitize-recover=undefined
# Ten seconds for an input of at most 4 KiB is a hang.
RUN = -max_total_time=$(SECONDS) -max_len=4096 -timeout=10 -verbosity=0 -print_final_stats=1

VPATH = $(srcdir)
SOURCES = $(patsubst $(srcdir)/%,%,$(filter-out $(srcdir)/bgpd/main.c $(srcdir)/vty/vtysh_%.c, \
	$(wildcard $(foreach room,lib cli vty bgpd bgpd/*,$(srcdir)/$(room)/*.c)))) \
	tests/unit/cli_toy.c tests/fuzz/language.c
OBJECTS = $(SOURCES:%.c=tests/fuzz/obj/%.o)
PROGRAMS = $(TARGETS:%=tests/fuzz/fuzz_%)

.PHONY: all one-by-one $(TARGETS:%=run-%)
.SECONDARY:
all: $(TARGETS:%=run-%)
one-by-one:
	@set -e; for t in $(TARGETS); do $(MAKE) --no-print-directory -f $(srcdir)/tests/fuzz/fuzz.mk \
		run-$$t; done

tests/fuzz/obj/%.o: %.c $(srcdir)/tests/fuzz/fuzz.mk
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<
-include $(OBJECTS:.o=.d)

tests/fuzz/libfuzzed.a: $(OBJECTS)
	@rm -f $@
	@ar rcs $@ $(OBJECTS)

$(PROGRAMS): tests/fuzz/fuzz_%: tests/fuzz/obj/tests/fuzz/fuzz_%.o tests/fuzz/libfuzzed.a
	@$(CC) $(CFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

# The words of the language, so that the fuzzer need not find them letter by letter.
tests/fuzz/words.dict: doc/commands.md
	@grep -ohE '[a-zA-Z][a-zA-Z0-9-]+' $< | sort -u | sed 's/.*/"&"/' >$@

$(TARGETS:%=run-%): run-%: tests/fuzz/fuzz_% tests/fuzz/words.dict
	@echo "  FUZZ     $* ($(SECONDS) s)"
	@mkdir -p tests/fuzz/found/$*
	@tests/fuzz/fuzz_$* $(RUN) -dict=tests/fuzz/words.dict -artifact_prefix=tests/fuzz/$*- \
		tests/fuzz/found/$* $(srcdir)/tests/fuzz/corpus/$*
