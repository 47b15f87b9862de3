/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRBD_STATE_H
#define DRBD_STATE_H

/* What DRBD's kernel module says of one resource. Filled by events.c or json.c; pure. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STATE_PEERS_MAX 32
#define STATE_VOLUMES_MAX 64
#define STATE_NAME_MAX 128

/* Words that are not known belong to a later version: they are UNKNOWN, which no promotion trusts.
 */
enum state_disk {
	STATE_DISK_UNKNOWN, /* DUnknown, of a peer; or a word that is not known */
	STATE_DISKLESS,
	STATE_ATTACHING,
	STATE_DETACHING,
	STATE_FAILED,
	STATE_NEGOTIATING,
	STATE_INCONSISTENT,
	STATE_OUTDATED,
	STATE_CONSISTENT,
	STATE_UPTODATE
};

enum state_role { STATE_ROLE_UNKNOWN, STATE_SECONDARY, STATE_PRIMARY };

enum state_connection {
	STATE_CONNECTION_UNKNOWN,
	STATE_STANDALONE,
	STATE_CONNECTING, /* and all that comes before it, and after a cut */
	STATE_CONNECTED
};

enum state_sync { STATE_SYNC_NONE, STATE_SYNC_SOURCE, STATE_SYNC_TARGET };

struct state_volume {
	uint32_t number;
	int64_t minor; /* -1: none yet */
	enum state_disk disk;
	bool is_client; /* has no disk on purpose */
	bool lacks_quorum;
};

/* One volume of a peer. */
struct state_link {
	bool is_there;
	enum state_disk disk;
	bool is_client;
	enum state_sync sync;
	const char *replication; /* DRBD's own word, see state_replication_word() */
	int permille;		 /* of the resync that runs, -1: not told */
	int64_t left_s;		 /* until it is done, as DRBD estimates; -1: not told */
};

struct state_peer {
	char key[STATE_NAME_MAX];  /* what tells this peer from others: its node id, or its name */
	char name[STATE_NAME_MAX]; /* of the connection; "" if not told */
	enum state_connection connection;
	enum state_role role;
	struct state_link links[STATE_VOLUMES_MAX]; /* by the index of the volume */
};

enum state_answer { STATE_NOT_TOLD, STATE_NO, STATE_YES };

struct state {
	bool is_configured; /* the kernel knows the resource */
	enum state_role role;
	bool is_suspended;	       /* I/O waits */
	enum state_answer may_promote; /* DRBD 9 */
	struct state_volume volumes[STATE_VOLUMES_MAX];
	size_t volume_count;
	struct state_peer peers[STATE_PEERS_MAX];
	size_t peer_count;
};

/* Words of DRBD. */
enum state_disk state_disk_of(const char *word);
enum state_role state_role_of(const char *word);
enum state_connection state_connection_of(const char *word);
enum state_sync state_sync_of(const char *word);
const char *state_disk_word(enum state_disk disk);
const char *state_role_word(enum state_role role);
const char *state_connection_word(enum state_connection connection);
/* Lives as long as the program; NULL: not a word that is known. */
const char *state_replication_word(const char *word);

/* The volume or peer of that number or key, made when it is new; NULL: there are too many. */
struct state_volume *state_volume_get(struct state *state, uint32_t number);
struct state_peer *state_peer_get(struct state *state, const char *key);
struct state_link *state_link_get(struct state *state, struct state_peer *peer, uint32_t volume);

#endif
