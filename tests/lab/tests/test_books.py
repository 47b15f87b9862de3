# SPDX-License-Identifier: GPL-2.0-or-later
"""The judgement on the writers' books, and on who was writable."""
from __future__ import annotations

import pytest
from haopslab import books, writable
from haopslab.writable import Answer

BOOK = ("C 0 1000.000 n1\nS 1 1001.000 -\nA 1 1002.500 n1\nS 2 1003.000 -\nE 2 2003.000 2013\n"
        "F 0 2500.000 2003\nC 0 3000.000 n2\nS 3 3001.000 -\nA 3 3002.000 n2\nS 4 3003.000 -\n"
        "E 4 3004.000 1290\nS 5 3005.0")


def row(seq: int, writer: int = 1) -> books.Row:
    return books.Row(writer, seq, books.payload_crc(writer, seq, 20))


def judged(rows: dict[str, list[books.Row]], checksums: dict[str, str] | None = None) -> books.Audit:
    return books.audit(books.parse({1: BOOK}), rows, checksums or {}, 20)


def test_book_is_read() -> None:
    found = books.parse({1: BOOK})
    assert found.acked == {(1, 1): (1.0025, "n1"), (1, 3): (3.002, "n2")}
    assert found.errors == {(1, 2): (2.003, 2013), (1, 4): (3.004, 1290)}
    assert found.connected == [(1.0, "n1"), (3.0, "n2")] and found.refused == [(2.5, 2003)]
    assert sorted(seq for _, seq in found.sent) == [1, 2, 3, 4]
    with pytest.raises(ValueError):
        books.parse({1: "X 1 1.0 0\n"})


def test_payload_is_that_of_the_program() -> None:
    assert books.payload_crc(3, 12, 10) == __import__("zlib").crc32(b"w3s12.w3s1")


def test_all_is_well() -> None:
    found = judged({"n1": [row(1), row(2), row(3)], "n2": [row(3), row(1), row(2)]})
    assert not found.findings() and not found.lost_count()
    assert (found.sent, found.acked, found.unknown, found.unknown_there) == (4, 2, 1, 1)


@pytest.mark.parametrize("rows, word", [
    ([row(1)], "acknowledged writes are missing"),
    ([row(1), row(3), row(3)], "there twice"),
    ([row(1), row(3), row(4)], "refused are there"),
    ([row(1), row(3), row(99)], "never sent"),
    ([row(1), books.Row(1, 3, 7)], "not as they were written"),
])
def test_each_finding(rows: list[books.Row], word: str) -> None:
    found = judged({"n1": [row(1), row(3)], "n2": rows}).findings()
    assert len(found) == 1 and found[0].startswith("n2: ") and word in found[0], found


def test_lost_ones_count_once() -> None:
    assert judged({"n1": [row(3)], "n2": [row(3)]}).lost_count() == 1


def test_checksums() -> None:
    rows = {"n1": [row(1), row(3)], "n2": [row(1), row(3)]}
    assert not judged(rows, {"n1": "5", "n2": "5"}).findings()
    assert "differ" in judged(rows, {"n1": "5", "n2": "6"}).findings()[0]


def test_gap() -> None:
    found = books.find_gap(books.parse({1: BOOK}), 1.5, by_other_than="n1")
    assert found.by == "n2" and found.seconds == pytest.approx(1.9995)
    assert found.since_fault == pytest.approx(1.502)
    assert books.find_gap(books.parse({1: BOOK}), 1.5).seconds == found.seconds
    assert books.find_gap(books.parse({1: BOOK}), 1.5, by_other_than="n2") is None
    assert books.find_gap(books.Books(), 1.5) is None


# Writable ----------------------------------------------------------------------------------------


def asked(*answers: tuple[float, bool | None], took: float = 0.001) -> list[Answer]:
    return [Answer(sent, sent + took, read_only) for sent, read_only in answers]


def grid(begin: float, count: int, read_only: bool | None) -> list[Answer]:
    return asked(*[(begin + i / 100, read_only) for i in range(count)])


def test_answers_are_read() -> None:
    assert writable.parse("1000000 1000500 0\n1010000 1010400 1\n1020000 2020000 -2013\n103") == [
        Answer(1.0, 1.0005, False), Answer(1.01, 1.0104, True), Answer(1.02, 2.02, None)]


def test_two_writable_are_proved() -> None:
    found = writable.overlaps({"n1": grid(0, 10, False), "n2": grid(0.005, 10, False),
                               "n3": grid(0, 10, True)})
    assert found and {found[0].node, found[0].other} == {"n1", "n2"}


def test_one_after_the_other_is_no_overlap() -> None:
    first = grid(0, 10, False) + grid(0.1, 10, True)
    assert not writable.overlaps({"n1": first, "n2": grid(0.105, 10, False)})


def test_one_answer_at_the_same_time_proves_nothing() -> None:
    """It may have closed before the other opened, all within these answers."""
    assert not writable.overlaps({"n1": asked((0, False), (0.01, True)),
                                  "n2": asked((0, True), (0.0005, False))})


def test_frozen_is_unknown() -> None:
    """It says that it is writable long after it was asked, and nothing after that."""
    frozen = [Answer(0.0, 0.001, False), Answer(0.01, 5.0, False), Answer(5.01, 5.02, True)]
    assert not writable.overlaps({"n1": frozen, "n2": grid(1, 300, False)})


def test_frozen_that_goes_on_as_writable_is_proved() -> None:
    frozen = [Answer(0.0, 0.001, False), Answer(0.01, 2.0, False), Answer(2.011, 2.012, False)]
    found = writable.overlaps({"n1": frozen, "n2": grid(1, 300, False)})
    assert found and found[0].time == pytest.approx(2.0, abs=0.02)


def test_answers_far_apart_are_not_joined() -> None:
    sparse = asked((0, False), (1, False))
    assert not writable.overlaps({"n1": sparse, "n2": asked((0.5, False))})


def test_no_answer_between_breaks_it() -> None:
    broken = asked((0, False), (0.01, None), (0.02, False))
    assert not writable.overlaps({"n1": broken, "n2": asked((0.012, False))})


def test_spans() -> None:
    seen = grid(0, 3, False) + grid(0.03, 2, True) + grid(0.05, 1, False)
    assert [(round(a, 3), round(b, 3)) for a, b in writable.spans(seen)] == [
        (0, 0.021), (0.05, 0.051)]
