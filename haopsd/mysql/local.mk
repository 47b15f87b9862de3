# SPDX-License-Identifier: GPL-2.0-or-later
# The helper that looks at a database, which has libmariadb. Without it (--disable-mysql) haopsd says
# so when a record names a database.
if HAOPSD
if MYSQL
pkglibexec_PROGRAMS += haopsd-mysql
haopsd_mysql_SOURCES = \
	haopsd/looker/helper.c haopsd/looker/helper.h haopsd/looker/protocol.h \
	haopsd/mysql/main.c haopsd/mysql/protocol.h \
	haopsd/mysql/publish.c haopsd/mysql/publish.h \
	haopsd/mysql/verdict.c haopsd/mysql/verdict.h
haopsd_mysql_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/libhaops-mysql
haopsd_mysql_LDADD = libhaops-mysql-internal.la libhaops-internal.la
endif
endif
