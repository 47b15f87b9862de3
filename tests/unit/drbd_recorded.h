/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_TESTS_DRBD_RECORDED_H
#define HAOPS_TESTS_DRBD_RECORDED_H

/*
 * What DRBD's tools print. RECORDED_84_*: printed by drbd-utils 9.22 on Linux 6.1 with DRBD 8.4.11.
 * WRITTEN_9_*: not recorded but written after the manual of drbd-utils 9.22 and the forms that its
 * source prints, since no DRBD 9 was at hand.
 */

#define RECORDED_84_NONE "exists -\n"

#define RECORDED_84_ALONE                                                                          \
	"exists resource name:r0 role:Secondary suspended:no\n"                                    \
	"exists connection name:r0 peer-node-id:0 conn-name:peer connection:Connecting "           \
	"role:Unknown\n"                                                                           \
	"exists device name:r0 volume:0 minor:0 disk:Consistent\n"                                 \
	"exists peer-device name:r0 peer-node-id:0 conn-name:peer volume:0 replication:Off "       \
	"peer-disk:DUnknown resync-suspended:no\n"                                                 \
	"exists -\n"

#define RECORDED_84_SECONDARY                                                                      \
	"exists resource name:r0 role:Secondary suspended:no\n"                                    \
	"exists connection name:r0 peer-node-id:0 conn-name:peer connection:Connected "            \
	"role:Primary\n"                                                                           \
	"exists device name:r0 volume:0 minor:0 disk:UpToDate\n"                                   \
	"exists peer-device name:r0 peer-node-id:0 conn-name:peer volume:0 "                       \
	"replication:Established peer-disk:UpToDate resync-suspended:no\n"                         \
	"exists -\n"

#define RECORDED_84_STATISTICS                                                                     \
	"exists resource name:r0 role:Secondary suspended:no write-ordering:flush\n"               \
	"exists connection name:r0 peer-node-id:0 conn-name:peer connection:Connecting "           \
	"role:Unknown congested:no\n"                                                              \
	"exists device name:r0 volume:0 minor:0 disk:Consistent size:327632 read:0 written:0 "     \
	"al-writes:0 bm-writes:0 upper-pending:0 lower-pending:0 al-suspended:no blocked:no\n"     \
	"exists peer-device name:r0 peer-node-id:0 conn-name:peer volume:0 replication:Off "       \
	"peer-disk:DUnknown resync-suspended:no received:0 sent:0 out-of-sync:0 pending:0 "        \
	"unacked:0\n"                                                                              \
	"exists -\n"

#define RECORDED_84_SYNC                                                                           \
	"exists resource name:r0 role:Secondary suspended:no write-ordering:flush\n"               \
	"exists connection name:r0 peer-node-id:0 conn-name:peer connection:Connected "            \
	"role:Primary congested:no\n"                                                              \
	"exists device name:r0 volume:0 minor:0 disk:Inconsistent size:327632 read:0 "             \
	"written:4928 al-writes:0 bm-writes:0 upper-pending:0 lower-pending:0 "                    \
	"al-suspended:no blocked:no\n"                                                             \
	"exists peer-device name:r0 peer-node-id:0 conn-name:peer volume:0 "                       \
	"replication:SyncTarget peer-disk:UpToDate resync-suspended:no received:4928 sent:0 "      \
	"out-of-sync:3264 pending:2 unacked:0\n"                                                   \
	"exists -\n"

#define RECORDED_84_PROC                                                                           \
	"version: 8.4.11 (api:1/proto:86-101)\n"                                                   \
	"srcversion: F73C670A7EC572DB9CF3E5B \n"                                                   \
	" 0: cs:SyncSource ro:Primary/Secondary ds:UpToDate/Inconsistent C r-----\n"               \
	"    ns:11440 nr:0 dw:0 dr:11440 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f "                 \
	"oos:90920\n"                                                                              \
	"\t[=>..................] sync'ed: 12.0% (90920/102360)K\n"                                \
	"\tfinish: 0:00:39 speed: 2,288 (2,288) K/sec\n"                                           \
	"\n"                                                                                       \
	"12: cs:SyncTarget ro:Secondary/Primary ds:Inconsistent/UpToDate C r-----\n"               \
	"    ns:0 nr:11440 dw:11440 dr:0 al:8 bm:0 lo:0 pe:0 ua:0 ap:0 ep:1 wo:f "                 \
	"oos:90920\n"                                                                              \
	"\t[=>..................] sync'ed: 12.0% (90920/102360)K\n"                                \
	"\tfinish: 0:00:39 speed: 2,288 (2,288) want: 2,048 K/sec\n"

#define RECORDED_84_SYNC_SOURCE                                                                    \
	"exists resource name:a role:Primary suspended:no write-ordering:flush\n"                  \
	"exists connection name:a peer-node-id:0 conn-name:peer connection:Connected "             \
	"role:Secondary congested:no\n"                                                            \
	"exists device name:a volume:0 minor:0 disk:UpToDate size:102360 read:17472 "              \
	"written:0 al-writes:8 bm-writes:0 upper-pending:0 lower-pending:0 "                       \
	"al-suspended:no blocked:no\n"                                                             \
	"exists peer-device name:a peer-node-id:0 conn-name:peer volume:0 "                        \
	"replication:SyncSource peer-disk:Inconsistent resync-suspended:no "                       \
	"received:0 sent:17472 out-of-sync:84888 pending:0 unacked:0\n"                            \
	"exists resource name:b role:Secondary suspended:no write-ordering:flush\n"                \
	"exists connection name:b peer-node-id:0 conn-name:peer connection:Connected "             \
	"role:Primary congested:no\n"                                                              \
	"exists device name:b volume:0 minor:12 disk:Inconsistent size:102360 read:0 "             \
	"written:17472 al-writes:8 bm-writes:0 upper-pending:0 lower-pending:0 "                   \
	"al-suspended:no blocked:no\n"                                                             \
	"exists peer-device name:b peer-node-id:0 conn-name:peer volume:0 "                        \
	"replication:SyncTarget peer-disk:UpToDate resync-suspended:no "                           \
	"received:17472 sent:0 out-of-sync:84888 pending:0 unacked:0\n"                            \
	"exists -\n"

#define RECORDED_84_STANDALONE                                                                     \
	"exists resource name:a role:Primary suspended:no write-ordering:flush\n"                  \
	"exists connection name:a peer-node-id:0 connection:StandAlone role:Unknown "              \
	"congested:no\n"                                                                           \
	"exists device name:a volume:0 minor:0 disk:UpToDate size:102360 read:0 "                  \
	"written:0 al-writes:8 bm-writes:0 upper-pending:0 lower-pending:0 "                       \
	"al-suspended:no blocked:no\n"                                                             \
	"exists peer-device name:a peer-node-id:0 volume:0 replication:Off "                       \
	"peer-disk:Inconsistent resync-suspended:no received:0 sent:0 "                            \
	"out-of-sync:102360 pending:0 unacked:0\n"                                                 \
	"exists -\n"

#define RECORDED_84_FENCED                                                                         \
	"exists resource name:r0 role:Primary suspended:no\n"                                      \
	"exists connection name:r0 peer-node-id:0 conn-name:peer connection:Connecting "           \
	"role:Unknown\n"                                                                           \
	"exists device name:r0 volume:0 minor:0 disk:UpToDate\n"                                   \
	"exists peer-device name:r0 peer-node-id:0 conn-name:peer volume:0 replication:Off "       \
	"peer-disk:Outdated resync-suspended:no\n"                                                 \
	"exists -\n"

#define RECORDED_84_GENERATIONS                                                                    \
	"C52DEFE93DB5A4FA:0000000000000000:0000000000000000:0000000000000000:1:1:0:1:0:0:0\n"

#define RECORDED_84_DUMP                                                                           \
	"# resource r0 on n1: not ignored, not stacked\n"                                          \
	"# defined at /etc/drbd.d/r0.res:1\n"                                                      \
	"resource r0 {\n    on n1 {\n        device           /dev/drbd0 minor 0;\n"               \
	"        disk             /dev/mapper/r0disk;\n        meta-disk        internal;\n"       \
	"        address          ipv4 10.77.1.11:7788;\n    }\n    on n2 {\n"                     \
	"        device           /dev/drbd0 minor 0;\n"                                           \
	"        disk             /dev/mapper/r0disk;\n        meta-disk        internal;\n"       \
	"        address          ipv4 10.77.1.12:7788;\n    }\n    net {\n"                       \
	"        protocol           C;\n        ping-timeout      50;\n"                           \
	"        after-sb-0pri    disconnect;\n    }\n    disk {\n"                                \
	"        fencing          resource-and-stonith;\n        on-io-error      detach;\n"       \
	"    }\n    handlers {\n        fence-peer       /usr/lib/drbd/crm-fence-peer.sh;\n"       \
	"        after-resync-target /usr/lib/drbd/crm-unfence-peer.sh;\n    }\n}\n\n\n"

#define WRITTEN_9_THREE_NODES                                                                      \
	"exists resource name:r0 role:Secondary suspended:no force-io-failures:no "                \
	"may_promote:no promotion_score:10103\n"                                                   \
	"exists connection name:r0 peer-node-id:1 conn-name:n2 connection:Connected "              \
	"role:Primary\n"                                                                           \
	"exists connection name:r0 peer-node-id:2 conn-name:n3 connection:Connected "              \
	"role:Secondary\n"                                                                         \
	"exists device name:r0 volume:0 minor:0 backing_dev:/dev/vdb disk:UpToDate client:no "     \
	"quorum:yes\n"                                                                             \
	"exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0 "                         \
	"replication:Established peer-disk:UpToDate peer-client:no resync-suspended:no\n"          \
	"exists peer-device name:r0 peer-node-id:2 conn-name:n3 volume:0 "                         \
	"replication:Established peer-disk:Diskless peer-client:yes resync-suspended:no\n"         \
	"exists path name:r0 peer-node-id:1 conn-name:n2 local:ipv4:10.0.0.1:7788 "                \
	"peer:ipv4:10.0.0.2:7788 established:yes\n"                                                \
	"exists -\n"

#define WRITTEN_9_NO_QUORUM                                                                        \
	"exists resource name:r0 role:Secondary suspended:quorum force-io-failures:no "            \
	"may_promote:no promotion_score:0\n"                                                       \
	"exists connection name:r0 peer-node-id:1 conn-name:n2 connection:Connecting "             \
	"role:Unknown\n"                                                                           \
	"exists device name:r0 volume:0 minor:0 backing_dev:/dev/vdb disk:UpToDate client:no "     \
	"quorum:no\n"                                                                              \
	"exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0 replication:Off "         \
	"peer-disk:DUnknown peer-client:no resync-suspended:no\n"                                  \
	"exists -\n"

#define WRITTEN_9_SYNC                                                                             \
	"exists resource name:r0 role:Secondary suspended:no force-io-failures:no "                \
	"may_promote:no promotion_score:1\n"                                                       \
	"exists connection name:r0 peer-node-id:1 conn-name:n2 connection:Connected "              \
	"role:Secondary\n"                                                                         \
	"exists device name:r0 volume:0 minor:0 backing_dev:/dev/vdb disk:Inconsistent "           \
	"client:no quorum:yes\n"                                                                   \
	"exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0 "                         \
	"replication:SyncTarget peer-disk:UpToDate peer-client:no resync-suspended:no "            \
	"done:37.50\n"                                                                             \
	"exists -\n"

#define WRITTEN_9_SYNC_STATISTICS                                                                  \
	"exists resource name:r0 role:Primary suspended:no force-io-failures:no may_promote:no "   \
	"promotion_score:10102 write-ordering:flush\n"                                             \
	"exists connection name:r0 peer-node-id:1 conn-name:n2 connection:Connected "              \
	"role:Secondary congested:no ap-in-flight:0 rs-in-flight:3072\n"                           \
	"exists device name:r0 volume:0 minor:3 backing_dev:/dev/vdb disk:UpToDate client:no "     \
	"quorum:yes size:327632 read:1 written:2 al-writes:0 bm-writes:0 upper-pending:0 "         \
	"lower-pending:0 al-suspended:no blocked:no\n"                                             \
	"exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0 "                         \
	"replication:SyncSource peer-disk:Inconsistent peer-client:no resync-suspended:no "        \
	"done:92.04 received:0 sent:304128 out-of-sync:26072 pending:0 unacked:4 dbdt1:31.50 "     \
	"eta:75\n"                                                                                 \
	"exists resource name:r1 role:Secondary suspended:no force-io-failures:no "                \
	"may_promote:no promotion_score:0 write-ordering:flush\n"                                  \
	"exists connection name:r1 peer-node-id:1 conn-name:n2 connection:Connected "              \
	"role:Secondary congested:no ap-in-flight:0 rs-in-flight:0\n"                              \
	"exists device name:r1 volume:0 minor:4 backing_dev:/dev/vdc disk:Inconsistent "           \
	"client:no quorum:yes size:327632 read:1 written:2 al-writes:0 bm-writes:0 "               \
	"upper-pending:0 lower-pending:0 al-suspended:no blocked:no\n"                             \
	"exists peer-device name:r1 peer-node-id:1 conn-name:n2 volume:0 "                         \
	"replication:PausedSyncT peer-disk:UpToDate peer-client:no resync-suspended:dependency "   \
	"done:0.00 received:0 sent:0 out-of-sync:327632 pending:0 unacked:0 dbdt1:0.00 "           \
	"eta:nan\n"                                                                                \
	"exists -\n"

#define WRITTEN_9_CLIENT                                                                           \
	"exists resource name:r0 role:Secondary suspended:no force-io-failures:no "                \
	"may_promote:yes promotion_score:1\n"                                                      \
	"exists connection name:r0 peer-node-id:1 conn-name:n2 connection:Connected "              \
	"role:Secondary\n"                                                                         \
	"exists device name:r0 volume:0 minor:0 backing_dev:none disk:Diskless client:yes "        \
	"quorum:yes\n"                                                                             \
	"exists peer-device name:r0 peer-node-id:1 conn-name:n2 volume:0 "                         \
	"replication:Established peer-disk:UpToDate peer-client:no resync-suspended:no\n"          \
	"exists -\n"

#define WRITTEN_9_JSON                                                                             \
	"[\n{\n  \"name\": \"other\",\n  \"node-id\": 0,\n  \"role\": \"Primary\",\n"              \
	"  \"devices\": [\n    {\n      \"volume\": 7,\n      \"minor\": 7 } ],\n"                 \
	"  \"connections\": [ ]\n}\n,{\n"                                                          \
	"  \"name\": \"r0\",\n  \"node-id\": 0,\n  \"role\": \"Secondary\",\n"                     \
	"  \"suspended\": false,\n  \"suspended-user\": false,\n"                                  \
	"  \"write-ordering\": \"flush\",\n  \"devices\": [\n    {\n"                              \
	"      \"volume\": 0,\n      \"minor\": 0,\n      \"disk-state\": \"UpToDate\",\n"         \
	"      \"client\": false,\n      \"quorum\": true,\n      \"size\": 307148,\n"             \
	"      \"read\": 0\n    } ],\n  \"connections\": [\n    {\n"                               \
	"      \"peer-node-id\": 1,\n      \"name\": \"n2\",\n"                                    \
	"      \"connection-state\": \"Connected\", \n      \"congested\": false,\n"               \
	"      \"peer-role\": \"Primary\",\n      \"peer_devices\": [\n        {\n"                \
	"          \"volume\": 0,\n          \"replication-state\": \"SyncTarget\",\n"             \
	"          \"peer-disk-state\": \"UpToDate\",\n          \"peer-client\": false,\n"        \
	"          \"resync-suspended\": \"no\",\n          \"out-of-sync\": 12,\n"                \
	"          \"percent-in-sync\": 99.99\n        } ]\n    } ]\n}\n]\n\n"

#endif
