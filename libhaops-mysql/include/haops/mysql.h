/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HAOPS_MYSQL_H
#define HAOPS_MYSQL_H

/**
 * @file mysql.h
 * @brief Replication of MariaDB and MySQL: who has what, stop and drain, promote, demote, repoint.
 *
 * Written for MariaDB 10.5 to 11.x and MySQL 5.7, 8.0, 8.4; what a server is comes from its
 * handshake. Every statement is bounded by the deadline of the call: a server that accepts the
 * connection and never answers costs the deadline and no more. -ETIMEDOUT means that the statement
 * may or may not have been carried out: ask for the status before you assume.
 *
 * Each operation looks at the server before each step and does what is left to do, so one that was
 * interrupted anywhere, by a killed program or a lost connection, is simply called again.
 *
 * Sentences and log messages never contain a password.
 */

#include <haops/haops.h>
#include <haops/mysql-gtid.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a host name, a user or a path, with the NUL. */
#define HAOPS_MYSQL_NAME_MAX 256
/** Bytes of an error text of the server, with the NUL. */
#define HAOPS_MYSQL_ERROR_MAX 256

/** How to reach a server. Zero what is not needed. */
struct haops_mysql_target {
	const char *socket;   /**< path of its unix socket; NULL: TCP */
	const char *host;     /**< address or name, with TCP */
	unsigned int port;    /**< TCP port, 0 for 3306 */
	const char *user;     /**< account; NULL: the caller's operating system user */
	const char *password; /**< its password; NULL: none, as with unix_socket authentication */
	/** Refuse a connection without TLS (TCP). Only with ca is the server itself proven. That
	 * it offers none is known after the login: make the account REQUIRE SSL, too. */
	bool needs_tls;
	const char *ca;	  /**< file with the certificate authority, or NULL */
	const char *cert; /**< file with the client's certificate, or NULL */
	const char *key;  /**< file with the client's key, or NULL */
};

/** What a server is. */
struct haops_mysql_identity {
	enum haops_mysql_flavor flavor;	 /**< MariaDB or MySQL */
	unsigned int version;		 /**< 10000 * major + 100 * minor + patch: 101119 */
	char text[HAOPS_MYSQL_NAME_MAX]; /**< as the server says it: "10.11.19-MariaDB-..." */
};

/** A connection to a server. */
struct haops_mysql;

/** One thread of a replica. */
enum haops_mysql_thread {
	HAOPS_MYSQL_STOPPED,	/**< it does not run */
	HAOPS_MYSQL_CONNECTING, /**< receiver only: it runs, and has no connection to the source */
	HAOPS_MYSQL_RUNNING	/**< it runs */
};

/** What a server says of itself at one moment. Texts are "" where there is nothing to say. */
struct haops_mysql_status {
	struct haops_mysql_identity server; /**< what it is */
	uint32_t server_id;		    /**< @@server_id */
	/** Which run of the server it is: when it started, seconds since 1970 (the middle bits of
	 *  UUID_SHORT()); 0: unknown. */
	uint64_t instance;
	bool is_read_only; /**< @@read_only; MySQL: @@super_read_only */
	bool is_writable;  /**< neither of them is on */
	bool has_binlog;   /**< @@log_bin */
	bool logs_applied; /**< @@log_slave_updates: what it applies is in its log, too */

	/** MariaDB: @@gtid_binlog_state; MySQL: @@gtid_executed: all that is in its log. */
	struct haops_mysql_gtid *logged;
	/** MariaDB: @@gtid_slave_pos; MySQL: @@gtid_executed: what it applied as a replica. */
	struct haops_mysql_gtid *applied;
	/** Everything that it has, applied or only received: the union of logged, applied and
	 * received. */
	struct haops_mysql_gtid *all;
	/** MariaDB: Gtid_IO_Pos, and where that says nothing, as after a restart, what is whole in
	 * the relay log; MySQL: Retrieved_Gtid_Set. */
	struct haops_mysql_gtid *received;

	bool is_replica;	   /**< it has a source configured */
	unsigned int source_count; /**< how many (multi-source); more than one is not managed */
	char source_host[HAOPS_MYSQL_NAME_MAX];	    /**< its source */
	unsigned int source_port;		    /**< and its port */
	enum haops_mysql_thread receiver;	    /**< IO thread */
	enum haops_mysql_thread applier;	    /**< SQL thread */
	unsigned int receiver_errno;		    /**< last error of the receiver, 0 for none */
	char receiver_error[HAOPS_MYSQL_ERROR_MAX]; /**< its text */
	unsigned int applier_errno;		    /**< last error of the applier, 0 for none */
	char applier_error[HAOPS_MYSQL_ERROR_MAX];  /**< its text */
	int64_t lag_s;	      /**< seconds behind the source; -1: unknown, which is not 0 */
	unsigned int delay_s; /**< configured delay of the applier */
	bool uses_gtid;	      /**< replicates by GTID */

	bool acks;	      /**< semi-synchronous: acknowledges what it receives */
	bool waits_for_ack;   /**< semi-synchronous: its own commits wait for a replica */
	unsigned int ackers;  /**< replicas connected that acknowledge */
	unsigned int waiting; /**< commits that wait for a replica at this moment */
	uint64_t acked;	      /**< commits that waited and got it (Rpl_semi_sync_master_yes_tx) */
	uint64_t unacked;     /**< commits that did not wait (Rpl_semi_sync_master_no_tx) */
};

/**
 * @brief Connects.
 *
 * @param ctx the context; the connection belongs to it
 * @param target where to; copied
 * @param deadline_ms until when, see haops_deadline_after()
 * @param ret_mysql the connection; close it with haops_mysql_close()
 * @return 0
 * @return -EINVAL a value of target is empty, overlong, or contradicts another
 * @return -ECONNREFUSED nothing listens there: the server does not run, or is just starting
 * @return -EACCES the server refuses the account: check its grants
 * @return -EUSERS the server has too many connections
 * @return -ETIMEDOUT it does not answer: hanging, stopped or unreachable
 * @return -EIO another failure, see haops_ctx_error(); so is a libmariadb.so.3 that cannot be
 *         loaded: install it
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_connect(struct haops_ctx *ctx,
						      const struct haops_mysql_target *target,
						      int64_t deadline_ms,
						      struct haops_mysql **ret_mysql);

/**
 * @brief Closes a connection. NULL is allowed.
 *
 * @param mysql the connection or NULL
 * @return NULL always
 */
HAOPS_PUBLIC struct haops_mysql *haops_mysql_close(struct haops_mysql *mysql);

/**
 * @brief What the server is.
 *
 * @param mysql the connection
 * @return the description, valid as long as the connection
 */
HAOPS_PUBLIC const struct haops_mysql_identity *haops_mysql_server(const struct haops_mysql *mysql);

/**
 * @brief Whether the server serves a statement, for who only wants to know that.
 *
 * @param mysql the connection
 * @param table DATABASE.TABLE of which one row is read (it may have none); NULL: no table
 * @param deadline_ms until when
 * @return 0 it does
 * @return -EINVAL table is no name of a table
 * @return -ENOENT there is no such table
 * @return -EACCES the account may not read it
 * @return -ETIMEDOUT it does not answer
 * @return -EIO the connection is lost, or another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_check(struct haops_mysql *mysql, const char *table,
						    int64_t deadline_ms);

/**
 * @brief Reads a setting, as the server has it now.
 *
 * @param mysql the connection
 * @param name the variable: letters, digits and _
 * @param deadline_ms until when
 * @param ret_value its global value as SHOW VARIABLES has it, such as "ON"; free it with free()
 * @return 0
 * @return -EINVAL name is none
 * @return -ENOENT this server has no such setting
 * @return -ENOMEM memory is short
 * @return -ETIMEDOUT it does not answer
 * @return -EIO the connection is lost, or another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_get_setting(struct haops_mysql *mysql,
							  const char *name, int64_t deadline_ms,
							  char **ret_value);

/**
 * @brief Has a primary run its scheduled events: those that replicated switched off are enabled,
 * which is not logged, and the event scheduler is switched on. A replica cannot tell which of them
 * somebody had switched off on the former primary: drop what is not to run any more.
 * haops_mysql_demote() switches the scheduler off.
 *
 * @param mysql connection to a primary, which is open; its session logs nothing any more: close it,
 *        or use it for what is not to be replicated
 * @param deadline_ms until when
 * @param ret_count how many were enabled, or NULL
 * @return 0
 * @return -EACCES the account may not (EVENT, SUPER or SYSTEM_VARIABLES_ADMIN, BINLOG ADMIN)
 * @return -ETIMEDOUT it does not answer: some may be enabled
 * @return -EIO the connection is lost, or another failure: some may be enabled
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_start_events(struct haops_mysql *mysql,
							   int64_t deadline_ms, size_t *ret_count);

/**
 * @brief Asks for the status. Uses only statements that no lock of another session holds up.
 *
 * @param mysql the connection
 * @param deadline_ms until when
 * @param ret_status the status; free its content with haops_mysql_status_done()
 * @return 0
 * @return -ENOTSUP the server is too old to replicate by GTID
 * @return -EACCES the account may not ask for it
 * @return -EPROTO it says something that is not understood: unknown, assume nothing
 * @return -ETIMEDOUT it does not answer
 * @return -EIO the connection is lost, or another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_get_status(struct haops_mysql *mysql,
							 int64_t deadline_ms,
							 struct haops_mysql_status *ret_status);

/**
 * @brief Frees the content of a status.
 *
 * @param status what haops_mysql_get_status() filled, or zeros
 */
HAOPS_PUBLIC void haops_mysql_status_done(struct haops_mysql_status *status);

/** A server that is asked by haops_mysql_ask(), and its answer. */
struct haops_mysql_question {
	struct haops_mysql_target target;   /**< whom; the caller's */
	int result;			    /**< 0, or why there is no status */
	char reason[HAOPS_MYSQL_ERROR_MAX]; /**< the same as a sentence; "" with 0 */
	struct haops_mysql_status
		status; /**< with 0; haops_mysql_status_done() frees its content */
};

/**
 * @brief Asks several servers for their status at the same time, each over a connection of its own:
 * one that does not answer keeps nobody from hearing the others.
 *
 * Each is asked on a thread of its own, with all signals blocked and without the context's log
 * function; none of them is left when the call returns.
 *
 * @param ctx the context
 * @param questions targets in, results out
 * @param count how many; 0 is allowed
 * @param deadline_ms until when, for all of them
 * @return 0 each was asked: see its result, which is one of haops_mysql_connect() and
 *         haops_mysql_get_status()
 * @return -EINVAL no questions are given
 * @return -ENOMEM memory is short; none was asked
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_ask(struct haops_ctx *ctx,
						  struct haops_mysql_question *questions,
						  size_t count, int64_t deadline_ms);

/**
 * @brief Says that an operation goes on.
 *
 * @param userdata of struct haops_mysql_wait
 * @param applied transactions applied so far since the call began
 * @param left transactions still to be applied, an upper bound
 */
typedef void (*haops_mysql_progress_fn)(void *userdata, uint64_t applied, uint64_t left);

/** How long an operation may wait for a replica to apply what it received. */
struct haops_mysql_wait {
	int64_t deadline_ms;		  /**< in any case */
	int64_t stall_ms;		  /**< without any progress; 0: only the deadline counts */
	haops_mysql_progress_fn progress; /**< called about once a second, or NULL */
	void *userdata;			  /**< for progress */
};

/**
 * @brief Applies everything that was received, and stops receiving. The relay log is never thrown
 * away: a stopped applier is started while the receiver still runs, and with MariaDB two threads
 * that are stopped with unapplied transactions are an error (-EBUSY), as starting one would purge
 * them. A replica whose own commits wait for an acknowledgement applies nothing: that is switched
 * off.
 *
 * @param mysql connection to a replica
 * @param wait how long
 * @param ret_applied transactions that were still to be applied when the call began; may be NULL
 * @return 0 received = applied, and nothing more comes in
 * @return -ENODATA it is no replica
 * @return -EBUSY both threads are stopped and something may be left to apply, or that cannot be
 * known: it has several sources, or replicates without GTID; see haops_ctx_error()
 * @return -EBADMSG the applier stopped with an error: its sentence is the server's
 * @return -ETIMEDOUT not done in time; the applier still runs, nothing is lost: call again
 * @return -EIO the connection is lost, or another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_drain(struct haops_mysql *mysql,
						    const struct haops_mysql_wait *wait,
						    uint64_t *ret_applied);

/**
 * @brief Applies what was received by a replica both of whose threads are stopped, as after a
 * restart: starting them would throw it away (MariaDB). Nothing left to apply is success.
 *
 * @param mysql connection to a read-only server
 * @param deadline_ms until when
 * @return 0 nothing is left, or it is no replica, or a thread runs
 * @return -EBADMSG the applier stopped with an error: its sentence is the server's
 * @return -ETIMEDOUT not done in time; the applier still runs, nothing is lost: call again
 * @return -EACCES the account may not
 * @return -EIO the connection is lost, or another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_apply_left(struct haops_mysql *mysql,
							 int64_t deadline_ms);

/** How a primary is to replicate. */
enum haops_mysql_durability {
	HAOPS_MYSQL_ASYNC, /**< commits wait for nobody */
	HAOPS_MYSQL_SAFE   /**< commits wait for one replica, for ever if need be */
};

/**
 * @brief Makes a drained replica, or a server without a source, a primary: forgets the source, sets
 * how commits wait, opens it for writing, looks.
 *
 * The last steps are these: first durability, then writing. It does not judge whether this
 * server should be the primary; see haops_mysql_drain() and haops_mysql_compare() for that.
 *
 * @param mysql the connection
 * @param durability how its commits wait
 * @param deadline_ms until when
 * @return 0 it is writable
 * @return -EBUSY received transactions are not applied: drain first
 * @return -ENOTSUP it has no semi-synchronous replication (MySQL: install its plug-in), or several
 * sources
 * @return -EACCES the account may not
 * @return -ETIMEDOUT unknown whether it is writable: ask for the status
 * @return -EIO the connection is lost, or another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_promote(struct haops_mysql *mysql,
						      enum haops_mysql_durability durability,
						      int64_t deadline_ms);

/**
 * @brief Whether commits wait, changed at run time. Switching it off acknowledges commits that
 * wait at that moment, though no replica has them: see docs/decisions/0008.
 *
 * @param mysql connection to a primary
 * @param durability how its commits wait from now on
 * @param deadline_ms until when
 * @return 0
 * @return -ENOTSUP it has no semi-synchronous replication
 * @return -ETIMEDOUT unknown
 * @return -EIO the connection is lost, or another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_set_durability(struct haops_mysql *mysql,
							     enum haops_mysql_durability durability,
							     int64_t deadline_ms);

/**
 * @brief Whether a replica acknowledges. Restarts its receiver if that runs, never its applier.
 *
 * A receiver that is stopped while the applier runs is started, as an interrupted call leaves it
 * like that. MariaDB: a commit that waits already, and of which the replica had all before, is
 * acknowledged with the next transaction of the primary only.
 *
 * @param mysql connection to a replica
 * @param acks true: it acknowledges what it receives from now on
 * @param deadline_ms until when
 * @return 0
 * @return -EBUSY the applier is stopped, so the receiver cannot be restarted without a loss
 * @return -ENOTSUP it has no semi-synchronous replication
 * @return -ETIMEDOUT unknown
 * @return -EIO the connection is lost, or another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_set_acks(struct haops_mysql *mysql, bool acks,
						       int64_t deadline_ms);

/** What demoting did. */
struct haops_mysql_fenced {
	unsigned int killed; /**< sessions that were ended */
	char *position;	     /**< up to where it has logged, as text; free it with free() */
};

/**
 * @brief Closes a server for writing and ends the sessions of its clients.
 *
 * Sessions that hold it up (a statement under way, a commit that waits for a replica) are killed,
 * never waited for: their clients get an error, no false success. The waiting for replicas is left
 * as it is. The event scheduler is switched off: events may have the right to write anyway.
 *
 * @param mysql the connection
 * @param deadline_ms until when
 * @param ret_fenced what was done; may be NULL
 * @return 0 it is read-only, no client session is left, its position does not move any more
 * @return -ETIMEDOUT it could not be closed: it may still write, so kill the server
 * @return -EACCES the account may not
 * @return -EIO the connection is lost, or another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_demote(struct haops_mysql *mysql, int64_t deadline_ms,
						     struct haops_mysql_fenced *ret_fenced);

/** From whom to replicate. */
struct haops_mysql_source {
	const char *host;     /**< address or name, as the replica reaches it */
	unsigned int port;    /**< TCP port, 0 for 3306 */
	const char *user;     /**< replication account */
	const char *password; /**< its password, or NULL */
	/** Replicate with TLS. To be sure of it, make the account REQUIRE SSL on the source. */
	bool needs_tls;
	const char *ca;		      /**< file on the replica, or NULL */
	const char *cert;	      /**< file on the replica, or NULL */
	const char *key;	      /**< file on the replica, or NULL */
	unsigned int connect_retry_s; /**< between attempts, 0 for 1 */
};

/**
 * @brief Makes a server replicate from another, by GTID, and waits until it does.
 *
 * What it received from its former source and did not apply is thrown away and fetched again: only
 * call this for a source that has everything (haops_mysql_compare()). Replicating from the same
 * source already, with both threads running, is success at once. Waiting for acknowledgements is
 * switched off: what it applies would wait for ever.
 *
 * @param mysql connection to a read-only server
 * @param source its new source
 * @param deadline_ms until when
 * @return 0 both threads run
 * @return -EPERM it is writable: demote it first
 * @return -ECONNREFUSED the source cannot be reached; the receiver goes on trying
 * @return -EACCES the source refuses the account
 * @return -ESTALE the histories differ, or the source has purged what is needed: this server has to
 * be repaired
 * @return -EBADMSG the applier stopped with an error
 * @return -ETIMEDOUT unknown
 * @return -EIO the connection is lost, or another failure
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_repoint(struct haops_mysql *mysql,
						      const struct haops_mysql_source *source,
						      int64_t deadline_ms);

/**
 * @brief Stops replication for good: drains, stops both threads. The source is kept.
 *
 * @param mysql connection to a replica
 * @param wait how long
 * @return as haops_mysql_drain()
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int haops_mysql_stop_replication(struct haops_mysql *mysql,
							       const struct haops_mysql_wait *wait);

/** How the data of two servers compare. */
struct haops_mysql_comparison {
	enum haops_mysql_relation relation; /**< of all that the first has with all of the second */
	uint64_t behind; /**< transactions that only the second has, an upper bound */
	/** What the first has logged, and the second neither logged nor applied, as text; "" for
	 * nothing. It means something where the second is to have everything, as a primary is;
	 * free() it. */
	char *errant;
};

/**
 * @brief Compares what two servers have.
 *
 * @param ctx the context
 * @param first status of one
 * @param second status of the other
 * @param ret_comparison the result; free errant with free()
 * @return 0
 * @return -EINVAL they are of different dialects, or a status is not whole
 * @return -ENOMEM memory is short
 */
HAOPS_PUBLIC HAOPS_MUST_CHECK int
haops_mysql_compare(struct haops_ctx *ctx, const struct haops_mysql_status *first,
		    const struct haops_mysql_status *second,
		    struct haops_mysql_comparison *ret_comparison);

/** Who may become the primary: see docs/decisions/0008. */
enum haops_mysql_verdict {
	HAOPS_MYSQL_MAY,      /**< this one */
	HAOPS_MYSQL_CATCH_UP, /**< this one, after it replicated from voter ahead all that has */
	HAOPS_MYSQL_WAIT,     /**< not now: another has to answer, to close or to be repaired */
	HAOPS_MYSQL_REFUSE    /**< not this one: its data or its settings forbid it */
};

/** One node in an election. */
struct haops_mysql_voter {
	const char *node; /**< its name */
	bool is_safe;	  /**< a member of the safe set */
	bool is_bad;	  /**< its data has diverged: what it has counts for nothing */
	/** What its server says; NULL: it does not answer, so what it has is unknown. */
	const struct haops_mysql_status *status;
};

/** What is known for an election. */
struct haops_mysql_election {
	/** All nodes that may have data, in the order of preference for a new cluster. Each member
	 * of the safe set has to be among them, whether it answers or not. */
	const struct haops_mysql_voter *voters;
	size_t voter_count; /**< how many */
	size_t candidate;   /**< index of the one in question */
	/** Node that was promoted last, NULL: none ever was. It had everything when that was
	 * written down. */
	const char *last_primary;
	const char *initial;   /**< node that the operator named for a new cluster, or NULL */
	bool is_stale_allowed; /**< the operator accepts that others may have more */
	/** With ASYNC the safe set proves nothing: all have to answer but one. */
	enum haops_mysql_durability durability;
};

/** The result of an election. */
struct haops_mysql_decision {
	enum haops_mysql_verdict verdict; /**< what may be done */
	size_t ahead;	   /**< with CATCH_UP: index of the one that has more; else the candidate */
	uint64_t given_up; /**< with is_stale_allowed: transactions known to be lost */
	/** A sentence for people: why, or why not and what to do. What matters comes first. */
	char reason[256];
};

/**
 * @brief Decides whether the candidate may become the primary. Pure: nothing is asked or changed.
 *
 * MAY and CATCH_UP are for the moment that the statuses describe. Ask for new ones, and decide
 * again, when the candidate has applied all that it received: what a replica has received and not
 * applied is only known by its last number, and two histories may have used the same numbers.
 *
 * Whoever is promoted belongs into the safe set from then on, in the same step that names it
 * last_primary, and before it is opened for writing.
 *
 * @param election what is known
 * @param ret_decision the result
 */
HAOPS_PUBLIC void haops_mysql_elect(const struct haops_mysql_election *election,
				    struct haops_mysql_decision *ret_decision);

#ifdef __cplusplus
}
#endif
#endif
