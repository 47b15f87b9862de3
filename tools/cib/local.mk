# SPDX-License-Identifier: GPL-2.0-or-later
# haops-cib: what an agent remembers where it outlives every node. A process of its own, since
# Pacemaker's libraries cost more to load than all else an agent does.

if HAOPSD
pkglibexec_PROGRAMS += haops-cib
haops_cib_SOURCES = \
	tools/cib/cib.h \
	tools/cib/main.c \
	tools/cib/nodes.c \
	tools/cib/options.c \
	tools/cib/options.h \
	tools/cib/quorum.c \
	tools/cib/quorum.h \
	tools/cib/set.c \
	libhaops/util/num.c libhaops/util/num.h
haops_cib_CFLAGS = $(AM_CFLAGS) $(COROSYNC_CFLAGS) $(PACEMAKER_CFLAGS)
haops_cib_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools/cib
haops_cib_LDADD = $(PACEMAKER_LIBS) $(COROSYNC_LIBS)
endif
