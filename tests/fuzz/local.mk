# SPDX-License-Identifier: GPL-2.0-or-later
# Fuzz targets. A new one, tests/fuzz/fuzz_NAME.c with seeds in tests/fuzz/corpus/NAME/, takes two
# lines: one in fuzz_targets, and its LDADD (libocf.la too for a parser of the agent framework).
# "make check" runs each over its corpus; with --enable-fuzzers they are libFuzzer's, see
# tests/fuzz/run.

fuzz_targets = \
	tests/fuzz/fuzz_addr \
	tests/fuzz/fuzz_arp_packet \
	tests/fuzz/fuzz_drbd \
	tests/fuzz/fuzz_filesystem \
	tests/fuzz/fuzz_http \
	tests/fuzz/fuzz_mountinfo \
	tests/fuzz/fuzz_nfs \
	tests/fuzz/fuzz_nginx \
	tests/fuzz/fuzz_notify_text \
	tests/fuzz/fuzz_ocf_param \
	tests/fuzz/fuzz_proc_stat \
	tests/fuzz/fuzz_rtnl \
	tests/fuzz/fuzz_rtnl_msg \
	tests/fuzz/fuzz_watch

tests_fuzz_fuzz_addr_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_arp_packet_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_drbd_LDADD = libdrbd-pure.la $(fuzz_ldadd)
tests_fuzz_fuzz_filesystem_LDADD = libfilesystem-pure.la $(fuzz_ldadd)
tests_fuzz_fuzz_http_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_mountinfo_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_nfs_LDADD = libnfs-pure.la $(fuzz_ldadd)
tests_fuzz_fuzz_nginx_LDADD = libnginx-pure.la libocf.la $(fuzz_ldadd)
tests_fuzz_fuzz_notify_text_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_ocf_param_LDADD = libocf.la $(fuzz_ldadd)
tests_fuzz_fuzz_proc_stat_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_rtnl_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_rtnl_msg_LDADD = $(fuzz_ldadd)
tests_fuzz_fuzz_watch_LDADD = $(fuzz_ldadd)

if MYSQL
fuzz_targets += tests/fuzz/fuzz_mysql_agent
tests_fuzz_fuzz_mysql_agent_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/libhaops-mysql
tests_fuzz_fuzz_mysql_agent_LDADD = libmysql-pure.la libmysql-decide.la libhaops-mysql-internal.la $(fuzz_ldadd)
endif

if HAOPSD
fuzz_targets += tests/fuzz/fuzz_cluster_envelope
tests_fuzz_fuzz_cluster_envelope_CPPFLAGS = -I$(top_srcdir)/libhaops-cluster $(AM_CPPFLAGS)
tests_fuzz_fuzz_cluster_envelope_LDADD = libhaops-cluster-internal.la $(fuzz_ldadd)
endif

if HAOPSD
fuzz_targets += tests/fuzz/fuzz_outdate_request tests/fuzz/fuzz_pcmk_packet
tests_fuzz_fuzz_outdate_request_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools
tests_fuzz_fuzz_outdate_request_LDADD = liboutdate-request.la $(fuzz_ldadd)
tests_fuzz_fuzz_pcmk_packet_LDADD = libhaopsd-pcmk.la $(fuzz_ldadd)
endif

if HAOPSD
fuzz_targets += tests/fuzz/fuzz_haops_drbd tests/fuzz/fuzz_status
tests_fuzz_fuzz_haops_drbd_CPPFLAGS = $(haops_tool_cppflags)
tests_fuzz_fuzz_haops_drbd_LDADD = libhaops-tool.la libhaopsd-ipc.la libhaopsd-heart.la $(QB_LIBS) $(fuzz_ldadd)
tests_fuzz_fuzz_status_LDADD = libhaopsd-ipc.la $(QB_LIBS) $(fuzz_ldadd)
endif

if HAOPSD
fuzz_targets += tests/fuzz/fuzz_haopsd_conf tests/fuzz/fuzz_message tests/fuzz/fuzz_ping
tests_fuzz_fuzz_haopsd_conf_LDADD = libhaopsd-heart.la $(fuzz_ldadd)
tests_fuzz_fuzz_message_LDADD = libhaopsd-heart.la $(fuzz_ldadd)
tests_fuzz_fuzz_ping_LDADD = libhaopsd-ping.la libhaopsd-heart.la $(fuzz_ldadd)
endif

if HAOPSD
if MYSQL
fuzz_targets += tests/fuzz/fuzz_mysql_tool
tests_fuzz_fuzz_mysql_tool_CPPFLAGS = $(mysql_tool_cppflags)
tests_fuzz_fuzz_mysql_tool_LDADD = libhaops-mysql-tool.la $(fuzz_ldadd)
endif
endif

if MYSQL
fuzz_targets += tests/fuzz/fuzz_mysql_gtid tests/fuzz/fuzz_mysql_answers
tests_fuzz_fuzz_mysql_answers_CPPFLAGS = -I$(top_srcdir)/libhaops-mysql $(AM_CPPFLAGS)
tests_fuzz_fuzz_mysql_answers_LDADD = libhaops-mysql-internal.la $(fuzz_ldadd)
tests_fuzz_fuzz_mysql_gtid_LDADD = libhaops-mysql-internal.la $(fuzz_ldadd)
endif

if FUZZERS
EXTRA_PROGRAMS += $(fuzz_targets)
fuzz_ldadd = $(FUZZ_ENGINE) libhaops-internal.la
else
check_PROGRAMS += $(fuzz_targets)
TESTS += $(fuzz_targets)
check_LTLIBRARIES = libfuzz-corpus.la
libfuzz_corpus_la_SOURCES = tests/fuzz/corpus-main.c
fuzz_ldadd = libfuzz-corpus.la libhaops-internal.la
endif

fuzz-targets: $(fuzz_targets)
.PHONY: fuzz-targets

EXTRA_DIST += tests/fuzz/corpus tests/fuzz/run
