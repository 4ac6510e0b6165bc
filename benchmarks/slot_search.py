"""How long it takes to find all starts of a 60-minute meeting for 5, 50, 1,000 and 10,000 calendars.

Thirty days, every minute a possible start. Three questions: everybody is free for the whole hour; three people
are, the same three from beginning to end; half of the people are. Each kernel keeps one structure between questions
("build") and answers from it ("query"). All start from the same plain lists of (start, end) pairs, and all answers
are asserted equal.

    python benchmarks/slot_search.py [--people 5 50 1000 10000] [--rounds 1] [--json FILE]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from common import Rows, Timing, make_people, read_bandwidth, run
from kernels import KERNELS, Kernel, shelf_build

from solvers.timeline import Shelf

TARGET = 3.0  # so many times faster than every peer the kept form shall be
PACKAGES = ("numpy", "pandas", "portion", "intervaltree")


@dataclass(frozen=True)
class Question:
    """How many of how many people must be free."""

    free: int
    people: int

    @property
    def words(self) -> str:
        """The question as tables call it."""
        return f"all {self.people:,}" if self.free == self.people else f"{self.free:,} of {self.people:,}"

    def asked_of(self, kernel: Kernel) -> Callable[[Any], Any] | None:
        """The kernel's way to answer; None when it has none."""
        if self.free == self.people:
            return kernel.everybody
        count = kernel.at_least
        return None if count is None else lambda kept: count(kept, self.free)

    def limit_of(self, kernel: Kernel) -> int:
        """The most calendars the kernel is asked this about."""
        return kernel.most[0] if self.free == self.people else kernel.most[1]


def questions(people: int) -> tuple[Question, ...]:
    """Everybody, three, and half of so many people."""
    return tuple(Question(free, people) for free in (people, 3, people // 2))


def measure(people: int, rounds: int) -> Rows:
    """Every kernel on the same calendars and questions, one row each; all must find the same starts."""
    company = make_people(people)
    asked = questions(people)
    fitting = [kernel for kernel in KERNELS if any(people <= each.limit_of(kernel) for each in asked)]
    builds = {kernel.name: Timing() for kernel in fitting}
    queries = {(each, kernel.name): Timing() for each in asked for kernel in fitting if each.asked_of(kernel)}
    expected: dict[Question, list[int]] = {}
    reading: dict[Question, dict[str, float]] = {}
    for _ in range(rounds):
        for kernel in fitting:
            kept = builds[kernel.name].measure(partial(kernel.build, company))
            for each in asked:
                ask = each.asked_of(kernel)
                if ask is None or people > each.limit_of(kernel):
                    continue
                starts = kernel.listed(queries[each, kernel.name].measure(partial(ask, kept)))
                assert starts, f"nothing to find for {each.words}"
                assert expected.setdefault(each, starts) == starts, (
                    f"{kernel.name} disagrees for {each.words}"
                )
                if isinstance(kept, Shelf):
                    reading[each] = memory(kept, whole=each.free == people)
    rows = []
    for (each, name), query in queries.items():
        if query.tries:
            kernel = next(kernel for kernel in fitting if kernel.name == name)
            row = {
                "people": people,
                "question": each.words,
                "starts": len(expected[each]),
                "kernel": name,
                "kept": kernel.kept,
                "ours": kernel.ours,
                "build_ms": builds[name].milliseconds,
                "query_ms": query.milliseconds,
                "builds": builds[name].tries,
                "queries": query.tries,
            }
            rows.append(row | (reading[each] if kernel.build is shelf_build else {}))
    return rows


def memory(kept: Shelf, *, whole: bool) -> dict[str, float]:
    """What a shelf keeps, what it reads for a question, and how fast this machine reads so much."""
    keeps = sum(each.nbytes for each in (kept.words, kept.minutes, kept.steps, kept.owners))
    reads = kept.words.nbytes if whole else kept.steps.nbytes
    return {"bytes_kept": keeps, "bytes_read": reads, "bytes_a_second": read_bandwidth(reads)}


def verdict(rows: Rows) -> tuple[dict[str, Any], dict[str, Any], float]:
    """Of one question: our fastest kept form, the fastest peer, and how many times faster ours is."""
    kept = min((row for row in rows if row["kept"]), key=lambda row: row["query_ms"])
    peer = min((row for row in rows if not row["ours"]), key=lambda row: row["query_ms"])
    return kept, peer, peer["query_ms"] / kept["query_ms"]


def show(rows: Rows, question: Question) -> None:
    """One table for one question, what was left out of it, and whether the target is met."""
    print(f"\n#### {question.words} calendars: {rows[0]['starts']:,} feasible starts\n")
    best = min(row["query_ms"] for row in rows)
    print("| kernel | query, ms | times the fastest | build, ms | tries |")
    print("|---|--:|--:|--:|--:|")
    for row in sorted(rows, key=lambda row: row["query_ms"]):
        name = f"**{row['kernel']}**" if row["ours"] else row["kernel"]
        print(
            f"| {name} | {row['query_ms']:.3f} | {row['query_ms'] / best:.1f} | {row['build_ms']:.1f} "
            f"| {row['queries']}, {row['builds']} |"
        )
    print()
    for kernel in KERNELS:
        if question.asked_of(kernel) is None:
            print(f"* {kernel.name} sits out: it does not answer this.")
        elif question.people > question.limit_of(kernel):
            print(f"* {kernel.name} sits out: {kernel.why}.")
    kept, peer, times = verdict(rows)
    print(
        f"* Target, {TARGET:.0f} times the best peer: {'met' if times >= TARGET else 'MISSED'}. "
        f"{kept['kernel']} is {times:.1f} times as fast as {peer['kernel']}."
    )
    reader = next(row for row in rows if "bytes_read" in row)
    floor = reader["bytes_read"] / reader["bytes_a_second"] * 1000
    kept_mb, read_mb = reader["bytes_kept"] / 1e6, reader["bytes_read"] / 1e6
    print(
        f"* Memory: the Shelf keeps {kept_mb:,.2f} MB and reads {read_mb:,.3f} MB of it; "
        f"at {reader['bytes_a_second'] / 1e9:.0f} GB/s, measured for a block of that size, this takes "
        f"{floor:.4f} ms, {floor / reader['query_ms']:.0%} of its time."
    )


def show_verdicts(results: Rows) -> None:
    """All questions in one table."""
    print(f"\n#### Kept form and best peer; the target is {TARGET:.0f} times\n")
    print("| question | kept form | query, ms | best peer | query, ms | times |")
    print("|---|---|--:|---|--:|--:|")
    for question in dict.fromkeys(row["question"] for row in results):
        rows = [row for row in results if row["question"] == question]
        kept, peer, times = verdict(rows)
        print(
            f"| {question} | {kept['kernel']} | {kept['query_ms']:.3f} | {peer['kernel']} "
            f"| {peer['query_ms']:.3f} | {times:.1f}{'' if times >= TARGET else ' MISSED'} |"
        )


def answer(people: int, rounds: int) -> Rows:
    """Measure and show one number of calendars, question by question."""
    rows = measure(people, rounds)
    for question in questions(people):
        show([row for row in rows if row["question"] == question.words], question)
    return rows


if __name__ == "__main__":
    show_verdicts(run(sys.argv[1:], __doc__, PACKAGES, answer))
