# SPDX-License-Identifier: GPL-2.0-or-later
# Helper processes that are asked one question at a time.
if HAOPSD
noinst_LTLIBRARIES += libhaopsd-prober.la
libhaopsd_prober_la_SOURCES = haopsd/prober/prober.c haopsd/prober/prober.h
endif
