"""The table of costs against the exact count of whole states."""

from __future__ import annotations

import numpy as np

from solvers.local.count import Count, clash_free
from solvers.local.ground import OUT, survey
from solvers.local.table import FORBIDDEN, Kernels, Rates, Table
from solvers.local.tiers import tiers_of
from solvers.problem import Problem


def priced() -> Problem:
    """Four sessions in two rooms with every price, all at one level."""
    lengths = [30, 15, 45, 20]
    return Problem.model_validate(
        {
            "start": 0,
            "end": 180,
            "people": [{"key": "p", "open": [(0, 180)], "buffer_after": 5, "soft": [(30, 70)]}],
            "rooms": [
                {"key": "m", "open": [(0, 180)], "seats": 4, "soft": [(100, 120)]},
                {"key": "n", "open": [(0, 180)], "seats": 2, "buffer_before": 10},
            ],
            "loops": [
                {
                    "key": f"c{index}",
                    "sessions": [
                        {
                            "key": "s",
                            "minutes": minutes,
                            "grid": 15,
                            "seats": [{"key": "lead", "pool": ["p"]}] if index % 2 else [],
                            "room": {} if index < 3 else None,
                            "delay_cost": 1,
                            "start_costs": [(45, 90, 3)],
                            "room_costs": [("n", 4)],
                        }
                    ],
                }
                for index, minutes in enumerate(lengths)
            ],
            "pair_costs": [
                {
                    "one": f"c{one}/s",
                    "other": f"c{other}/s",
                    "overlap": 2 + one,
                    "touching": 7,
                    "apart": 11,
                    "rushed": 5,
                    "rushed_within": 15 * one,
                }
                for one in range(4)
                for other in range(one)
            ],
            "levels": [
                {
                    "weights": {
                        "unscheduled": 40,
                        "worst_off": 9,
                        "tentative": 1,
                        "earliness": 2,
                        "room_fit": 3,
                        "start_cost": 1,
                        "room_cost": 1,
                        "pair_cost": 1,
                    }
                }
            ],
        }
    )


def test_differences_are_exact() -> None:
    """From a lawful state, two places of a session differ in the table as the whole states differ in the objective."""
    ground = survey(priced())
    count = Count(ground)
    tiers = tiers_of(ground, count)
    table = Table(ground, Kernels(ground, count, tiers), tiers)
    rng = np.random.default_rng(1)
    compared = 0
    for _ in range(20):
        wild = [rng.choice(np.argwhere(lawful)) for lawful in ground.lawful]
        rooms, ticks = clash_free(count, *np.array(wild, np.int64).T)
        table.reset(Rates((1.0,) * len(tiers), 10_000.0, 0.0), rooms.tolist(), ticks.tolist())
        (before,) = count.levels(rooms, ticks)
        for index in range(len(rooms)):
            costs = table.costs(index).copy()
            held = rooms[index] != OUT
            at = costs[table.place(int(rooms[index]), int(ticks[index]))] if held else table.out[index]
            # What is paid for sessions being apart is paid for those left out as well.
            for room, tick in np.argwhere(ground.lawful[index]).tolist():
                other_rooms, other_ticks = rooms.copy(), ticks.copy()
                other_rooms[index], other_ticks[index] = room, tick
                cost = float(costs[table.place(room, tick)])
                broken = count.broken(other_rooms, other_ticks).any()
                assert (cost > 5_000) == broken
                if not broken:
                    (after,) = count.levels(other_rooms, other_ticks)
                    assert after - before == cost - at
                    compared += 1
    assert compared > 200


def test_sessions_may_not_be_everywhere() -> None:
    """Places outside the horizon, off the grid or in a room not asked for are forbidden; all others are not."""
    ground = survey(priced())
    count = Count(ground)
    tiers = tiers_of(ground, count)
    table = Table(ground, Kernels(ground, count, tiers), tiers)
    table.reset(Rates((1.0,) * len(tiers), 1.0, 0.0), [OUT] * 4, [0] * 4)
    for index in range(4):
        assert int(ground.lawful[index].sum()) == int((table.costs(index) < FORBIDDEN / 2).sum())
