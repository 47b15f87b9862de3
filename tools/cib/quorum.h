/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPS_CIB_QUORUM_H
#define HAOPS_CIB_QUORUM_H

/* The membership as Corosync has it at this moment. What the CIB says of it comes later. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUORUM_MEMBERS_MAX 64

struct quorum_view {
	bool is_quorate;
	uint64_t ring_seq; /* another one after each change of the membership */
	uint32_t members[QUORUM_MEMBERS_MAX];
	size_t member_count;
};

/* False: Corosync does not tell. */
bool quorum_look(struct quorum_view *ret_view);

#endif
