/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Doubles are recognised: one window of numbers for each sender. Knows nothing of membership. */
#include "seen.h"

#include <string.h>

/* Its own, or the one that was silent for longest. */
static struct seen_sender *find_sender(struct seen *seen, uint64_t incarnation)
{
	struct seen_sender *oldest = &seen->senders[0];

	for (unsigned int i = 0; i < SEEN_MAX; i++) {
		struct seen_sender *sender = &seen->senders[i];

		if (sender->incarnation == incarnation)
			return sender;
		if (sender->used < oldest->used)
			oldest = sender;
	}
	*oldest = (struct seen_sender){.incarnation = incarnation};
	return oldest;
}

static uint64_t *word_of(struct seen_sender *sender, uint64_t seq)
{
	return &sender->bits[seq % SEEN_WINDOW / 64];
}

static void advance(struct seen_sender *sender, uint64_t seq)
{
	if (seq - sender->last >= SEEN_WINDOW) {
		memset(sender->bits, 0, sizeof(sender->bits));
	} else {
		for (uint64_t skipped = sender->last + 1; skipped < seq; skipped++)
			*word_of(sender, skipped) &= ~(UINT64_C(1) << skipped % 64);
	}
	sender->last = seq;
}

bool seen_is_new(struct seen *seen, uint64_t incarnation, uint64_t seq)
{
	struct seen_sender *sender = find_sender(seen, incarnation);
	uint64_t bit = UINT64_C(1) << seq % 64;

	sender->used = ++seen->turn;
	if (seq > sender->last) {
		advance(sender, seq);
	} else if (sender->last - seq >= SEEN_WINDOW || (*word_of(sender, seq) & bit)) {
		return false;
	}
	*word_of(sender, seq) |= bit;
	return true;
}
