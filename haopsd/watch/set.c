/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The watched things: records, their objects, what is to be looked at. Pure: memory only. */
#include "watch/set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_FIRST 64

void set_init(struct watch_set *set)
{
	*set = (struct watch_set){.entries = NULL};
	TAILQ_INIT(&set->touched);
	TAILQ_INIT(&set->marked_processes);
	TAILQ_INIT(&set->marked_mounts);
	TAILQ_INIT(&set->marked_looked);
	TAILQ_INIT(&set->mounts);
}

void set_done(struct watch_set *set)
{
	while (set->count > 0)
		set_remove(set, set->entries[set->count - 1]);
	free(set->entries);
	free(set->index.buckets);
	set_init(set);
}

/* The first place whose file is not before this one. */
static size_t place_of(const struct watch_set *set, const char *file)
{
	size_t low = 0;
	size_t high = set->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(set->entries[middle]->file, file) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct watch_entry *set_find(const struct watch_set *set, const char *file)
{
	size_t at = place_of(set, file);

	return at < set->count && strcmp(set->entries[at]->file, file) == 0 ? set->entries[at]
									    : NULL;
}

struct watch_entry *set_find_resource(const struct watch_set *set, const char *resource)
{
	for (size_t i = 0; i < set->count; i++) {
		if (strcmp(set->entries[i]->watch.resource, resource) == 0)
			return set->entries[i];
	}
	return NULL;
}

static uint32_t hash_bytes(uint32_t value, const void *bytes, size_t len)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < len; i++)
		value = (value ^ at[i]) * 16777619U; /* FNV-1a */
	return value;
}

static uint32_t hash_address(const struct watch_net *net, const struct haops_addr *addr)
{
	uint32_t value = hash_bytes(2166136261U, addr->bytes, sizeof(addr->bytes));

	return hash_bytes(value, (const void *)&net, sizeof(net));
}

static uint32_t hash_path(const char *path)
{
	return hash_bytes(2166136261U, path, strlen(path));
}

static int index_grow(struct watch_index *index)
{
	size_t size = index->size ? index->size * 2 : INDEX_FIRST;
	struct watch_object **buckets = calloc(size, sizeof(struct watch_object *));

	if (!buckets)
		return -ENOMEM;
	for (size_t i = 0; i < index->size; i++) {
		while (index->buckets[i]) {
			struct watch_object *object = index->buckets[i];

			index->buckets[i] = object->next_same;
			object->next_same = buckets[object->hash & (size - 1)];
			buckets[object->hash & (size - 1)] = object;
		}
	}
	free(index->buckets);
	index->buckets = buckets;
	index->size = size;
	return 0;
}

int set_index(struct watch_set *set, struct watch_object *object)
{
	struct watch_index *index = &set->index;
	struct watch_object **bucket;

	if (index->count >= index->size && index_grow(index) < 0)
		return -ENOMEM;
	object->hash = object->spec->kind == HAOPS_WATCH_ADDRESS
			       ? hash_address(object->entry->net, &object->spec->address.addr)
			       : hash_path(object->spec->mount.path);
	bucket = &index->buckets[object->hash & (index->size - 1)];
	object->next_same = *bucket;
	*bucket = object;
	object->is_indexed = true;
	index->count++;
	return 0;
}

static void unindex(struct watch_set *set, struct watch_object *object)
{
	struct watch_object **at;

	if (!object->is_indexed)
		return;
	at = &set->index.buckets[object->hash & (set->index.size - 1)];
	while (*at != object)
		at = &(*at)->next_same;
	*at = object->next_same;
	object->is_indexed = false;
	set->index.count--;
}

static struct watch_object *bucket_of(const struct watch_set *set, uint32_t hash)
{
	return set->index.size ? set->index.buckets[hash & (set->index.size - 1)] : NULL;
}

static struct watch_object *seek_address(struct watch_object *object, const struct watch_net *net,
					 const struct haops_addr *addr)
{
	while (object && (object->spec->kind != HAOPS_WATCH_ADDRESS || object->entry->net != net ||
			  haops_addr_cmp(&object->spec->address.addr, addr) != 0))
		object = object->next_same;
	return object;
}

static struct watch_object *seek_mount(struct watch_object *object, const char *path)
{
	while (object && (object->spec->kind != HAOPS_WATCH_MOUNT ||
			  strcmp(object->spec->mount.path, path) != 0))
		object = object->next_same;
	return object;
}

struct watch_object *set_first_address(const struct watch_set *set, const struct watch_net *net,
				       const struct haops_addr *addr)
{
	return seek_address(bucket_of(set, hash_address(net, addr)), net, addr);
}

struct watch_object *set_next_address(const struct watch_object *object)
{
	return seek_address(object->next_same, object->entry->net, &object->spec->address.addr);
}

struct watch_object *set_first_mount(const struct watch_set *set, const char *path)
{
	return seek_mount(bucket_of(set, hash_path(path)), path);
}

struct watch_object *set_next_mount(const struct watch_object *object)
{
	return seek_mount(object->next_same, object->spec->mount.path);
}

static int make_room(struct watch_set *set, size_t objects)
{
	struct watch_entry **entries;
	size_t size = set->size ? set->size * 2 : 16;

	if (set->count >= WATCH_ENTRIES_MAX || set->object_count + objects > WATCH_OBJECTS_MAX)
		return -ENOSPC;
	if (set->count < set->size)
		return 0;
	entries = realloc(set->entries, size * sizeof(struct watch_entry *));
	if (!entries)
		return -ENOMEM;
	set->entries = entries;
	set->size = size;
	return 0;
}

static struct watch_entry *make_entry(const char *file, const struct haops_watch *watch)
{
	struct watch_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	entry->objects = calloc(watch->object_count + 1, sizeof(*entry->objects));
	if (!entry->objects) {
		free(entry);
		return NULL;
	}
	memcpy(entry->file, file, strlen(file) + 1);
	entry->watch = *watch;
	for (size_t i = 0; i < watch->object_count; i++) {
		entry->objects[i].entry = entry;
		entry->objects[i].spec = &watch->objects[i];
		entry->objects[i].pidfd = -1;
	}
	return entry;
}

int set_add(struct watch_set *set, const char *file, struct haops_watch *watch,
	    struct watch_entry **ret_entry)
{
	size_t at = place_of(set, file);
	int r = strlen(file) <= NAME_MAX ? make_room(set, watch->object_count) : -ENOSPC;
	struct watch_entry *entry = r == 0 ? make_entry(file, watch) : NULL;

	if (!entry)
		return r == 0 ? -ENOMEM : r;
	memmove(&set->entries[at + 1], &set->entries[at],
		(set->count - at) * sizeof(struct watch_entry *));
	set->entries[at] = entry;
	set->count++;
	set->object_count += watch->object_count;
	*watch = (struct haops_watch){.objects = NULL};
	*ret_entry = entry;
	return 0;
}

void set_remove(struct watch_set *set, struct watch_entry *entry)
{
	size_t at = place_of(set, entry->file);

	for (size_t i = 0; i < entry->watch.object_count; i++) {
		set_unmark(set, &entry->objects[i]);
		unindex(set, &entry->objects[i]);
	}
	if (entry->is_touched)
		TAILQ_REMOVE(&set->touched, entry, touched);
	set->object_count -= entry->watch.object_count;
	set->count--;
	memmove(&set->entries[at], &set->entries[at + 1],
		(set->count - at) * sizeof(struct watch_entry *));
	haops_watch_done(&entry->watch);
	free(entry->objects);
	free(entry);
}

struct watch_objects *set_marked_list(struct watch_set *set, const struct watch_object *object)
{
	switch (object->spec->kind) {
	case HAOPS_WATCH_PROCESS:
		return &set->marked_processes;
	case HAOPS_WATCH_MOUNT:
		return &set->marked_mounts;
	case HAOPS_WATCH_DATABASE:
	case HAOPS_WATCH_EXPORT:
		return &set->marked_looked;
	case HAOPS_WATCH_ADDRESS:
	default:
		return net_marked(object->entry->net);
	}
}

void set_mark(struct watch_set *set, struct watch_object *object, int64_t noticed_ms)
{
	if (object->is_marked)
		return;
	object->is_marked = true;
	object->noticed_ms = noticed_ms;
	TAILQ_INSERT_TAIL(set_marked_list(set, object), object, marked);
}

void set_unmark(struct watch_set *set, struct watch_object *object)
{
	if (!object->is_marked)
		return;
	object->is_marked = false;
	TAILQ_REMOVE(set_marked_list(set, object), object, marked);
}

static void touch(struct watch_set *set, struct watch_entry *entry)
{
	if (entry->is_touched)
		return;
	entry->is_touched = true;
	TAILQ_INSERT_TAIL(&set->touched, entry, touched);
}

void set_judge(struct watch_set *set, struct watch_object *object, enum watch_fault fault)
{
	enum watch_state state = fault == FAULT_NONE ? WATCH_WHOLE : WATCH_LOST;

	if (state == WATCH_LOST && object->state != WATCH_LOST)
		object->entry->lost_count++;
	if (state != WATCH_LOST && object->state == WATCH_LOST)
		object->entry->lost_count--;
	object->state = state;
	object->fault = fault;
	set_unmark(set, object);
	touch(set, object->entry);
}
