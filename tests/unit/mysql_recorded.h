/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_MYSQL_RECORDED_H
#define HAOPS_TESTS_MYSQL_RECORDED_H

/* What servers answered, lines of columns with tabs between, the first line their names: MariaDB
 * 10.11.19 as recorded, MySQL after its manuals. */

static const char mariadb_primary_sets[] = "own_id\tinstance\tlogged\tapplied\tposition\n"
					   "11\t1795763412\t0-1-2\t\t0-1-2\n";

static const char mariadb_primary_variables[] =
	"Variable_name\tValue\n"
	"event_scheduler\tOFF\n"
	"gtid_strict_mode\tON\n"
	"log_bin\tON\n"
	"log_slave_updates\tON\n"
	"read_only\tOFF\n"
	"rpl_semi_sync_master_enabled\tON\n"
	"rpl_semi_sync_master_timeout\t18446744073709551615\n"
	"rpl_semi_sync_master_trace_level\t32\n"
	"rpl_semi_sync_master_wait_no_slave\tON\n"
	"rpl_semi_sync_master_wait_point\tAFTER_SYNC\n"
	"rpl_semi_sync_slave_delay_master\tOFF\n"
	"rpl_semi_sync_slave_enabled\tOFF\n"
	"rpl_semi_sync_slave_kill_conn_timeout\t5\n"
	"rpl_semi_sync_slave_trace_level\t32\n"
	"server_id\t1\n";

static const char mariadb_primary_counters[] = "Variable_name\tValue\n"
					       "Handler_delete\t0\n"
					       "Handler_update\t0\n"
					       "Handler_write\t2\n"
					       "Rpl_semi_sync_master_clients\t1\n"
					       "Rpl_semi_sync_master_get_ack\t2\n"
					       "Rpl_semi_sync_master_net_avg_wait_time\t0\n"
					       "Rpl_semi_sync_master_net_wait_time\t0\n"
					       "Rpl_semi_sync_master_net_waits\t2\n"
					       "Rpl_semi_sync_master_no_times\t0\n"
					       "Rpl_semi_sync_master_no_tx\t0\n"
					       "Rpl_semi_sync_master_request_ack\t2\n"
					       "Rpl_semi_sync_master_status\tON\n"
					       "Rpl_semi_sync_master_timefunc_failures\t0\n"
					       "Rpl_semi_sync_master_tx_avg_wait_time\t0\n"
					       "Rpl_semi_sync_master_tx_wait_time\t0\n"
					       "Rpl_semi_sync_master_tx_waits\t0\n"
					       "Rpl_semi_sync_master_wait_pos_backtraverse\t0\n"
					       "Rpl_semi_sync_master_wait_sessions\t0\n"
					       "Rpl_semi_sync_master_yes_tx\t2\n"
					       "Rpl_semi_sync_slave_send_ack\t0\n"
					       "Rpl_semi_sync_slave_status\tOFF\n";

static const char mariadb_replica_replica[] =
	"Connection_name\tSlave_SQL_State\tSlave_IO_State\tMaster_Host\tMaster_User\tMa"
	"ster_Port\tConnect_Retry\tMaster_Log_File\tRead_Master_Log_Pos\tRelay_Log_File"
	"\tRelay_Log_Pos\tRelay_Master_Log_File\tSlave_IO_Running\tSlave_SQL_Running\tR"
	"eplicate_Do_DB\tReplicate_Ignore_DB\tReplicate_Do_Table\tReplicate_Ignore_Tabl"
	"e\tReplicate_Wild_Do_Table\tReplicate_Wild_Ignore_Table\tLast_Errno\tLast_Erro"
	"r\tSkip_Counter\tExec_Master_Log_Pos\tRelay_Log_Space\tUntil_Condition\tUntil_"
	"Log_File\tUntil_Log_Pos\tMaster_SSL_Allowed\tMaster_SSL_CA_File\tMaster_SSL_CA"
	"_Path\tMaster_SSL_Cert\tMaster_SSL_Cipher\tMaster_SSL_Key\tSeconds_Behind_Mast"
	"er\tMaster_SSL_Verify_Server_Cert\tLast_IO_Errno\tLast_IO_Error\tLast_SQL_Errn"
	"o\tLast_SQL_Error\tReplicate_Ignore_Server_Ids\tMaster_Server_Id\tMaster_SSL_C"
	"rl\tMaster_SSL_Crlpath\tUsing_Gtid\tGtid_IO_Pos\tReplicate_Do_Domain_Ids\tRepl"
	"icate_Ignore_Domain_Ids\tParallel_Mode\tSQL_Delay\tSQL_Remaining_Delay\tSlave_"
	"SQL_Running_State\tSlave_DDL_Groups\tSlave_Non_Transactional_Groups\tSlave_Tra"
	"nsactional_Groups\tReplicate_Rewrite_DB\tRetried_transactions\tMax_relay_log_s"
	"ize\tExecuted_log_entries\tSlave_received_heartbeats\tSlave_heartbeat_period\t"
	"Gtid_Slave_Pos\n"
	"\tSlave has read all relay log; waiting for more updates\tWaiting for master t"
	"o send event\t127.0.0.1\trepl\t3301\t1\tbin.000001\t758\trelay.000002\t1051\tb"
	"in.000001\tYes\tYes\t\t\t\t\t\t\t0\t\t0\t758\t1350\tNone\t\t0\tNo\t\t\t\t\t\t0"
	"\tNo\t0\t\t0\t\t\t1\t\t\tSlave_Pos\t0-1-2\t\t\toptimistic\t0\tNULL\tSlave has "
	"read all relay log; waiting for more updates\t0\t0\t2\t\t0\t1073741824\t17\t0"
	"\t2.000\t0-1-2\n";

static const char mariadb_replica_sets[] = "own_id\tlogged\tapplied\tposition\n"
					   "10\t0-1-2\t0-1-2\t0-1-2\n";

static const char mariadb_replica_variables[] = "Variable_name\tValue\n"
						"event_scheduler\tOFF\n"
						"gtid_strict_mode\tON\n"
						"log_bin\tON\n"
						"log_slave_updates\tON\n"
						"read_only\tON\n"
						"rpl_semi_sync_master_enabled\tOFF\n"
						"rpl_semi_sync_master_timeout\t10000\n"
						"rpl_semi_sync_master_trace_level\t32\n"
						"rpl_semi_sync_master_wait_no_slave\tON\n"
						"rpl_semi_sync_master_wait_point\tAFTER_COMMIT\n"
						"rpl_semi_sync_slave_delay_master\tOFF\n"
						"rpl_semi_sync_slave_enabled\tON\n"
						"rpl_semi_sync_slave_kill_conn_timeout\t5\n"
						"rpl_semi_sync_slave_trace_level\t32\n"
						"server_id\t2\n";

static const char mariadb_replica_counters[] = "Variable_name\tValue\n"
					       "Handler_delete\t0\n"
					       "Handler_update\t0\n"
					       "Handler_write\t4\n"
					       "Rpl_semi_sync_master_clients\t0\n"
					       "Rpl_semi_sync_master_get_ack\t0\n"
					       "Rpl_semi_sync_master_net_avg_wait_time\t0\n"
					       "Rpl_semi_sync_master_net_wait_time\t0\n"
					       "Rpl_semi_sync_master_net_waits\t0\n"
					       "Rpl_semi_sync_master_no_times\t0\n"
					       "Rpl_semi_sync_master_no_tx\t0\n"
					       "Rpl_semi_sync_master_request_ack\t0\n"
					       "Rpl_semi_sync_master_status\tOFF\n"
					       "Rpl_semi_sync_master_timefunc_failures\t0\n"
					       "Rpl_semi_sync_master_tx_avg_wait_time\t0\n"
					       "Rpl_semi_sync_master_tx_wait_time\t0\n"
					       "Rpl_semi_sync_master_tx_waits\t0\n"
					       "Rpl_semi_sync_master_wait_pos_backtraverse\t0\n"
					       "Rpl_semi_sync_master_wait_sessions\t0\n"
					       "Rpl_semi_sync_master_yes_tx\t0\n"
					       "Rpl_semi_sync_slave_send_ack\t2\n"
					       "Rpl_semi_sync_slave_status\tON\n";

static const char mariadb_broken_replica[] =
	"Connection_name\tSlave_SQL_State\tSlave_IO_State\tMaster_Host\tMaster_User\tMa"
	"ster_Port\tConnect_Retry\tMaster_Log_File\tRead_Master_Log_Pos\tRelay_Log_File"
	"\tRelay_Log_Pos\tRelay_Master_Log_File\tSlave_IO_Running\tSlave_SQL_Running\tR"
	"eplicate_Do_DB\tReplicate_Ignore_DB\tReplicate_Do_Table\tReplicate_Ignore_Tabl"
	"e\tReplicate_Wild_Do_Table\tReplicate_Wild_Ignore_Table\tLast_Errno\tLast_Erro"
	"r\tSkip_Counter\tExec_Master_Log_Pos\tRelay_Log_Space\tUntil_Condition\tUntil_"
	"Log_File\tUntil_Log_Pos\tMaster_SSL_Allowed\tMaster_SSL_CA_File\tMaster_SSL_CA"
	"_Path\tMaster_SSL_Cert\tMaster_SSL_Cipher\tMaster_SSL_Key\tSeconds_Behind_Mast"
	"er\tMaster_SSL_Verify_Server_Cert\tLast_IO_Errno\tLast_IO_Error\tLast_SQL_Errn"
	"o\tLast_SQL_Error\tReplicate_Ignore_Server_Ids\tMaster_Server_Id\tMaster_SSL_C"
	"rl\tMaster_SSL_Crlpath\tUsing_Gtid\tGtid_IO_Pos\tReplicate_Do_Domain_Ids\tRepl"
	"icate_Ignore_Domain_Ids\tParallel_Mode\tSQL_Delay\tSQL_Remaining_Delay\tSlave_"
	"SQL_Running_State\tSlave_DDL_Groups\tSlave_Non_Transactional_Groups\tSlave_Tra"
	"nsactional_Groups\tReplicate_Rewrite_DB\tRetried_transactions\tMax_relay_log_s"
	"ize\tExecuted_log_entries\tSlave_received_heartbeats\tSlave_heartbeat_period\t"
	"Gtid_Slave_Pos\n"
	"\t\tReconnecting after a failed master event read\t127.0.0.1\trepl\t3301\t1\tb"
	"in.000001\t976\trelay.000002\t1051\tbin.000001\tConnecting\tNo\t\t\t\t\t\t\t10"
	"62\tCould not execute Write_rows_v1 event on table test.t; Duplicate entry '3'"
	" for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY; the"
	" event's master log bin.000001, end_log_pos 945\t0\t758\t1568\tNone\t\t0\tNo\t"
	"\t\t\t\t\tNULL\tNo\t2013\terror reconnecting to master 'repl@127.0.0.1:3301' -"
	" retry-time: 1  maximum-retries: 100000  message: Lost connection to server at"
	" 'reading initial communication packet', system error: 104 \"Connection reset "
	"by peer\"\t1062\tCould not execute Write_rows_v1 event on table test.t; Duplic"
	"ate entry '3' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_"
	"DUPP_KEY; the event's master log bin.000001, end_log_pos 945\t\t1\t\t\tSlave_P"
	"os\t0-1-3\t\t\toptimistic\t0\tNULL\t\t0\t0\t3\t\t0\t1073741824\t21\t0\t2.000\t"
	"0-1-2\n";

static const char mariadb_restarted_replica[] =
	"Connection_name\tSlave_SQL_State\tSlave_IO_State\tMaster_Host\tMaster_User\tMa"
	"ster_Port\tConnect_Retry\tMaster_Log_File\tRead_Master_Log_Pos\tRelay_Log_File"
	"\tRelay_Log_Pos\tRelay_Master_Log_File\tSlave_IO_Running\tSlave_SQL_Running\tR"
	"eplicate_Do_DB\tReplicate_Ignore_DB\tReplicate_Do_Table\tReplicate_Ignore_Tabl"
	"e\tReplicate_Wild_Do_Table\tReplicate_Wild_Ignore_Table\tLast_Errno\tLast_Erro"
	"r\tSkip_Counter\tExec_Master_Log_Pos\tRelay_Log_Space\tUntil_Condition\tUntil_"
	"Log_File\tUntil_Log_Pos\tMaster_SSL_Allowed\tMaster_SSL_CA_File\tMaster_SSL_CA"
	"_Path\tMaster_SSL_Cert\tMaster_SSL_Cipher\tMaster_SSL_Key\tSeconds_Behind_Mast"
	"er\tMaster_SSL_Verify_Server_Cert\tLast_IO_Errno\tLast_IO_Error\tLast_SQL_Errn"
	"o\tLast_SQL_Error\tReplicate_Ignore_Server_Ids\tMaster_Server_Id\tMaster_SSL_C"
	"rl\tMaster_SSL_Crlpath\tUsing_Gtid\tGtid_IO_Pos\tReplicate_Do_Domain_Ids\tRepl"
	"icate_Ignore_Domain_Ids\tParallel_Mode\tSQL_Delay\tSQL_Remaining_Delay\tSlave_"
	"SQL_Running_State\tSlave_DDL_Groups\tSlave_Non_Transactional_Groups\tSlave_Tra"
	"nsactional_Groups\tReplicate_Rewrite_DB\tRetried_transactions\tMax_relay_log_s"
	"ize\tExecuted_log_entries\tSlave_received_heartbeats\tSlave_heartbeat_period\t"
	"Gtid_Slave_Pos\n"
	"\t\t\t127.0.0.1\trepl\t3301\t1\t\t4\trelay.000002\t1051\tbin.000001\tNo\tNo\t"
	"\t\t\t\t\t\t0\t\t0\t758\t1824\tNone\t\t0\tNo\t\t\t\t\t\tNULL\tNo\t0\t\t0\t\t\t"
	"0\t\t\tSlave_Pos\t\t\t\toptimistic\t0\tNULL\t\t0\t0\t0\t\t0\t1073741824\t0\t0"
	"\t2.000\t0-1-2\n";

static const char mariadb_relay_1[] =
	"Log_name\tPos\tEvent_type\tServer_id\tEnd_log_pos\tInfo\n"
	"relay.000002\t1051\tGtid\t1\t800\tBEGIN GTID 0-1-3\n"
	"relay.000002\t1093\tAnnotate_rows\t1\t858\tINSERT INTO test.t (v) VALUES ('c')"
	"\n"
	"relay.000002\t1151\tTable_map\t1\t905\ttable_id: 18 (test.t)\n"
	"relay.000002\t1198\tWrite_rows_v1\t1\t945\ttable_id: 18 flags: STMT_END_F\n"
	"relay.000002\t1238\tXid\t1\t976\tCOMMIT /* xid=53 */\n";

static const char mariadb_relay_2[] =
	"Log_name\tPos\tEvent_type\tServer_id\tEnd_log_pos\tInfo\n"
	"relay.000003\t4\tFormat_desc\t2\t256\tServer ver: 10.11.19-MariaDB-0+deb12u1-l"
	"og, Binlog ver: 4\n";

static const char mariadb_sessions[] =
	"Id\tUser\tHost\tdb\tCommand\tTime\tState\tInfo\tProgress\n"
	"13\troot\tlocalhost\tNULL\tQuery\t0\tUser sleep\tSELECT SLEEP(9)\t0.000\n"
	"14\troot\tlocalhost\tNULL\tQuery\t0\tstarting\tSHOW PROCESSLIST\t0.000\n";

/* MySQL 8.4: a replica that lags, in the middle of a transaction, with two sources in its past. */
static const char mysql84_replica[] =
	"Replica_IO_State\tSource_Host\tSource_User\tSource_Port\tConnect_Retry\t"
	"Source_Log_File\tRead_Source_Log_Pos\tRelay_Log_File\tRelay_Log_Pos\t"
	"Relay_Source_Log_File\tReplica_IO_Running\tReplica_SQL_Running\tLast_Errno\t"
	"Last_Error\tExec_Source_Log_Pos\tSource_SSL_Allowed\tSeconds_Behind_Source\t"
	"Last_IO_Errno\tLast_IO_Error\tLast_SQL_Errno\tLast_SQL_Error\tSource_Server_Id\t"
	"Source_UUID\tSQL_Delay\tSQL_Remaining_Delay\tReplica_SQL_Running_State\t"
	"Retrieved_Gtid_Set\tExecuted_Gtid_Set\tAuto_Position\tChannel_Name\t"
	"Get_Source_public_key\n"
	"Waiting for source to send event\tdb1\trepl\t3307\t1\tbinlog.000004\t9000\t"
	"relay.000009\t500\tbinlog.000004\tYes\tYes\t0\t\t4000\tYes\t17\t0\t\t0\t\t1\t"
	"3e11fa47-71ca-11e1-9e33-c80aa9429562\t5\tNULL\tWaiting for dependent transaction to "
	"commit\t3e11fa47-71ca-11e1-9e33-c80aa9429562:6-20\t"
	"3e11fa47-71ca-11e1-9e33-c80aa9429562:1-12\t1\t\t1\n"
	"\t<NULL>\t\t0\t60\t\t4\t\t0\t\tNo\tYes\t0\t\t0\tNo\tNULL\t0\t\t0\t\t0\t\t0\t"
	"NULL\t\t\t\t1\tgroup_replication_applier\t0\n";

static const char mysql84_sets[] = "own_id\tlogged\tapplied\tposition\n"
				   "42\t3e11fa47-71ca-11e1-9e33-c80aa9429562:1-12\t"
				   "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-12\t"
				   "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-12\n";

static const char mysql84_variables[] = "Variable_name\tValue\n"
					"event_scheduler\tON\n"
					"gtid_mode\tON\n"
					"log_bin\tON\n"
					"log_replica_updates\tON\n"
					"log_slave_updates\tON\n"
					"read_only\tON\n"
					"rpl_semi_sync_replica_enabled\tON\n"
					"rpl_semi_sync_replica_trace_level\t32\n"
					"rpl_semi_sync_source_enabled\tOFF\n"
					"rpl_semi_sync_source_timeout\t10000\n"
					"rpl_semi_sync_source_trace_level\t32\n"
					"rpl_semi_sync_source_wait_for_replica_count\t1\n"
					"rpl_semi_sync_source_wait_no_replica\tON\n"
					"rpl_semi_sync_source_wait_point\tAFTER_SYNC\n"
					"server_id\t7\n"
					"super_read_only\tOFF\n";

static const char mysql84_counters[] = "Variable_name\tValue\n"
				       "Innodb_rows_deleted\t1\n"
				       "Innodb_rows_inserted\t20\n"
				       "Innodb_rows_updated\t300\n"
				       "Rpl_semi_sync_replica_status\tON\n"
				       "Rpl_semi_sync_source_clients\t0\n"
				       "Rpl_semi_sync_source_no_tx\t3\n"
				       "Rpl_semi_sync_source_status\tOFF\n"
				       "Rpl_semi_sync_source_wait_sessions\t0\n";

/* MySQL 5.7: a primary that once was a replica of a source it still has, without plug-ins. */
static const char mysql57_replica[] =
	"Slave_IO_State\tMaster_Host\tMaster_User\tMaster_Port\tMaster_Log_File\tRelay_Log_File\t"
	"Relay_Log_Pos\tSlave_IO_Running\tSlave_SQL_Running\tSeconds_Behind_Master\t"
	"Last_IO_Errno\tLast_IO_Error\tLast_SQL_Errno\tLast_SQL_Error\tSQL_Delay\t"
	"Retrieved_Gtid_Set\tExecuted_Gtid_Set\tAuto_Position\tChannel_Name\n"
	"\t10.0.0.1\trepl\t3306\tbin.000001\trelay.000002\t400\tNo\tNo\tNULL\t0\t\t0\t\t0\t\t"
	"3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5\t1\t\n";

static const char mysql57_sets[] = "own_id\tlogged\tapplied\tposition\n"
				   "5\t3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5\t"
				   "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5\t"
				   "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5\n";

static const char mysql57_variables[] = "Variable_name\tValue\n"
					"event_scheduler\tOFF\n"
					"gtid_mode\tON\n"
					"log_bin\tON\n"
					"log_slave_updates\tON\n"
					"read_only\tOFF\n"
					"server_id\t1\n"
					"super_read_only\tOFF\n";

static const char mysql57_counters[] = "Variable_name\tValue\n"
				       "Innodb_rows_deleted\t0\n"
				       "Innodb_rows_inserted\t0\n"
				       "Innodb_rows_updated\t0\n";

#endif
