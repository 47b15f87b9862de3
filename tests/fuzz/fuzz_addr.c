/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Feeds text to the address reader: what it takes must come back the same from its canonical form.
 */

#include "internal.h"

#include <haops/addr.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_canonical(struct haops_ctx *ctx, const struct haops_addr *addr)
{
	char text[HAOPS_ADDR_TEXT_MAX], again[HAOPS_ADDR_TEXT_MAX];
	struct haops_addr back;

	if (haops_addr_parse(ctx, haops_addr_format(addr, text), &back) < 0)
		abort();
	if (haops_addr_cmp(addr, &back) != 0 || strcmp(text, haops_addr_format(&back, again)) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct haops_addr addr = {.family = 0};
	struct haops_ctx *ctx = NULL;
	char *text = malloc(size + 1);
	int code;

	if (!text || haops_ctx_new(&ctx) < 0)
		abort();
	memcpy(text, data, size);
	text[size] = '\0';
	code = haops_addr_parse(ctx, text, &addr);
	if (code == 0)
		check_canonical(ctx, &addr);
	else if (code != -EINVAL || addr.family != 0 || !*haops_ctx_error(ctx))
		abort();
	free(text);
	(void)haops_ctx_free(ctx);
	return 0;
}
