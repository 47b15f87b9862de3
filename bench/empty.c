/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The floor of every agent: an empty, dynamically linked program. */

int main(void)
{
	return 0;
}
