/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_SET_H
#define HAOPSD_SET_H

/*
 * The watched things: records by their files, their objects by address and path, and which objects
 * are to be looked at. Pure: memory only. Everything that is done for each event costs the same,
 * however many things are watched.
 */

#include <haops/watch.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/* More than this, and haopsd says so and watches the first ones. */
#define WATCH_ENTRIES_MAX 4096
#define WATCH_OBJECTS_MAX 131072

enum watch_state {
	WATCH_UNSEEN, /* not looked at yet */
	WATCH_WHOLE,
	WATCH_LOST
};

/* Why an object is lost. */
enum watch_fault {
	FAULT_NONE,
	FAULT_GONE,
	FAULT_ELSEWHERE,
	FAULT_PREFIX,
	FAULT_DUPLICATE,
	FAULT_LINK_DOWN,
	FAULT_LINK_GONE,
	FAULT_NETNS_GONE,
	FAULT_ENDED,
	FAULT_UNMOUNTED,
	FAULT_REMOUNTED,
	FAULT_LOOKED, /* its helper says which */
	FAULT_IDLE    /* the same, of a database that is well but does not replicate */
};

struct watch_entry;
struct watch_net;
struct watch_looked;

struct watch_object {
	struct watch_entry *entry;
	const struct haops_watch_object *spec;
	enum watch_state state;
	enum watch_fault fault;
	int64_t noticed_ms; /* of the event that marked it */
	bool is_marked;
	bool is_indexed;
	uint32_t hash;
	struct watch_object *next_same;	     /* with the same hash */
	TAILQ_ENTRY(watch_object) marked;    /* of the set, or of a net */
	TAILQ_ENTRY(watch_object) neighbour; /* of a net, mounts, blind processes */

	/* What the last look found: an address. ifindex is that of the interface where it was
	 * whole, 0 before; the others are of the list that was read last. */
	int ifindex;
	bool is_found; /* on some interface */
	bool is_right; /* where it belongs, as it should be */
	int found_ifindex;
	uint8_t found_prefix_len;
	bool is_duplicate;

	int pidfd;	   /* process; -1: none */
	bool has_ended;	   /* its pidfd said so */
	bool is_blind;	   /* it has none */
	uint64_t mount_id; /* mount: which one it was when it was whole */
	bool is_mounted;   /* something is there */

	struct watch_looked *looked; /* how it is looked at; NULL: it is not */
	const char *said;	     /* by who looks at it: why it is lost */
};

TAILQ_HEAD(watch_objects, watch_object);

struct watch_entry {
	char file[NAME_MAX + 1];
	struct haops_watch watch;
	struct watch_object *objects; /* one for each of watch.objects */
	struct watch_net *net;
	int64_t since_ms;
	size_t lost_count;
	bool is_lost;	/* and told */
	bool must_tell; /* again */
	bool was_idle;	/* as it was told last */
	bool is_touched;
	char reason[256];
	uint64_t stamp[3]; /* of the file as it was read */
	TAILQ_ENTRY(watch_entry) touched;
};

TAILQ_HEAD(watch_entries, watch_entry);

struct watch_index {
	struct watch_object **buckets;
	size_t size; /* a power of two, or 0 */
	size_t count;
};

struct watch_set {
	struct watch_entry **entries; /* by file */
	size_t count;
	size_t size;
	size_t object_count;
	struct watch_index index; /* addresses and mount points */
	struct watch_entries touched;
	struct watch_objects marked_processes;
	struct watch_objects marked_mounts;
	struct watch_objects marked_looked;
	struct watch_objects mounts;
};

void set_init(struct watch_set *set);
void set_done(struct watch_set *set);

/* Takes over the record's content. 0, -ENOMEM, or -ENOSPC when there are too many. */
int set_add(struct watch_set *set, const char *file, struct haops_watch *watch,
	    struct watch_entry **ret_entry);
/* net.c and procs.c have let go of its objects before. */
void set_remove(struct watch_set *set, struct watch_entry *entry);
struct watch_entry *set_find(const struct watch_set *set, const char *file);
struct watch_entry *set_find_resource(const struct watch_set *set, const char *resource);

/* The first object at this address in a net, or at this path, and the others after it. */
struct watch_object *set_first_address(const struct watch_set *set, const struct watch_net *net,
				       const struct haops_addr *addr);
struct watch_object *set_next_address(const struct watch_object *object);
struct watch_object *set_first_mount(const struct watch_set *set, const char *path);
struct watch_object *set_next_mount(const struct watch_object *object);
/* Addresses are found from then on; the entry's net is set. -ENOMEM. */
int set_index(struct watch_set *set, struct watch_object *object);

/* The list that an object is in while it is marked. */
struct watch_objects *set_marked_list(struct watch_set *set, const struct watch_object *object);
void set_mark(struct watch_set *set, struct watch_object *object, int64_t noticed_ms);
void set_unmark(struct watch_set *set, struct watch_object *object);
/* A look has found out how an object is. */
void set_judge(struct watch_set *set, struct watch_object *object, enum watch_fault fault);

/* net.c: the marked addresses of a net. */
struct watch_objects *net_marked(struct watch_net *net);

#endif
