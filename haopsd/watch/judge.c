/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What events and looks say of an object, and how a loss is told. Pure. */
#include "watch/judge.h"

#include <linux/if_addr.h>
#include <stdio.h>

bool judge_must_look(const struct watch_object *object, const struct rtnl_addr *addr, bool is_gone)
{
	bool is_ours = addr->ifindex == object->ifindex &&
		       addr->prefix_len == object->spec->address.prefix_len;

	/* One that is lost can come back; one that was not looked at yet is marked anyway. */
	if (object->state != WATCH_WHOLE)
		return !is_gone;
	return is_ours && (is_gone || (addr->flags & IFA_F_DADFAILED));
}

static const struct watch_link *link_of(const struct watch_object *object,
					const struct watch_links *links)
{
	const struct watch_link *link = links_find(links, object->ifindex);

	/* The name counts only as long as it is not known which interface it meant. */
	return link ? link : links_find_name(links, object->spec->address.link);
}

void judge_address_begin(struct watch_object *object, const struct watch_links *links)
{
	const struct watch_link *link = link_of(object, links);

	object->ifindex = link ? link->ifindex : 0;
	object->is_found = false;
	object->is_right = false;
	object->is_duplicate = false;
	object->found_ifindex = 0;
	object->found_prefix_len = 0;
}

void judge_address_take(struct watch_object *object, const struct rtnl_addr *addr)
{
	bool is_here = addr->ifindex == object->ifindex;

	if (object->is_right)
		return;
	object->is_right = is_here && addr->prefix_len == object->spec->address.prefix_len;
	/* Of several wrong ones, the one on the same interface is told. */
	if (!object->is_found || is_here) {
		object->found_ifindex = addr->ifindex;
		object->found_prefix_len = addr->prefix_len;
		object->is_duplicate = addr->flags & IFA_F_DADFAILED;
	}
	object->is_found = true;
}

enum watch_fault judge_address(struct watch_object *object, const struct watch_links *links)
{
	const struct watch_link *link = links_find(links, object->ifindex);

	if (object->is_right && link && link->is_up)
		return object->is_duplicate ? FAULT_DUPLICATE : FAULT_NONE;
	if (link && !link->is_up)
		return FAULT_LINK_DOWN;
	if (object->is_found)
		return object->found_ifindex == object->ifindex ? FAULT_PREFIX : FAULT_ELSEWHERE;
	return link ? FAULT_GONE : FAULT_LINK_GONE;
}

void judge_mount_begin(struct watch_object *object)
{
	object->is_mounted = false;
	object->is_right = false;
}

/*
 * The number tells a mount from a later one at the same place. Those of another mount namespace's
 * list are others; there, the mount that was found first is the one from then on.
 */
void judge_mount_take(struct watch_object *object, uint64_t mount_id, bool has_ids)
{
	uint64_t recorded = object->spec->mount.mount_id;

	object->is_mounted = true;
	if (recorded && !object->mount_id)
		object->mount_id = has_ids ? recorded : mount_id;
	object->is_right = object->is_right || !recorded || mount_id == object->mount_id;
}

enum watch_fault judge_mount(const struct watch_object *object)
{
	if (object->is_right)
		return FAULT_NONE;
	return object->is_mounted ? FAULT_REMOUNTED : FAULT_UNMOUNTED;
}

static const char *name_of(const struct watch_links *links, int ifindex)
{
	const struct watch_link *link = links_find(links, ifindex);

	return link ? link->name : "another interface";
}

static void address_reason(const struct watch_object *object, const struct watch_links *links,
			   char *buf, size_t size)
{
	const char *link = object->spec->address.link;
	char addr[HAOPS_ADDR_TEXT_MAX];

	haops_addr_format(&object->spec->address.addr, addr);
	switch (object->fault) {
	case FAULT_ELSEWHERE:
		(void)snprintf(buf, size, "address %s is on %s, not on %s", addr,
			       name_of(links, object->found_ifindex), link);
		break;
	case FAULT_PREFIX:
		(void)snprintf(buf, size, "address %s has prefix length %u on %s, not %u", addr,
			       (unsigned int)object->found_prefix_len, link,
			       (unsigned int)object->spec->address.prefix_len);
		break;
	case FAULT_DUPLICATE:
		(void)snprintf(buf, size, "another host on %s has address %s, too", link, addr);
		break;
	case FAULT_LINK_DOWN:
		(void)snprintf(buf, size, "interface %s of address %s was set down", link, addr);
		break;
	case FAULT_LINK_GONE:
		(void)snprintf(buf, size, "interface %s of address %s is gone", link, addr);
		break;
	case FAULT_NETNS_GONE:
		(void)snprintf(buf, size, "network namespace %.60s of address %s is gone",
			       object->entry->watch.netns, addr);
		break;
	default:
		(void)snprintf(buf, size, "address %s was removed from %s", addr, link);
		break;
	}
}

static const struct watch_object *first_lost(const struct watch_entry *entry)
{
	for (size_t i = 0; i < entry->watch.object_count; i++) {
		if (entry->objects[i].state == WATCH_LOST)
			return &entry->objects[i];
	}
	return NULL;
}

void judge_reason(const struct watch_entry *entry, const struct watch_links *links, char *buf,
		  size_t size)
{
	const struct watch_object *object = first_lost(entry);
	char text[200];

	if (!object) {
		buf[0] = '\0';
		return;
	}
	if (object->spec->kind == HAOPS_WATCH_ADDRESS)
		address_reason(object, links, text, sizeof(text));
	else if (object->spec->kind == HAOPS_WATCH_PROCESS)
		(void)snprintf(text, sizeof(text), "process %d has ended",
			       (int)object->spec->process.pid);
	else if (object->spec->kind == HAOPS_WATCH_DATABASE ||
		 object->spec->kind == HAOPS_WATCH_EXPORT)
		(void)snprintf(text, sizeof(text), "%s", object->said ? object->said : "");
	else if (object->fault == FAULT_REMOUNTED)
		(void)snprintf(text, sizeof(text), "another file system is mounted at %.100s",
			       object->spec->mount.path);
	else
		(void)snprintf(text, sizeof(text), "nothing is mounted at %.100s any more",
			       object->spec->mount.path);
	if (entry->lost_count > 1)
		(void)snprintf(buf, size, "%s (and %zu more)", text, entry->lost_count - 1);
	else
		(void)snprintf(buf, size, "%s", text);
}

bool judge_is_idle(const struct watch_entry *entry)
{
	for (size_t i = 0; i < entry->watch.object_count; i++) {
		if (entry->objects[i].state == WATCH_LOST && entry->objects[i].fault != FAULT_IDLE)
			return false;
	}
	return entry->lost_count > 0;
}

int64_t judge_noticed_ms(const struct watch_entry *entry)
{
	const struct watch_object *object = first_lost(entry);

	return object ? object->noticed_ms : 0;
}
