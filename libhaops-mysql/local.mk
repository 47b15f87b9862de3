# SPDX-License-Identifier: GPL-2.0-or-later
# Replication of MariaDB and MySQL: libhaops-mysql.so with what its map names, and the same objects
# for the tests.
haops_mysql_headers = \
	libhaops-mysql/include/haops/mysql-gtid.h \
	libhaops-mysql/include/haops/mysql.h
EXTRA_DIST += libhaops-mysql/libhaops-mysql.map libhaops-mysql/README.md

libhaops_mysql_sources = \
	libhaops-mysql/answer.c libhaops-mysql/answer.h \
	libhaops-mysql/apply-left.c \
	libhaops-mysql/ask.c \
	libhaops-mysql/boundary.h \
	libhaops-mysql/boundary-libmariadb.c \
	libhaops-mysql/client.c libhaops-mysql/client.h \
	libhaops-mysql/change.c libhaops-mysql/change.h \
	libhaops-mysql/check.c \
	libhaops-mysql/compare.c libhaops-mysql/compare.h \
	libhaops-mysql/connect.c \
	libhaops-mysql/connect-error.c libhaops-mysql/connect-error.h \
	libhaops-mysql/dialect.c libhaops-mysql/dialect.h \
	libhaops-mysql/elect.c \
	libhaops-mysql/elect-facts.c libhaops-mysql/elect-facts.h \
	libhaops-mysql/events.c \
	libhaops-mysql/gtid.c libhaops-mysql/gtid.h \
	libhaops-mysql/gtid-mariadb.c \
	libhaops-mysql/gtid-mysql.c \
	libhaops-mysql/gtid-parse.c \
	libhaops-mysql/operations.c \
	libhaops-mysql/plan.h \
	libhaops-mysql/plan-demote.c libhaops-mysql/plan-demote.h \
	libhaops-mysql/plan-drain.c libhaops-mysql/plan-drain.h \
	libhaops-mysql/plan-durability.c libhaops-mysql/plan-durability.h \
	libhaops-mysql/plan-promote.c libhaops-mysql/plan-promote.h \
	libhaops-mysql/plan-repoint.c libhaops-mysql/plan-repoint.h \
	libhaops-mysql/relay.c libhaops-mysql/relay.h \
	libhaops-mysql/replication-error.c libhaops-mysql/replication-error.h \
	libhaops-mysql/runner.c libhaops-mysql/runner.h \
	libhaops-mysql/seen.c libhaops-mysql/seen.h \
	libhaops-mysql/session.c libhaops-mysql/session.h \
	libhaops-mysql/sessions.c libhaops-mysql/sessions.h \
	libhaops-mysql/status.c libhaops-mysql/status.h \
	libhaops-mysql/status-done.c \
	libhaops-mysql/step.c \
	libhaops-mysql/text.c libhaops-mysql/text.h

if MYSQL
haopsinclude_HEADERS += $(haops_mysql_headers)
pkgconfig_DATA += libhaops-mysql/haops-mysql.pc

noinst_LTLIBRARIES += libhaops-mysql-internal.la
libhaops_mysql_internal_la_SOURCES = $(libhaops_mysql_sources)
libhaops_mysql_internal_la_CFLAGS = $(AM_CFLAGS) $(MARIADB_CFLAGS) -pthread
# libmariadb is loaded when it is needed, see client.h.

lib_LTLIBRARIES += libhaops-mysql.la
libhaops_mysql_la_SOURCES =
libhaops_mysql_la_LIBADD = libhaops-mysql-internal.la libhaops.la
libhaops_mysql_la_LDFLAGS = $(AM_LDFLAGS) -pthread -version-info $(HAOPS_VERSION_INFO) \
	-Wl,--version-script=$(top_srcdir)/libhaops-mysql/libhaops-mysql.map
libhaops_mysql_la_DEPENDENCIES = libhaops-mysql-internal.la libhaops.la \
	libhaops-mysql/libhaops-mysql.map
endif
