# SPDX-License-Identifier: GPL-2.0-or-later
# The helper that looks at what a record says is exported.
if HAOPSD
pkglibexec_PROGRAMS += haopsd-exports
haopsd_exports_SOURCES = \
	haopsd/exports/main.c \
	haopsd/looker/helper.c haopsd/looker/helper.h haopsd/looker/protocol.h
haopsd_exports_LDADD = libhaops-internal.la
endif
