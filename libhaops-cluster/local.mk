# SPDX-License-Identifier: GPL-2.0-or-later
# The Corosync client library: libhaops-cluster.so with what its map names, and the same objects for
# the tests.
haops_cluster_headers = libhaops-cluster/include/haops/cluster.h
EXTRA_DIST += libhaops-cluster/libhaops-cluster.map libhaops-cluster/README.md

libhaops_cluster_sources = \
	libhaops-cluster/cluster.c libhaops-cluster/cluster.h \
	libhaops-cluster/corosync.h \
	libhaops-cluster/corosync-cfg.c \
	libhaops-cluster/corosync-cmap.c \
	libhaops-cluster/corosync-cpg.c \
	libhaops-cluster/corosync-quorum.c \
	libhaops-cluster/corosync-real.c libhaops-cluster/corosync-real.h \
	libhaops-cluster/envelope.c libhaops-cluster/envelope.h \
	libhaops-cluster/events.c libhaops-cluster/events.h \
	libhaops-cluster/group.c libhaops-cluster/group.h \
	libhaops-cluster/outbox.c libhaops-cluster/outbox.h \
	libhaops-cluster/seen.c libhaops-cluster/seen.h \
	libhaops-cluster/shared.c libhaops-cluster/shared.h \
	libhaops-cluster/worker-link.c \
	libhaops-cluster/worker-receive.c \
	libhaops-cluster/worker-send.c \
	libhaops-cluster/worker-view.c \
	libhaops-cluster/worker.c libhaops-cluster/worker.h

if HAOPSD
haopsinclude_HEADERS += $(haops_cluster_headers)
pkgconfig_DATA += libhaops-cluster/haops-cluster.pc

noinst_LTLIBRARIES += libhaops-cluster-internal.la
libhaops_cluster_internal_la_SOURCES = $(libhaops_cluster_sources)
libhaops_cluster_internal_la_CFLAGS = $(AM_CFLAGS) $(COROSYNC_CFLAGS) -pthread
libhaops_cluster_internal_la_LIBADD = $(COROSYNC_LIBS)

lib_LTLIBRARIES += libhaops-cluster.la
libhaops_cluster_la_SOURCES =
libhaops_cluster_la_LIBADD = libhaops-cluster-internal.la libhaops.la $(COROSYNC_LIBS)
libhaops_cluster_la_LDFLAGS = $(AM_LDFLAGS) -pthread -version-info $(HAOPS_VERSION_INFO) \
	-Wl,--version-script=$(top_srcdir)/libhaops-cluster/libhaops-cluster.map
libhaops_cluster_la_DEPENDENCIES = libhaops-cluster-internal.la libhaops.la \
	libhaops-cluster/libhaops-cluster.map
endif
