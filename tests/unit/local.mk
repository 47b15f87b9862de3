# SPDX-License-Identifier: GPL-2.0-or-later
# A test program NAME: add it to unit_tests and give it a NAME_SOURCES line.

unit_tests = \
	tests/unit/test_announcer \
	tests/unit/test_announcer_name \
	tests/unit/test_announcer_state \
	tests/unit/test_arp \
	tests/unit/test_arp_neigh \
	tests/unit/test_arp_owner \
	tests/unit/test_arp_packet \
	tests/unit/test_arp_probe \
	tests/unit/test_arp_round \
	tests/unit/test_arp_schedule \
	tests/unit/test_ctx \
	tests/unit/test_num \
	tests/unit/test_proc_stat \
	tests/unit/test_process \
	tests/unit/test_process_list \
	tests/unit/test_process_start \
	tests/unit/test_state \
	tests/unit/test_addr \
	tests/unit/test_lease \
	tests/unit/test_link \
	tests/unit/test_rtnl \
	tests/unit/test_rtnl_msg \
	tests/unit/test_sock_diag \
	tests/unit/test_vip \
	tests/unit/test_vip_change \
	tests/unit/test_vip_dad \
	tests/unit/test_vip_plan \
	tests/unit/test_vip_renew \
	tests/unit/test_watch \
	tests/unit/test_http \
	tests/unit/test_http_parse \
	tests/unit/test_http_request \
	tests/unit/test_filesystem_kind \
	tests/unit/test_filesystem_params \
	tests/unit/test_filesystem_table \
	tests/unit/test_nginx_args \
	tests/unit/test_nginx_conf \
	tests/unit/test_nginx_group \
	tests/unit/test_ipaddr2 \
	tests/unit/test_drbd_decide \
	tests/unit/test_drbd_params \
	tests/unit/test_drbd_read \
	tests/unit/test_nfs \
	tests/unit/test_nfs_agents \
	tests/unit/test_ocf_check \
	tests/unit/test_ocf_code \
	tests/unit/test_ocf_env \
	tests/unit/test_ocf_metadata \
	tests/unit/test_ocf_param \
	tests/unit/test_ocf_syslog \
	tests/unit/test_ocf_text \
	tests/unit/test_ocf_trace

if MYSQL
unit_tests += tests/unit/test_mysql_agent
endif

if HAOPSD
unit_tests += \
	tests/unit/test_haopsd_agenda \
	tests/unit/test_haopsd_conf \
	tests/unit/test_haopsd_database \
	tests/unit/test_haopsd_events \
	tests/unit/test_haopsd_lease_policy \
	tests/unit/test_lease_hold \
	tests/unit/test_haopsd_losses \
	tests/unit/test_haopsd_notify \
	tests/unit/test_haopsd_options
endif

if HAOPSD
unit_tests += \
	tests/unit/test_cluster \
	tests/unit/test_cluster_envelope \
	tests/unit/test_cluster_events \
	tests/unit/test_cluster_group \
	tests/unit/test_cluster_outbox
endif

if HAOPSD
unit_tests += \
	tests/unit/test_outdate \
	tests/unit/test_outdate_request \
	tests/unit/test_pcmk \
	tests/unit/test_pcmk_attributes \
	tests/unit/test_pcmk_drbd \
	tests/unit/test_pcmk_alive \
	tests/unit/test_pcmk_judge \
	tests/unit/test_pcmk_packet
endif

if HAOPSD
unit_tests += \
	tests/unit/test_haops_drbd \
	tests/unit/test_haops_format \
	tests/unit/test_haops_views \
	tests/unit/test_status
endif

if HAOPSD
if MYSQL
unit_tests += \
	tests/unit/test_mysql_tool_facts \
	tests/unit/test_mysql_tool_memory \
	tests/unit/test_mysql_tool_options \
	tests/unit/test_mysql_tool_plan \
	tests/unit/test_mysql_tool_tail \
	tests/unit/test_mysql_tool_views
endif
endif

if HAOPSD
unit_tests += \
	tests/unit/test_limiter \
	tests/unit/test_watch_pure
endif

if HAOPSD
unit_tests += \
	tests/unit/test_config \
	tests/unit/test_heart \
	tests/unit/test_heart_own \
	tests/unit/test_heart_peer \
	tests/unit/test_heart_sim \
	tests/unit/test_heart_walk \
	tests/unit/test_message \
	tests/unit/test_ping
endif

if MYSQL
unit_tests += \
	tests/unit/test_mysql_answers \
	tests/unit/test_mysql_compare \
	tests/unit/test_mysql_elect \
	tests/unit/test_mysql_elect_data \
	tests/unit/test_mysql_elect_sim \
	tests/unit/test_mysql_golden \
	tests/unit/test_mysql_gtid \
	tests/unit/test_mysql_gtid_laws \
	tests/unit/test_mysql_memory \
	tests/unit/test_mysql_operations \
	tests/unit/test_mysql_remembered \
	tests/unit/test_mysql_repoint \
	tests/unit/test_mysql_safe_set \
	tests/unit/test_mysql_stuck \
	tests/unit/test_mysql_calm \
	tests/unit/test_mysql_seen \
	tests/unit/test_mysql_score \
	tests/unit/test_mysql_check \
	tests/unit/test_mysql_session \
	tests/unit/test_mysql_status
endif

if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
unit_ldadd = libhaops-internal.la $(CMOCKA_LIBS)

tests_unit_test_ctx_SOURCES = tests/unit/test_ctx.c tests/unit/unit.h
tests_unit_test_ctx_LDADD = $(unit_ldadd)

fake_netlink_sources = tests/unit/fake_netlink.c tests/unit/fake_netlink.h tests/unit/unit.h

tests_unit_test_addr_SOURCES = tests/unit/test_addr.c tests/unit/unit.h
tests_unit_test_addr_LDADD = $(unit_ldadd)

tests_unit_test_link_SOURCES = tests/unit/test_link.c $(fake_netlink_sources)
tests_unit_test_link_LDADD = $(unit_ldadd)

tests_unit_test_rtnl_SOURCES = tests/unit/test_rtnl.c $(fake_netlink_sources)
tests_unit_test_rtnl_LDADD = $(unit_ldadd)

tests_unit_test_rtnl_msg_SOURCES = tests/unit/test_rtnl_msg.c $(fake_netlink_sources)
tests_unit_test_rtnl_msg_LDADD = $(unit_ldadd)

tests_unit_test_sock_diag_SOURCES = tests/unit/test_sock_diag.c $(fake_netlink_sources)
tests_unit_test_sock_diag_LDADD = $(unit_ldadd)

tests_unit_test_vip_SOURCES = tests/unit/test_vip.c $(fake_netlink_sources)
tests_unit_test_vip_LDADD = $(unit_ldadd)

tests_unit_test_vip_change_SOURCES = tests/unit/test_vip_change.c $(fake_netlink_sources)
tests_unit_test_vip_change_LDADD = $(unit_ldadd)

tests_unit_test_vip_dad_SOURCES = tests/unit/test_vip_dad.c $(fake_netlink_sources)
tests_unit_test_vip_dad_LDADD = $(unit_ldadd)

tests_unit_test_vip_plan_SOURCES = tests/unit/test_vip_plan.c $(fake_netlink_sources)
tests_unit_test_vip_plan_LDADD = $(unit_ldadd)

tests_unit_test_vip_renew_SOURCES = tests/unit/test_vip_renew.c $(fake_netlink_sources)
tests_unit_test_vip_renew_LDADD = $(unit_ldadd)

tests_unit_test_lease_SOURCES = tests/unit/test_lease.c tests/unit/unit.h
tests_unit_test_lease_LDADD = $(unit_ldadd)

tests_unit_test_watch_SOURCES = tests/unit/test_watch.c tests/unit/unit.h
tests_unit_test_watch_LDADD = $(unit_ldadd)

if HAOPSD
tests_unit_test_limiter_SOURCES = \
	tests/unit/test_limiter.c tests/unit/unit.h haopsd/watch/limiter.c haopsd/watch/limiter.h
tests_unit_test_limiter_LDADD = $(unit_ldadd)

tests_unit_test_watch_pure_SOURCES = \
	tests/unit/test_watch_pure.c tests/unit/unit.h \
	haopsd/watch/judge.c haopsd/watch/judge.h haopsd/watch/links.c haopsd/watch/links.h \
	haopsd/watch/set.c haopsd/watch/set.h
tests_unit_test_watch_pure_LDADD = $(unit_ldadd)
endif

tests_unit_test_num_SOURCES = tests/unit/test_num.c tests/unit/unit.h
tests_unit_test_num_LDADD = $(unit_ldadd)

tests_unit_test_proc_stat_SOURCES = tests/unit/test_proc_stat.c tests/unit/unit.h
tests_unit_test_proc_stat_LDADD = $(unit_ldadd)

tests_unit_test_process_SOURCES = tests/unit/test_process.c tests/unit/unit.h
tests_unit_test_process_LDADD = $(unit_ldadd)

tests_unit_test_process_start_SOURCES = tests/unit/test_process_start.c tests/unit/unit.h
tests_unit_test_process_start_LDADD = $(unit_ldadd)

tests_unit_test_process_list_SOURCES = tests/unit/test_process_list.c tests/unit/unit.h
tests_unit_test_process_list_LDADD = $(unit_ldadd)

tests_unit_test_state_SOURCES = tests/unit/test_state.c tests/unit/unit.h
tests_unit_test_state_LDADD = $(unit_ldadd)

tests_unit_test_http_SOURCES = tests/unit/test_http.c
tests_unit_test_http_LDADD = $(unit_ldadd)

tests_unit_test_http_parse_SOURCES = tests/unit/test_http_parse.c
tests_unit_test_http_parse_LDADD = $(unit_ldadd)

tests_unit_test_http_request_SOURCES = tests/unit/test_http_request.c
tests_unit_test_http_request_LDADD = $(unit_ldadd)

ocf_ldadd = libocf.la $(CMOCKA_LIBS)

tests_unit_test_ocf_check_SOURCES = tests/unit/test_ocf_check.c tests/unit/unit.h tests/unit/ocf_agent.h
tests_unit_test_ocf_check_LDADD = $(ocf_ldadd)

tests_unit_test_ocf_code_SOURCES = tests/unit/test_ocf_code.c tests/unit/unit.h
tests_unit_test_ocf_code_LDADD = $(ocf_ldadd)

tests_unit_test_ocf_env_SOURCES = tests/unit/test_ocf_env.c tests/unit/unit.h
tests_unit_test_ocf_env_LDADD = $(ocf_ldadd)

tests_unit_test_ocf_metadata_SOURCES = tests/unit/test_ocf_metadata.c tests/unit/unit.h tests/unit/ocf_agent.h
tests_unit_test_ocf_metadata_LDADD = $(ocf_ldadd)

tests_unit_test_ocf_param_SOURCES = tests/unit/test_ocf_param.c tests/unit/unit.h
tests_unit_test_ocf_param_LDADD = $(ocf_ldadd)

tests_unit_test_ocf_syslog_SOURCES = tests/unit/test_ocf_syslog.c tests/unit/unit.h
tests_unit_test_ocf_syslog_LDADD = $(ocf_ldadd)

tests_unit_test_ocf_text_SOURCES = tests/unit/test_ocf_text.c tests/unit/unit.h
tests_unit_test_ocf_text_LDADD = $(ocf_ldadd)

tests_unit_test_ocf_trace_SOURCES = tests/unit/test_ocf_trace.c tests/unit/unit.h
tests_unit_test_ocf_trace_LDADD = $(ocf_ldadd)

tests_unit_test_ipaddr2_SOURCES = \
	tests/unit/test_ipaddr2.c tests/unit/ocf_agent.h tests/unit/param_table.h tests/unit/unit.h \
	agents/ipaddr2/groups.c agents/ipaddr2/ipaddr2.h agents/ipaddr2/judge.c agents/ipaddr2/params.c
tests_unit_test_ipaddr2_LDADD = $(ocf_ldadd)

tests_unit_test_nfs_SOURCES = tests/unit/test_nfs.c tests/unit/unit.h
tests_unit_test_nfs_LDADD = $(unit_ldadd)

tests_unit_test_nfs_agents_SOURCES = tests/unit/test_nfs_agents.c tests/unit/unit.h \
	agents/exportfs/exportfs.h agents/exportfs/params.c agents/nfsserver/nfsserver.h agents/nfsserver/params.c
tests_unit_test_nfs_agents_LDADD = libnfs-pure.la $(ocf_ldadd)

tests_unit_test_mysql_agent_SOURCES = tests/unit/test_mysql_agent.c tests/unit/unit.h
tests_unit_test_mysql_agent_LDADD = libmysql-pure.la $(unit_ldadd)

tests_unit_test_announcer_SOURCES = tests/unit/test_announcer.c tests/unit/unit.h
tests_unit_test_announcer_LDADD = $(unit_ldadd)

tests_unit_test_announcer_name_SOURCES = tests/unit/test_announcer_name.c tests/unit/unit.h
tests_unit_test_announcer_name_LDADD = $(unit_ldadd)

tests_unit_test_announcer_state_SOURCES = tests/unit/test_announcer_state.c tests/unit/unit.h
tests_unit_test_announcer_state_LDADD = $(unit_ldadd)

tests_unit_test_arp_SOURCES = tests/unit/test_arp.c tests/unit/fake_wire.h tests/unit/unit.h
tests_unit_test_arp_LDADD = $(unit_ldadd)

tests_unit_test_arp_neigh_SOURCES = tests/unit/test_arp_neigh.c tests/unit/unit.h
tests_unit_test_arp_neigh_LDADD = $(unit_ldadd)

tests_unit_test_arp_owner_SOURCES = tests/unit/test_arp_owner.c tests/unit/fake_wire.h tests/unit/unit.h
tests_unit_test_arp_owner_LDADD = $(unit_ldadd)

tests_unit_test_arp_packet_SOURCES = tests/unit/test_arp_packet.c tests/unit/unit.h
tests_unit_test_arp_packet_LDADD = $(unit_ldadd)

tests_unit_test_arp_probe_SOURCES = tests/unit/test_arp_probe.c tests/unit/fake_wire.h tests/unit/unit.h
tests_unit_test_arp_probe_LDADD = $(unit_ldadd)

tests_unit_test_arp_round_SOURCES = tests/unit/test_arp_round.c tests/unit/unit.h
tests_unit_test_arp_round_LDADD = $(unit_ldadd)

tests_unit_test_arp_schedule_SOURCES = tests/unit/test_arp_schedule.c tests/unit/unit.h
tests_unit_test_arp_schedule_LDADD = $(unit_ldadd)

tests_unit_test_drbd_decide_SOURCES = tests/unit/test_drbd_decide.c tests/unit/drbd_recorded.h tests/unit/unit.h
tests_unit_test_drbd_decide_LDADD = libdrbd-pure.la $(unit_ldadd)
tests_unit_test_drbd_params_SOURCES = tests/unit/test_drbd_params.c agents/drbd/params.c agents/drbd/drbd.h tests/unit/unit.h \
	tests/unit/ocf_agent.h tests/unit/param_table.h
tests_unit_test_drbd_params_LDADD = libdrbd-pure.la $(ocf_ldadd)
tests_unit_test_drbd_read_SOURCES = tests/unit/test_drbd_read.c tests/unit/drbd_recorded.h tests/unit/unit.h
tests_unit_test_drbd_read_LDADD = libdrbd-pure.la $(unit_ldadd)
tests_unit_test_filesystem_kind_SOURCES = tests/unit/test_filesystem_kind.c
tests_unit_test_filesystem_kind_LDADD = libfilesystem-pure.la $(unit_ldadd)

tests_unit_test_filesystem_params_SOURCES = tests/unit/test_filesystem_params.c agents/filesystem/params.c \
	tests/unit/ocf_agent.h tests/unit/param_table.h tests/unit/unit.h
tests_unit_test_filesystem_params_LDADD = libfilesystem-pure.la $(ocf_ldadd)

tests_unit_test_filesystem_table_SOURCES = tests/unit/test_filesystem_table.c
tests_unit_test_filesystem_table_LDADD = libfilesystem-pure.la $(unit_ldadd)

tests_unit_test_nginx_args_SOURCES = tests/unit/test_nginx_args.c
tests_unit_test_nginx_args_LDADD = libnginx-pure.la libocf.la $(CMOCKA_LIBS)

tests_unit_test_nginx_conf_SOURCES = tests/unit/test_nginx_conf.c
tests_unit_test_nginx_conf_LDADD = libnginx-pure.la $(CMOCKA_LIBS)

tests_unit_test_nginx_group_SOURCES = tests/unit/test_nginx_group.c
tests_unit_test_nginx_group_LDADD = libnginx-pure.la $(CMOCKA_LIBS)

haopsd_core_ldadd = libhaopsd-core.la libhaops-internal.la $(CMOCKA_LIBS)

tests_unit_test_haopsd_conf_SOURCES = tests/unit/test_haopsd_conf.c tests/unit/unit.h
tests_unit_test_haopsd_conf_CPPFLAGS = $(AM_CPPFLAGS) \
	-DHAOPSD_CONF_EXAMPLE='"$(abs_top_srcdir)/haopsd/haopsd.conf"'
tests_unit_test_haopsd_conf_LDADD = libhaopsd-heart.la libhaops-internal.la $(CMOCKA_LIBS)

tests_unit_test_haopsd_database_SOURCES = \
	tests/unit/test_haopsd_database.c tests/unit/unit.h haopsd/mysql/verdict.c haopsd/mysql/verdict.h
tests_unit_test_haopsd_database_LDADD = $(unit_ldadd)

tests_unit_test_haopsd_agenda_SOURCES = tests/unit/test_haopsd_agenda.c tests/unit/unit.h
tests_unit_test_haopsd_agenda_LDADD = $(haopsd_core_ldadd)

tests_unit_test_haopsd_events_SOURCES = tests/unit/test_haopsd_events.c tests/unit/unit.h
tests_unit_test_haopsd_events_LDADD = $(haopsd_core_ldadd)

tests_unit_test_haopsd_losses_SOURCES = tests/unit/test_haopsd_losses.c tests/unit/unit.h
tests_unit_test_haopsd_losses_LDADD = $(haopsd_core_ldadd)

tests_unit_test_haopsd_notify_SOURCES = tests/unit/test_haopsd_notify.c tests/unit/unit.h
tests_unit_test_haopsd_notify_LDADD = $(haopsd_core_ldadd)

tests_unit_test_haopsd_options_SOURCES = tests/unit/test_haopsd_options.c tests/unit/unit.h
tests_unit_test_haopsd_options_LDADD = $(haopsd_core_ldadd)

tests_unit_test_lease_hold_SOURCES = tests/unit/test_lease_hold.c tests/unit/unit.h
tests_unit_test_lease_hold_LDADD = libhaopsd-guard.la libhaops-internal.la $(CMOCKA_LIBS)
tests_unit_test_haopsd_lease_policy_SOURCES = tests/unit/test_haopsd_lease_policy.c tests/unit/unit.h
tests_unit_test_haopsd_lease_policy_LDADD = libhaopsd-guard.la libhaops-internal.la $(CMOCKA_LIBS)

cluster_ldadd = libhaops-cluster-internal.la $(unit_ldadd)

tests_unit_test_cluster_SOURCES = tests/unit/test_cluster.c tests/unit/cluster_seat.h tests/unit/fake_corosync.c tests/unit/fake_corosync.h tests/unit/unit.h
tests_unit_test_cluster_CPPFLAGS = -I$(top_srcdir)/libhaops-cluster $(AM_CPPFLAGS)
tests_unit_test_cluster_LDADD = $(cluster_ldadd)

tests_unit_test_cluster_envelope_SOURCES = tests/unit/test_cluster_envelope.c tests/unit/unit.h
tests_unit_test_cluster_envelope_CPPFLAGS = -I$(top_srcdir)/libhaops-cluster $(AM_CPPFLAGS)
tests_unit_test_cluster_envelope_LDADD = $(cluster_ldadd)

tests_unit_test_cluster_events_SOURCES = tests/unit/test_cluster_events.c tests/unit/unit.h
tests_unit_test_cluster_events_CPPFLAGS = -I$(top_srcdir)/libhaops-cluster $(AM_CPPFLAGS)
tests_unit_test_cluster_events_LDADD = $(cluster_ldadd)

tests_unit_test_cluster_group_SOURCES = tests/unit/test_cluster_group.c tests/unit/unit.h
tests_unit_test_cluster_group_CPPFLAGS = -I$(top_srcdir)/libhaops-cluster $(AM_CPPFLAGS)
tests_unit_test_cluster_group_LDADD = $(cluster_ldadd)

tests_unit_test_cluster_outbox_SOURCES = tests/unit/test_cluster_outbox.c tests/unit/unit.h
tests_unit_test_cluster_outbox_CPPFLAGS = -I$(top_srcdir)/libhaops-cluster $(AM_CPPFLAGS)
tests_unit_test_cluster_outbox_LDADD = $(cluster_ldadd)

pcmk_ldadd = libhaopsd-pcmk.la $(unit_ldadd) $(QB_LIBS)

tests_unit_test_outdate_SOURCES = tests/unit/test_outdate.c tests/unit/unit.h
tests_unit_test_outdate_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
tests_unit_test_outdate_LDADD = $(pcmk_ldadd)

tests_unit_test_outdate_request_SOURCES = tests/unit/test_outdate_request.c tests/unit/unit.h
tests_unit_test_outdate_request_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tools
tests_unit_test_outdate_request_LDADD = liboutdate-request.la $(unit_ldadd)

tests_unit_test_pcmk_SOURCES = tests/unit/test_pcmk.c tests/unit/unit.h
tests_unit_test_pcmk_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
tests_unit_test_pcmk_LDADD = $(pcmk_ldadd)

tests_unit_test_pcmk_attributes_SOURCES = tests/unit/test_pcmk_attributes.c tests/unit/unit.h
tests_unit_test_pcmk_attributes_LDADD = $(pcmk_ldadd)

tests_unit_test_pcmk_drbd_SOURCES = tests/unit/test_pcmk_drbd.c tests/unit/unit.h
tests_unit_test_pcmk_drbd_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS)
tests_unit_test_pcmk_drbd_LDADD = $(pcmk_ldadd)

tests_unit_test_pcmk_alive_SOURCES = tests/unit/test_pcmk_alive.c tests/unit/unit.h
tests_unit_test_pcmk_alive_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/haopsd/pcmk/program
tests_unit_test_pcmk_alive_LDADD = libhaopsd-pcmk-judge.la $(unit_ldadd) $(PACEMAKER_LIBS)

tests_unit_test_pcmk_judge_SOURCES = tests/unit/test_pcmk_judge.c tests/unit/unit.h
tests_unit_test_pcmk_judge_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/haopsd/pcmk -I$(top_srcdir)/haopsd/pcmk/program
tests_unit_test_pcmk_judge_CFLAGS = $(AM_CFLAGS) $(QB_CFLAGS) $(PACEMAKER_CFLAGS)
tests_unit_test_pcmk_judge_LDADD = libhaopsd-pcmk-judge.la $(unit_ldadd) $(PACEMAKER_LIBS)

tests_unit_test_pcmk_packet_SOURCES = tests/unit/test_pcmk_packet.c tests/unit/unit.h
tests_unit_test_pcmk_packet_LDADD = $(pcmk_ldadd)

haops_tool_cppflags = $(AM_CPPFLAGS) -I$(top_srcdir)/tools/haops -I$(top_srcdir)/tests/tools
haops_tool_canned = tests/tools/canned.c tests/tools/canned.h tests/unit/unit.h
haops_tool_ldadd = libhaops-tool.la libhaopsd-ipc.la libhaopsd-heart.la $(unit_ldadd)

tests_unit_test_haops_drbd_SOURCES = tests/unit/test_haops_drbd.c tests/unit/drbd_recorded.h tests/unit/unit.h
tests_unit_test_haops_drbd_CPPFLAGS = $(haops_tool_cppflags)
tests_unit_test_haops_drbd_LDADD = $(haops_tool_ldadd)

tests_unit_test_haops_format_SOURCES = tests/unit/test_haops_format.c tests/unit/unit.h
tests_unit_test_haops_format_CPPFLAGS = $(haops_tool_cppflags)
tests_unit_test_haops_format_LDADD = $(haops_tool_ldadd)

tests_unit_test_haops_views_SOURCES = tests/unit/test_haops_views.c $(haops_tool_canned)
tests_unit_test_haops_views_CPPFLAGS = $(haops_tool_cppflags)
tests_unit_test_haops_views_LDADD = $(haops_tool_ldadd)

mysql_tool_ldadd = libhaops-mysql-tool.la $(unit_ldadd)

tests_unit_test_mysql_tool_memory_SOURCES = tests/unit/test_mysql_tool_memory.c tests/unit/mysql_snapshot.h tests/unit/unit.h
tests_unit_test_mysql_tool_memory_CPPFLAGS = $(mysql_tool_cppflags)
tests_unit_test_mysql_tool_memory_LDADD = $(mysql_tool_ldadd)

tests_unit_test_mysql_tool_options_SOURCES = tests/unit/test_mysql_tool_options.c tests/unit/unit.h
tests_unit_test_mysql_tool_options_CPPFLAGS = $(mysql_tool_cppflags)
tests_unit_test_mysql_tool_options_LDADD = $(mysql_tool_ldadd)

tests_unit_test_mysql_tool_plan_SOURCES = tests/unit/test_mysql_tool_plan.c tests/unit/mysql_snapshot.h tests/unit/unit.h
tests_unit_test_mysql_tool_plan_CPPFLAGS = $(mysql_tool_cppflags)
tests_unit_test_mysql_tool_plan_LDADD = $(mysql_tool_ldadd)

tests_unit_test_mysql_tool_tail_SOURCES = tests/unit/test_mysql_tool_tail.c tests/unit/unit.h
tests_unit_test_mysql_tool_tail_CPPFLAGS = $(mysql_tool_cppflags)
tests_unit_test_mysql_tool_tail_LDADD = $(mysql_tool_ldadd)

tests_unit_test_mysql_tool_views_SOURCES = tests/unit/test_mysql_tool_views.c tests/unit/mysql_snapshot.h tests/unit/unit.h
tests_unit_test_mysql_tool_views_CPPFLAGS = $(mysql_tool_cppflags)
tests_unit_test_mysql_tool_views_LDADD = $(mysql_tool_ldadd)

tests_unit_test_mysql_tool_facts_SOURCES = tests/unit/test_mysql_tool_facts.c tests/unit/unit.h
tests_unit_test_mysql_tool_facts_CPPFLAGS = $(mysql_tool_cppflags)
tests_unit_test_mysql_tool_facts_CFLAGS = $(AM_CFLAGS) $(PACEMAKER_CFLAGS)
tests_unit_test_mysql_tool_facts_LDADD = libhaops-mysql-facts.la $(mysql_tool_ldadd) $(PACEMAKER_LIBS)

tests_unit_test_status_SOURCES = tests/unit/test_status.c $(haops_tool_canned)
tests_unit_test_status_CPPFLAGS = $(haops_tool_cppflags)
tests_unit_test_status_LDADD = libhaopsd-ipc.la $(unit_ldadd)

heart_world_sources = tests/unit/heart_world.c tests/unit/heart_world.h tests/unit/unit.h
heart_ldadd = libhaopsd-heart.la $(CMOCKA_LIBS)

tests_unit_test_config_SOURCES = tests/unit/test_config.c tests/unit/unit.h
tests_unit_test_config_LDADD = $(heart_ldadd)

tests_unit_test_heart_SOURCES = tests/unit/test_heart.c $(heart_world_sources)
tests_unit_test_heart_LDADD = $(heart_ldadd)

tests_unit_test_heart_own_SOURCES = tests/unit/test_heart_own.c $(heart_world_sources)
tests_unit_test_heart_own_LDADD = $(heart_ldadd)

tests_unit_test_heart_peer_SOURCES = tests/unit/test_heart_peer.c $(heart_world_sources)
tests_unit_test_heart_peer_LDADD = $(heart_ldadd)

tests_unit_test_heart_sim_SOURCES = tests/unit/test_heart_sim.c $(heart_world_sources)
tests_unit_test_heart_sim_LDADD = $(heart_ldadd)

tests_unit_test_heart_walk_SOURCES = tests/unit/test_heart_walk.c $(heart_world_sources)
tests_unit_test_heart_walk_LDADD = $(heart_ldadd)

tests_unit_test_message_SOURCES = tests/unit/test_message.c tests/unit/unit.h
tests_unit_test_message_LDADD = $(heart_ldadd)

tests_unit_test_ping_SOURCES = tests/unit/test_ping.c tests/unit/unit.h
tests_unit_test_ping_LDADD = libhaopsd-ping.la $(heart_ldadd)

mysql_cppflags = -I$(top_srcdir)/libhaops-mysql $(AM_CPPFLAGS)
mysql_ldadd = libhaops-mysql-internal.la $(unit_ldadd)

fake_mysql_sources = tests/unit/fake_mysql.c tests/unit/fake_mysql.h tests/unit/mysql_fixture.h tests/unit/mysql_rows.h tests/unit/unit.h

tests_unit_test_mysql_answers_SOURCES = tests/unit/test_mysql_answers.c tests/unit/mysql_recorded.h tests/unit/mysql_rows.h tests/unit/unit.h
tests_unit_test_mysql_answers_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_answers_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_golden_SOURCES = tests/unit/test_mysql_golden.c $(fake_mysql_sources)
tests_unit_test_mysql_golden_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_golden_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_operations_SOURCES = tests/unit/test_mysql_operations.c $(fake_mysql_sources)
tests_unit_test_mysql_operations_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_operations_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_repoint_SOURCES = tests/unit/test_mysql_repoint.c $(fake_mysql_sources)
tests_unit_test_mysql_repoint_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_repoint_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_check_SOURCES = tests/unit/test_mysql_check.c $(fake_mysql_sources)
tests_unit_test_mysql_check_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_check_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_session_SOURCES = tests/unit/test_mysql_session.c $(fake_mysql_sources)
tests_unit_test_mysql_session_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_session_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_status_SOURCES = tests/unit/test_mysql_status.c tests/unit/mysql_recorded.h tests/unit/mysql_rows.h tests/unit/unit.h
tests_unit_test_mysql_status_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_status_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_compare_SOURCES = tests/unit/test_mysql_compare.c tests/unit/mysql_sets.h tests/unit/unit.h
tests_unit_test_mysql_compare_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_compare_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_elect_SOURCES = tests/unit/test_mysql_elect.c tests/unit/mysql_voters.h tests/unit/mysql_sets.h tests/unit/unit.h
tests_unit_test_mysql_elect_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_elect_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_elect_data_SOURCES = tests/unit/test_mysql_elect_data.c tests/unit/mysql_voters.h tests/unit/mysql_sets.h tests/unit/unit.h
tests_unit_test_mysql_elect_data_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_elect_data_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_elect_sim_SOURCES = tests/unit/test_mysql_elect_sim.c tests/unit/mysql_world.c \
	tests/unit/mysql_world.h tests/unit/mysql_world_elect.c tests/unit/mysql_world_parts.h \
	tests/unit/mysql_sets.h tests/unit/unit.h
tests_unit_test_mysql_elect_sim_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_elect_sim_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_gtid_SOURCES = tests/unit/test_mysql_gtid.c tests/unit/mysql_sets.h tests/unit/unit.h
tests_unit_test_mysql_gtid_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_gtid_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_gtid_laws_SOURCES = tests/unit/test_mysql_gtid_laws.c tests/unit/mysql_sets.h tests/unit/unit.h
tests_unit_test_mysql_gtid_laws_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_gtid_laws_LDADD = $(mysql_ldadd)

tests_unit_test_mysql_memory_SOURCES = tests/unit/test_mysql_memory.c tests/unit/mysql_sets.h tests/unit/unit.h
tests_unit_test_mysql_memory_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=malloc -Wl,--wrap=realloc -Wl,--wrap=open_memstream
tests_unit_test_mysql_memory_LDADD = $(mysql_ldadd)
mysql_decide_ldadd = libmysql-decide.la libhaops-mysql-internal.la libhaops-internal.la $(CMOCKA_LIBS)
tests_unit_test_mysql_remembered_SOURCES = tests/unit/test_mysql_remembered.c tests/unit/unit.h
tests_unit_test_mysql_remembered_LDADD = $(mysql_decide_ldadd)
tests_unit_test_mysql_safe_set_SOURCES = tests/unit/test_mysql_safe_set.c tests/unit/mysql_answer.h tests/unit/unit.h
tests_unit_test_mysql_safe_set_LDADD = $(mysql_decide_ldadd)
tests_unit_test_mysql_stuck_SOURCES = tests/unit/test_mysql_stuck.c tests/unit/mysql_answer.h tests/unit/unit.h
tests_unit_test_mysql_stuck_LDADD = $(mysql_decide_ldadd)
tests_unit_test_mysql_seen_SOURCES = tests/unit/test_mysql_seen.c tests/unit/unit.h
tests_unit_test_mysql_seen_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_seen_LDADD = $(mysql_decide_ldadd)

tests_unit_test_mysql_calm_SOURCES = tests/unit/test_mysql_calm.c tests/unit/unit.h
tests_unit_test_mysql_calm_CPPFLAGS = $(mysql_cppflags)
tests_unit_test_mysql_calm_LDADD = $(mysql_decide_ldadd)
tests_unit_test_mysql_score_SOURCES = tests/unit/test_mysql_score.c tests/unit/unit.h
tests_unit_test_mysql_score_LDADD = $(mysql_decide_ldadd)
