/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_CLUSTER_H
#define HAOPS_CLUSTER_H

/**
 * @file cluster.h
 * @brief A Corosync process group (cpg(8)) with names, quorum and ring, behind one descriptor.
 *
 * Unlike libcpg, nothing here blocks or spins when Corosync is stopped, slow or gone: its libraries
 * are called by a thread of this library alone (the one exception from the rule of haops.h that
 * none is started). The caller polls one descriptor and calls haops_cluster_dispatch(); all
 * handlers run inside that call, on the caller's thread, in the order in which things happened.
 *
 * When Corosync ends or restarts, the library joins again by itself, and says so through the view.
 * Messages that were accepted and did not come back are sent again, unless they were volatile;
 * receivers drop what they had already. As a Corosync that starts is alone at first, they wait for
 * a quorate ring then, for token + consensus + 2 s at most. What Corosync calls a success of
 * sending is none: a message counts as sent when it was delivered to ourselves (handler sent).
 *
 * Other programs may be in the group, too: what they send is dropped and counted in the log. A
 * message of a later version of this library is read as far as it is compatible, and dropped (the
 * log says so once) if its sender declares that it is not.
 *
 * A caller that does not dispatch loses nothing: some thousand events wait here, the rest in
 * Corosync's memory, without a limit there. A membership takes four descriptors beside those of
 * Corosync's libraries, and a thread with a stack of 4 MiB. It does not survive fork(2).
 */

#include <haops/haops.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Members that a group can have (CPG_MEMBERS_MAX of corosync/cpg.h). */
#define HAOPS_CLUSTER_MEMBERS_MAX 128
/** Bytes of a node's name with the NUL. */
#define HAOPS_CLUSTER_NAME_MAX 256
/** Bytes that one message can carry. */
#define HAOPS_CLUSTER_MESSAGE_MAX 32768
/** Links (rings) between two nodes (KNET_MAX_LINK). */
#define HAOPS_CLUSTER_LINKS_MAX 8
/** Bytes of an address as text, with the NUL. */
#define HAOPS_CLUSTER_ADDRESS_MAX 64

/** A membership of this process in one group. */
struct haops_cluster;

/** How the connection to Corosync is. */
enum haops_cluster_state {
	HAOPS_CLUSTER_DOWN,    /**< Corosync does not run, or refuses us; tried again by itself */
	HAOPS_CLUSTER_SILENT,  /**< it runs, but a call or our own message is overdue */
	HAOPS_CLUSTER_JOINING, /**< connected; own join not seen yet */
	HAOPS_CLUSTER_UP       /**< a member of the group */
};

/** A ring of totem: changes with each change of the membership of nodes. */
struct haops_cluster_ring {
	uint32_t nodeid; /**< its representative */
	uint64_t seq;	 /**< its number, grows */
};

/** One member of the group. */
struct haops_cluster_member {
	uint32_t nodeid;      /**< Corosync's number of the node */
	uint32_t pid;	      /**< process there; no identity, see incarnation */
	uint64_t incarnation; /**< drawn anew at each join; 0 until it was heard, and 0 for ever if
				 it is no member of this library */
	bool is_in_ring;      /**< its node is in the ring, too; a member that is not is a ghost */
	char name[HAOPS_CLUSTER_NAME_MAX]; /**< the node's name (nodelist, else its hello), or "" */
};

/** What is known of the cluster at one moment. */
struct haops_cluster_view {
	enum haops_cluster_state state; /**< the rest is what was last known unless this is UP */
	uint32_t nodeid;		/**< our own node */
	uint64_t incarnation;		/**< our own */
	struct haops_cluster_ring ring; /**< ring of the process group */
	struct haops_cluster_ring quorum_ring; /**< ring that the quorum service speaks of */
	bool is_quorate;		       /**< the quorum service says so for quorum_ring */
	bool is_settled;	    /**< both rings are the same and all members are in it */
	bool is_two_node;	    /**< votequorum's two_node: each half is quorate */
	bool has_qdevice;	    /**< a quorum device is configured */
	bool waits_for_all;	    /**< votequorum's wait_for_all is on */
	uint32_t expected_votes;    /**< 0: not known */
	uint32_t total_votes;	    /**< 0: not known */
	uint32_t quorum;	    /**< votes needed; 0: not known */
	uint32_t token_ms;	    /**< totem.token at run time; 0: not known */
	uint32_t consensus_ms;	    /**< totem.consensus at run time; 0: not known */
	const uint32_t *ring_nodes; /**< node numbers of the ring, ascending */
	size_t ring_count;	    /**< how many */
	const struct haops_cluster_member *members; /**< ordered by nodeid, then pid */
	size_t member_count;			    /**< how many */
	const char *trouble; /**< why state is not UP, a sentence; "" otherwise */
};

/** Why a member is not there any more. */
enum haops_cluster_reason {
	HAOPS_CLUSTER_LEFT,	    /**< it said goodbye or left the group: orderly */
	HAOPS_CLUSTER_PROCESS_GONE, /**< its process or its Corosync ended; the node may live */
	HAOPS_CLUSTER_NODE_GONE,    /**< its node left the ring: powered off, cut off, or stopped.
				       After a pause of our own it may be us who were away */
	HAOPS_CLUSTER_GHOST	    /**< Corosync lists it, but its node is not in the ring */
};

/** One message. */
struct haops_cluster_message {
	uint32_t nodeid;      /**< sender's node */
	uint32_t pid;	      /**< sender's process */
	uint64_t incarnation; /**< sender's incarnation */
	uint64_t seq;	      /**< number of the message, 1 and above, per incarnation */
	int64_t sent_ms;      /**< sender's CLOCK_BOOTTIME when it was handed to Corosync */
	int64_t received_ms;  /**< our CLOCK_BOOTTIME when Corosync handed it to us */
	bool is_own;	  /**< sent by this very incarnation: a proof that the token goes round */
	bool is_quorate;  /**< delivered in a ring that the quorum service calls quorate */
	const void *data; /**< valid during the call */
	size_t len;	  /**< bytes, 0 to HAOPS_CLUSTER_MESSAGE_MAX */
};

/** A link (ring) from this node to another, as Corosync's knet sees it. */
struct haops_cluster_link {
	uint32_t nodeid;     /**< the other node */
	uint8_t link;	     /**< number of the link */
	bool is_enabled;     /**< configured and in use */
	bool is_connected;   /**< answers come back */
	uint32_t latency_us; /**< average round trip; 0: not known */
	uint32_t down_count; /**< how often it went down since Corosync's start */
	char local_address[HAOPS_CLUSTER_ADDRESS_MAX]; /**< our own end, numeric; "": not known */
};

/**
 * What the caller wants to hear. Each may be NULL. They may call haops_cluster_send() and
 * haops_cluster_ask_links(), but not dispatch or leave.
 */
struct haops_cluster_handlers {
	/** Something of the view changed. Comes after the joined and left calls of that change, and
	 * before the messages that came after it. */
	void (*view)(void *userdata, const struct haops_cluster_view *view);
	/** A member is there: it was heard. We ourselves are one. */
	void (*joined)(void *userdata, const struct haops_cluster_member *member);
	/** A member that had joined is there no more. */
	void (*left)(void *userdata, const struct haops_cluster_member *member,
		     enum haops_cluster_reason reason);
	/** A message of any member, our own included. */
	void (*message)(void *userdata, const struct haops_cluster_message *message);
	/** What became of haops_cluster_send(): 0 it came back; -ECONNRESET it was volatile and
	 * Corosync went away or lost it; -ETIMEDOUT it was volatile and waited for silent_ms
	 * without being handed to Corosync; -ECANCELED we left. */
	void (*sent)(void *userdata, uint64_t seq, int result);
	/** Answer to haops_cluster_ask_links(); none when Corosync did not tell. */
	void (*links)(void *userdata, const struct haops_cluster_link *links, size_t count);
};

/** How a group is joined. Zero what is not needed. */
struct haops_cluster_options {
	const char *group;     /**< name, 1 to 127 bytes */
	uint32_t queue_max;    /**< messages that wait at most, 1 to 65536; 0 for 256 */
	uint32_t unechoed_max; /**< messages under way at most, 1 to 128; 0 for 16 */
	uint32_t silent_ms;    /**< a call or an own message older than this makes the state SILENT;
				    0 for 2000. After as long without any, the library sends a
				    small one of its own */
};

/** A message that is useless when it is late: not kept over a reconnection or a silence. */
#define HAOPS_CLUSTER_VOLATILE 1u

/**
 * @brief Joins a group, and keeps joining whenever Corosync comes back.
 *
 * Returns at once; the view tells when it is done.
 *
 * @param ctx the context; it must outlive the membership. Log messages come out of dispatch
 * @param options how; copied
 * @param handlers copied
 * @param userdata handed to the handlers
 * @param ret_cluster free it with haops_cluster_leave()
 * @return 0
 * @return -EINVAL an option is outside its range
 * @return -ENOMEM memory is short
 * @return -EIO no thread or descriptor could be made
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_cluster_join(struct haops_ctx *ctx,
						     const struct haops_cluster_options *options,
						     const struct haops_cluster_handlers *handlers,
						     void *userdata,
						     struct haops_cluster **ret_cluster);

/**
 * @brief Leaves the group and frees the membership.
 *
 * Sends what waits, then a goodbye, then leaves, so that the others know within milliseconds and
 * take it for orderly. At the deadline it lets go whatever Corosync does: a thread that is stuck
 * inside its libraries is abandoned with its memory and descriptors; it ends and frees them when
 * the call returns, or with the process. Of the handlers only sent is called, for each message that
 * had no answer yet; events that wait are dropped.
 *
 * @param cluster freed; NULL is fine
 * @param deadline_ms from haops_deadline_after()
 * @return 0 the goodbye came back
 * @return -ENOTCONN there was nothing to leave
 * @return -ETIMEDOUT Corosync did not answer: the others will see a process that is gone
 */
HAOPS_PUBLIC int haops_cluster_leave(struct haops_cluster *cluster, int64_t deadline_ms);

/**
 * @brief The descriptor to poll for reading.
 *
 * The same for the life of the membership. It is for poll(2), epoll(7) and the like alone.
 *
 * @param cluster the membership
 * @return the descriptor; readable (POLLIN) when haops_cluster_dispatch() has something to do
 */
HAOPS_PUBLIC int haops_cluster_fd(const struct haops_cluster *cluster);

/**
 * @brief Runs the handlers for what happened.
 *
 * Never waits for Corosync.
 *
 * @param cluster the membership
 * @param max at most so many events, 1 and above; the descriptor stays readable when more wait
 * @return number of events handled, 0 and above
 * @return -EINVAL max is 0
 */
HAOPS_PUBLIC int haops_cluster_dispatch(struct haops_cluster *cluster, unsigned int max);

/**
 * @brief The view as of the last dispatch.
 *
 * @param cluster the membership
 * @return the view; it and all it points to are valid until the next dispatch, or leave
 */
HAOPS_PUBLIC const struct haops_cluster_view *
haops_cluster_get_view(const struct haops_cluster *cluster);

/**
 * @brief Sends a message to all members, ourselves included, in one order for all.
 *
 * Copies the data and returns at once. The handler sent tells what became of it. Members are those
 * of our part of the cluster when it is delivered: whoever is cut off then never gets it.
 *
 * @param cluster the membership
 * @param data bytes
 * @param len 0 to HAOPS_CLUSTER_MESSAGE_MAX
 * @param flags 0 or HAOPS_CLUSTER_VOLATILE
 * @param ret_seq its number; may be NULL
 * @return 0 accepted
 * @return -EINVAL an argument is outside its range
 * @return -EAGAIN the queue is full (Corosync is slow or silent): drop it, or send less
 * @return -ENOTCONN volatile, and we are no member at the moment
 * @return -ENOMEM memory is short
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_cluster_send(struct haops_cluster *cluster,
						     const void *data, size_t len,
						     unsigned int flags, uint64_t *ret_seq);

/**
 * @brief Asks for the links to all nodes; the handler links answers once.
 *
 * @param cluster the membership
 * @return 0
 * @return -ENOTCONN Corosync is not there
 */
HAOPS_PUBLIC int haops_cluster_ask_links(struct haops_cluster *cluster);

/**
 * @brief How long the thread has been inside one call of Corosync's libraries.
 *
 * @param cluster the membership
 * @return milliseconds; 0 when it is in none. Above some seconds: Corosync is stopped or hangs
 */
HAOPS_PUBLIC int64_t haops_cluster_stuck_ms(const struct haops_cluster *cluster);

#ifdef __cplusplus
}
#endif
#endif
