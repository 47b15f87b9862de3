# SPDX-License-Identifier: GPL-2.0-or-later
# haops(8). What is pure is a library, for its unit tests.
if HAOPSD
# How tools show what they know.
noinst_LTLIBRARIES += libhaops-writer.la
libhaops_writer_la_SOURCES = \
	tools/haops/format.c tools/haops/format.h \
	tools/haops/live.c tools/haops/live.h \
	tools/haops/problems.c tools/haops/problems.h \
	tools/haops/writer-json.c \
	tools/haops/writer-text.c \
	tools/haops/writer-xml.c \
	tools/haops/writer.c tools/haops/writer.h

noinst_LTLIBRARIES += libhaops-tool.la
libhaops_tool_la_SOURCES = \
	tools/haops/drbd-proc.c tools/haops/drbd-proc.h \
	tools/haops/drbd-report.c tools/haops/drbd-report.h \
	tools/haops/drbd-verdict.c tools/haops/drbd-verdict.h \
	tools/haops/options.c tools/haops/options.h \
	tools/haops/verbs.c tools/haops/verbs.h \
	tools/haops/verdict.c tools/haops/verdict.h \
	tools/haops/views-drbd.c \
	tools/haops/views-nodes.c \
	tools/haops/views.c tools/haops/views.h
libhaops_tool_la_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
libhaops_tool_la_LIBADD = libhaops-writer.la libdrbd-pure.la

sbin_PROGRAMS += haops
haops_SOURCES = \
	tools/haops/ask-drbd.c tools/haops/ask-drbd.h \
	tools/haops/ask.c tools/haops/ask.h \
	tools/haops/main.c
haops_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
haops_CPPFLAGS = $(AM_CPPFLAGS) -DHAOPS_MYSQL_PROGRAM='"$(pkglibexecdir)/haops-mysql"'
haops_LDADD = libhaops-tool.la libhaopsd-ipc.la libhaopsd-heart.la libhaops-internal.la $(QB_LIBS)

man_MANS += tools/haops/haops.8
EXTRA_DIST += tools/haops/haops.8
endif
