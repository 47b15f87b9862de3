# SPDX-License-Identifier: GPL-2.0-or-later
# The program of tests/mysql, which tests/run starts: it needs real servers.

if MYSQL
check_PROGRAMS += tests/mysql/mysql-driver
tests_mysql_mysql_driver_SOURCES = tests/mysql/mysql-driver.c
tests_mysql_mysql_driver_CPPFLAGS = -I$(top_srcdir)/libhaops-mysql $(AM_CPPFLAGS)
tests_mysql_mysql_driver_LDADD = libhaops-mysql-internal.la libhaops-internal.la
endif
