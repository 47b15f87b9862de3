# SPDX-License-Identifier: GPL-2.0-or-later
# What the tests of the agents need built. The tests themselves (test_*.py) are run by tests/run.

check_PROGRAMS += tests/agents/demo-agent
tests_agents_demo_agent_SOURCES = tests/agents/demo-agent.c
tests_agents_demo_agent_LDADD = libocf.la

EXTRA_DIST += tests/agents/demo.py tests/agents/test_framework.py tests/agents/test_framework_log.py
