/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HAOPSD_LOSSES_H
#define HAOPSD_LOSSES_H

/*
 * The books of what is lost: which loss waits for its turn, which one Pacemaker was asked to take,
 * which one has to be looked at again, and when. Pure; tells nobody anything.
 */

#include "pcmk/pcmk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOSSES_MAX 16384
#define LOSSES_NEVER INT64_MAX
#define LOSSES_RECHECK_MS 10000	  /* a look that brought no answer is asked for again */
#define LOSSES_ANSWER_MS 60000	  /* a report that was not answered counts as not taken */
#define LOSSES_UNMANAGED_MS 10000 /* unmanaged ones are looked at again so often */
#define LOSSES_BACKOFF_MIN_MS 1000
#define LOSSES_BACKOFF_MAX_MS 60000

enum loss_state {
	LOSS_WAITING,	 /* may be reported at due_ms */
	LOSS_RECHECKING, /* the watcher was asked to look again */
	LOSS_ASKED,	 /* the report is under way */
	LOSS_HELD,	 /* Pacemaker must not be told, or cannot be; looked at again at due_ms */
	LOSS_REPORTED	 /* Pacemaker has it */
};

struct loss {
	char resource[HAOPS_WATCH_NAME_MAX];
	char reason[256];
	enum loss_state state;
	int64_t noticed_ms;
	int64_t due_ms;
	uint64_t id;	       /* of the report under way */
	unsigned int tries;    /* answers that were not "taken" */
	bool has_slot;	       /* the limiter counts it */
	enum pcmk_result told; /* last answer that people were told; PCMK_REPORTED: none */
};

struct losses;

struct losses *losses_new(void);
void losses_free(struct losses *losses);
size_t losses_count(const struct losses *losses);
struct loss *losses_find(struct losses *losses, const char *resource);
struct loss *losses_by_id(struct losses *losses, uint64_t id);
/* A loss was seen (again): it is RECHECKING without an end until losses_wait(). 0, -ENOSPC or
 * -ENOMEM. */
int losses_add(struct losses *losses, const char *resource, const char *reason, int64_t noticed_ms,
	       struct loss **ret_loss);
void losses_remove(struct losses *losses, struct loss *loss);
/* It may be reported at due_ms. */
void losses_wait(struct loss *loss, int64_t due_ms);
/* The watcher is asked to look again, now. */
void losses_recheck(struct loss *loss, int64_t now_ms);
void losses_asked(struct loss *loss, uint64_t id, int64_t now_ms);
/* Pacemaker's answer. True when people should be told, which is once per loss and kind of answer.
 */
bool losses_answered(struct loss *loss, enum pcmk_result result, int64_t now_ms);
/* Own pause: what waits for its turn has to be looked at again first, after the pause. Those are
 * due at once then. */
void losses_doubt(struct losses *losses, int64_t now_ms);
/* The one that is due for longest; NULL when none is. */
struct loss *losses_due(struct losses *losses, int64_t now_ms);
/* When the next one is due; LOSSES_NEVER. */
int64_t losses_next_ms(const struct losses *losses);

#endif
