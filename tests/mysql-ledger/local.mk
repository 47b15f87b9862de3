# SPDX-License-Identifier: GPL-2.0-or-later
# The clients of the MySQL scenarios: writers that keep books, and an observer of who is writable.
# Built when the scenarios or bench/mysql ask for them.
EXTRA_DIST += tests/mysql-ledger/README.md

if MYSQL
mysql_ledger_programs = tests/mysql-ledger/mysql-ledger tests/mysql-ledger/mysql-writable
EXTRA_PROGRAMS += $(mysql_ledger_programs)
CLEANFILES += $(mysql_ledger_programs)
tests_mysql_ledger_mysql_ledger_SOURCES = tests/mysql-ledger/ledger.c tests/mysql-ledger/client.c \
	tests/mysql-ledger/client.h
tests_mysql_ledger_mysql_ledger_CFLAGS = $(AM_CFLAGS) $(MARIADB_CFLAGS) -pthread
tests_mysql_ledger_mysql_ledger_LDADD = $(MARIADB_LIBS)
tests_mysql_ledger_mysql_ledger_LDFLAGS = $(AM_LDFLAGS) -pthread
tests_mysql_ledger_mysql_writable_SOURCES = tests/mysql-ledger/writable.c tests/mysql-ledger/client.c \
	tests/mysql-ledger/client.h
tests_mysql_ledger_mysql_writable_CFLAGS = $(AM_CFLAGS) $(MARIADB_CFLAGS) -pthread
tests_mysql_ledger_mysql_writable_LDADD = $(MARIADB_LIBS)
tests_mysql_ledger_mysql_writable_LDFLAGS = $(AM_LDFLAGS) -pthread
endif
