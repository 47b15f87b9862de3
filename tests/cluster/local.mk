# SPDX-License-Identifier: GPL-2.0-or-later
# Programs for tests/cluster, which tests/run starts: they need real nodes, see tests/lab.

if HAOPSD
check_PROGRAMS += tests/cluster/cluster-driver
tests_cluster_cluster_driver_SOURCES = tests/cluster/cluster-driver.c
tests_cluster_cluster_driver_LDADD = libhaops-cluster-internal.la libhaops-internal.la
endif
