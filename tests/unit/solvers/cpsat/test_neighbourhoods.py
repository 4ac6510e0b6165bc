"""Which parts of a plan are searched: repeatable, never the same in vain, and as large as can be searched through."""

from __future__ import annotations

from collections.abc import Callable

from solvers.cpsat.narrow import Neighbourhood
from solvers.cpsat.neighbourhoods import Neighbourhoods
from solvers.cpsat.options import options
from solvers.plan import Assignment, Plan
from solvers.problem import Problem

Make = Callable[..., Problem]
Held = Callable[..., Assignment]


def eight(make: Make) -> Problem:
    """Eight candidates for one interviewer."""
    session = {"key": "s", "minutes": 30, "grid": 30, "seats": [{"key": "lead", "pool": ["p"]}]}
    return make(*({"key": f"c{number}", "sessions": [session]} for number in range(8)), people=[{"key": "p"}])


def settled(problem: Problem, held: Held, count: int, seed: int = 0) -> Neighbourhoods:
    """Neighbourhoods of a plan that holds so many of the candidates one after another."""
    plan = Plan(assignments=tuple(held(f"c{number}/s", 30 * number, lead="p") for number in range(count)))
    found = Neighbourhoods(problem, options(problem), seed)
    found.settle(plan)
    return found


def test_same_seed_same_draws(problem: Make, held: Held) -> None:
    """What is drawn follows from the seed, and another seed draws something else."""
    small = eight(problem)
    one, same, other = (settled(small, held, 8, seed) for seed in (1, 1, 2))
    first = [one.draw() for _ in range(20)]
    assert first == [same.draw() for _ in range(20)]
    assert first != [other.draw() for _ in range(20)]


def test_barren_parts_are_not_drawn_again(problem: Make, held: Held) -> None:
    """What was searched through in vain is not drawn until the plan changes."""
    found = settled(eight(problem), held, 8)
    seen: set[Neighbourhood] = set()
    for _ in range(40):
        drawn = found.draw()
        if drawn is not None:
            assert drawn not in seen
            seen.add(drawn)
            found.learn(drawn, searched=True, barren=True)
    assert len(seen) > 8


def test_parts_grow_while_they_are_searched_through(problem: Make, held: Held) -> None:
    """A kind that is always searched through comes to hold the whole plan, and one that never is two loops at most."""
    for searched, expected in ((True, 8), (False, 2)):
        found = settled(eight(problem), held, 8)
        sizes: dict[str, int] = {}
        for _ in range(300):
            drawn = found.draw()
            if drawn is None:
                break
            sizes[drawn.kind] = len(drawn.loops)
            found.learn(drawn, searched=searched, barren=False)
        assert {expected} == set(sizes.values())


def test_loops_left_out_are_tried_again(problem: Make, held: Held) -> None:
    """While somebody is left out, parts with one of them are drawn."""
    found = settled(eight(problem), held, 6)
    drawn = [each for _ in range(60) if (each := found.draw()) is not None and each.kind == "left"]
    assert drawn
    assert all(each.loops & {"c6", "c7"} for each in drawn)
