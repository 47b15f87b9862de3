/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_TCP_SEGMENT_H
#define HAOPS_TCP_SEGMENT_H

/* A TCP segment without data (RFC 9293, 3.1). Pure. */

#include <haops/tcp.h>

#define TCP_SEGMENT_LEN 20

/* An ACK that fits no connection's sequence, with its checksum, from local to peer. */
void tcp_segment_tickle(const struct haops_tcp_connection *connection,
			uint8_t ret_segment[TCP_SEGMENT_LEN]);

#endif
