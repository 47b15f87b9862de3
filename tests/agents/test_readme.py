# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of README.md: each test that they name is there, and each report that a test names is in them."""

import pathlib
import re

HERE = pathlib.Path(__file__).parent
README = (HERE / "README.md").read_text(encoding="utf-8")


def sources():
    """The text of all tests of the agents."""
    return {path.name: path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py")}


def test_each_test_that_is_named_exists():
    defined = set(re.findall(r"^def (test_\w+)", "\n".join(sources().values()), re.M))
    named = set(re.findall(r"`(test_\w+)`", README))
    assert len(named) > 30 and named - defined == set()
    for name, path in re.findall(r"`(\w+)` in `([\w./-]+)`", README):
        assert name in (HERE / path).read_text(encoding="utf-8"), (name, path)


def test_each_report_that_a_test_names_is_in_the_table():
    # Framework and others, which have no table.
    others = {"RA#941"}
    in_tests = set(re.findall(r"RA#\d+", "\n".join(sources().values()))) - others
    assert in_tests - set(re.findall(r"RA#\d+", README)) == set()


def test_each_report_has_a_test_or_a_reason():
    rows = [line for line in README.splitlines() if re.match(r"\| (RA|none)", line)]
    assert len(rows) > 40
    assert [row for row in rows if not re.search(r"`(test_\w+|same_interval)`|\| moot: ", row)] == []
