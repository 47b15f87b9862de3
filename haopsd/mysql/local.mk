# SPDX-License-Identifier: GPL-2.0-or-later
# Databases under watch: haopsd's end, and the helper process, which has libmariadb. Without the
# helper (--disable-mysql) haopsd says so when a record names a database.
if HAOPSD
noinst_LTLIBRARIES += libhaopsd-mysql.la
libhaopsd_mysql_la_SOURCES = \
	haopsd/mysql/database.c haopsd/mysql/database.h \
	haopsd/mysql/protocol.h haopsd/mysql/verdict.h
libhaopsd_mysql_la_CPPFLAGS = $(AM_CPPFLAGS) -DHAOPSD_MYSQL_PROGRAM='"$(pkglibexecdir)/haopsd-mysql"'
libhaopsd_mysql_la_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
libhaopsd_mysql_la_LIBADD = libhaopsd-prober.la $(QB_LIBS)

if MYSQL
pkglibexec_PROGRAMS += haopsd-mysql
haopsd_mysql_SOURCES = \
	haopsd/mysql/main.c haopsd/mysql/protocol.h \
	haopsd/mysql/verdict.c haopsd/mysql/verdict.h
haopsd_mysql_LDADD = libhaops-mysql-internal.la libhaops-internal.la
endif
endif
