# SPDX-License-Identifier: GPL-2.0-or-later
# Unit tests are unprivileged and quick: "make check". One program per source file, in tests/unit.
# Live tests want root and make network namespaces of their own: "make check-live".
# What needs agents in action or a cluster is run by tests/run.

# A test that hangs is a failure, not a wait.
LOG_COMPILER = timeout
AM_LOG_FLAGS = --kill-after=5 120

include tests/unit/local.mk
include tests/fuzz/local.mk
include tests/agents/local.mk
include tests/netns/local.mk
include tests/cluster/local.mk
include tests/mysql/local.mk
include tests/tools/local.mk
include tests/mysql-ledger/local.mk

tree_checks = build-aux/check-headers build-aux/check-style build-aux/check-symbols
EXTRA_DIST += $(tree_checks) build-aux/check-dist build-aux/prepare tests/run tests/stages.py \
	tests/under-valgrind
# Whole folders: what is not built here.
EXTRA_DIST += bench docs/decisions tests/agents tests/daemon tests/cluster tests/mysql tests/lab tests/scenarios

# From the folders' copies in the build tree come objects, too.
dist-hook:
	find "$(distdir)" \( -name __pycache__ -o -name .libs -o -name .deps -o -name '*.o' \) \
		-prune -exec rm -rf {} +

if BUILD_MAN
check_symbols_man = docs/man/man3
endif

# The rules of HACKING.md that a program can check.
if HAOPSD
check_texts = $(PYTHON3) -B $(srcdir)/tests/daemon/check-texts $(srcdir) . || test $$? = 77
endif

check-local: $(lib_LTLIBRARIES) all-local
	$(check_texts)
	$(PYTHON3) -B $(srcdir)/build-aux/check-style --stats $(srcdir)
	$(PYTHON3) -B $(srcdir)/build-aux/check-headers $(srcdir) "$(CC)" "$(CXX)"
	$(PYTHON3) -B $(srcdir)/build-aux/check-symbols $(srcdir) .libs $(check_symbols_man)

# Stages of tests/run that go on side by side find all of them made.
test-programs: all $(check_PROGRAMS)
.PHONY: test-programs

# Valgrind up to 3.19 does not know pidfd_open(2): what tells processes apart cannot run under it.
no_valgrind = tests/unit/test_process tests/unit/test_process_list tests/unit/test_process_start \
	tests/unit/test_announcer tests/unit/test_nfs \
	tests/unit/test_outdate tests/unit/test_pcmk
check-valgrind: $(check_PROGRAMS)
	@for test in $(filter-out $(no_valgrind), $(unit_tests)); do \
		if $(srcdir)/tests/under-valgrind ./$$test >$$test.valgrind 2>&1; then \
			echo "PASS: $$test under valgrind"; \
		else \
			cat $$test.valgrind; echo "FAIL: $$test under valgrind"; exit 1; \
		fi; \
	done
	@echo "not run, valgrind lacks pidfd_open(2): $(no_valgrind)"
.PHONY: check-valgrind
MOSTLYCLEANFILES = tests/unit/*.valgrind
