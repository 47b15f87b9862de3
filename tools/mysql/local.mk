# SPDX-License-Identifier: GPL-2.0-or-later
# haops-mysql(8), which haops(8) becomes for what needs libmariadb. What is pure is a library, for
# its unit tests; what reads Pacemaker's state is another.
if HAOPSD
if MYSQL
mysql_tool_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tools/mysql -I$(top_srcdir)/tools/haops

noinst_LTLIBRARIES += libhaops-mysql-tool.la
libhaops_mysql_tool_la_SOURCES = \
	tools/mysql/access.h \
	tools/mysql/health.c tools/mysql/health.h \
	tools/mysql/loss.c tools/mysql/loss.h \
	tools/mysql/plan-check.c \
	tools/mysql/plan.c tools/mysql/plan.h \
	tools/mysql/position.c tools/mysql/position.h \
	tools/mysql/remember.c tools/mysql/remember.h \
	tools/mysql/snapshot.c tools/mysql/snapshot.h \
	tools/mysql/tables.c tools/mysql/tables.h \
	tools/mysql/tail-scan.c tools/mysql/tail-scan.h \
	tools/mysql/tool-options.c tools/mysql/tool-options.h \
	tools/mysql/view-rejoin.c tools/mysql/view-rejoin.h \
	tools/mysql/view-status.c tools/mysql/view-status.h \
	tools/mysql/ways.c tools/mysql/ways.h \
	tools/mysql/writes.c tools/mysql/writes.h
libhaops_mysql_tool_la_CPPFLAGS = $(mysql_tool_cppflags)
libhaops_mysql_tool_la_LIBADD = libhaops-writer.la libmysql-decide.la

noinst_LTLIBRARIES += libhaops-mysql-facts.la
libhaops_mysql_facts_la_SOURCES = \
	tools/mysql/facts-find.c tools/mysql/facts-find.h \
	tools/mysql/facts-xml.c tools/mysql/facts-xml.h \
	tools/mysql/facts.c tools/mysql/facts.h
libhaops_mysql_facts_la_CPPFLAGS = $(mysql_tool_cppflags)
libhaops_mysql_facts_la_CFLAGS = $(AM_CFLAGS) $(PACEMAKER_CFLAGS)
libhaops_mysql_facts_la_LIBADD = libhaops-mysql-tool.la libmysql-pure.la $(PACEMAKER_LIBS)

pkglibexec_PROGRAMS += haops-mysql
haops_mysql_SOURCES = \
	tools/mysql/cib.c tools/mysql/cib.h \
	tools/mysql/client.c tools/mysql/client.h \
	tools/mysql/discard.c tools/mysql/discard.h \
	tools/mysql/main.c \
	tools/mysql/pacemaker.c tools/mysql/pacemaker.h \
	tools/mysql/rejoin.c \
	tools/mysql/run.c tools/mysql/run.h \
	tools/mysql/stale.c \
	tools/mysql/status.c \
	tools/mysql/steps.c tools/mysql/steps.h \
	tools/mysql/survey.c tools/mysql/survey.h \
	tools/mysql/switchover.c \
	tools/mysql/tail.c tools/mysql/tail.h \
	tools/mysql/weigh.c
haops_mysql_CPPFLAGS = $(mysql_tool_cppflags)
haops_mysql_CFLAGS = $(AM_CFLAGS) $(PACEMAKER_CFLAGS)
man_MANS += tools/mysql/haops-mysql.8
EXTRA_DIST += tools/mysql/haops-mysql.8
haops_mysql_LDADD = libhaops-mysql-facts.la libhaops-mysql-internal.la libhaops-internal.la \
	$(MARIADB_LIBS) $(PACEMAKER_LIBS)
endif
endif
