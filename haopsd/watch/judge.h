/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_JUDGE_H
#define HAOPSD_JUDGE_H

/* What events and looks say of an object. Pure. */

#include "watch/links.h"
#include "watch/set.h"

#include "rtnl-msg.h"

/* Whether an event about its address makes a look at the object necessary. */
bool judge_must_look(const struct watch_object *object, const struct rtnl_addr *addr, bool is_gone);

/* A list of addresses is read: begin, one call for each entry with the object's address, and then
 * the verdict. */
void judge_address_begin(struct watch_object *object, const struct watch_links *links);
void judge_address_take(struct watch_object *object, const struct rtnl_addr *addr);
enum watch_fault judge_address(struct watch_object *object, const struct watch_links *links);

/* The same for a list of mounts. has_ids: the record's mount ids are those of this list. */
void judge_mount_begin(struct watch_object *object);
void judge_mount_take(struct watch_object *object, uint64_t mount_id, bool has_ids);
enum watch_fault judge_mount(const struct watch_object *object);

/* Why a record is lost, by the first of its objects that is. */
void judge_reason(const struct watch_entry *entry, const struct watch_links *links, char *buf,
		  size_t size);
/* Whether nothing is lost that a monitor of its agent could not mend. */
bool judge_is_idle(const struct watch_entry *entry);
/* When the event of that object was read. */
int64_t judge_noticed_ms(const struct watch_entry *entry);

#endif
