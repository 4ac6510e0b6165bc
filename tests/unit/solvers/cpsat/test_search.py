"""One run of CP-SAT: watched, interrupted, hinted, refused."""

from __future__ import annotations

import _thread
import random
import signal
import threading
import time
from collections.abc import Iterator

import pytest
from ortools.sat.python import cp_model

from solvers.cpsat.search import Effort, Sighting, hint, run, run_all

EFFORT = Effort(seconds=60, workers=1, seed=0)


def hard_model() -> cp_model.CpModel:
    """A market-split problem, which takes far longer than any test."""
    rng = random.Random(5)  # noqa: S311 - the same hard instance every time
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in range(50)]
    for _ in range(6):
        weights = [rng.randrange(100) for _ in chosen]
        model.add(
            sum(each * weight for each, weight in zip(chosen, weights, strict=True)) == sum(weights) // 2
        )
    return model


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl-C works here, also where the tests were started in the background of a shell, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_interruption_ends_the_search_at_once() -> None:
    """Ctrl-C in the middle of a search ends it within moments, and is told rather than raised."""
    began = time.monotonic()
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    found = run(hard_model(), EFFORT)
    timer.join()
    assert found.interrupted
    assert (None, False) == (found.found, found.infeasible)
    assert time.monotonic() - began < 20


def test_other_errors_of_a_watcher_are_raised() -> None:
    """What a watcher raises ends the search and reaches the caller."""

    def watch(_: Sighting) -> None:
        raise LookupError("enough")

    model = cp_model.CpModel()
    model.maximize(model.new_int_var(0, 9, "x"))
    with pytest.raises(LookupError, match="enough"):
        run(model, EFFORT, watch=watch)


def test_values_exist_only_with_a_solution() -> None:
    """An infeasible model has no values to read, and a search without time proves nothing."""
    model = cp_model.CpModel()
    x = model.new_int_var(0, 9, "x")
    model.add(x * 2 == 7)
    infeasible = run(model, EFFORT)
    assert (None, True) == (infeasible.found, infeasible.infeasible)
    stopped = run(hard_model(), Effort(seconds=60, workers=1, seed=0, deterministic_time=1e-6))
    assert (None, False) == (stopped.found, stopped.infeasible)


def test_fixed_hints_bind() -> None:
    """With hints fixed, the best is found among solutions with these values."""
    model = cp_model.CpModel()
    x, y = model.new_int_var(0, 9, "x"), model.new_int_var(0, 9, "y")
    model.add(y >= x)
    model.minimize(y)
    hint(model, {x.index: 4})
    fixed = run(model, EFFORT, fix_hints=True).found
    free = run(model, EFFORT).found
    assert fixed is not None
    assert free is not None
    assert (4, (4, 4)) == (fixed.objective, fixed.vector)
    assert 0 == free.objective


def test_watcher_sees_the_last_solution() -> None:
    """The last solution told is the one returned, with the literals that hold counted."""
    model = cp_model.CpModel()
    literals = [model.new_bool_var("") for _ in range(3)]
    model.maximize(sum(literals))
    seen: list[Sighting] = []
    found = run(model, EFFORT, counted=literals, watch=seen.append).found
    assert found is not None
    assert found.proved
    assert 3 == found.objective
    assert (3, 3) == (seen[-1].counted, seen[-1].objective)


def test_refused_model_is_an_error() -> None:
    """A model that CP-SAT calls invalid is a fault of the builder and raises."""
    model = cp_model.CpModel()
    x = model.new_bool_var("x")
    model.proto.solution_hint.vars.extend([x.index, x.index])
    model.proto.solution_hint.values.extend([0, 0])
    with pytest.raises(RuntimeError, match="refused the model"):
        run(model, EFFORT)


def test_models_side_by_side() -> None:
    """Each model has its own answer, in the order given, and what is to be done meanwhile is done once."""
    models = []
    for most in (3, 5):
        model = cp_model.CpModel()
        model.maximize(model.new_int_var(0, most, "x"))
        models.append(model)
    done: list[str] = []
    found = run_all(models, EFFORT, lambda: done.append("meanwhile"))
    assert [3, 5] == [each.found.objective for each in found if each.found is not None]
    assert ["meanwhile"] == done


def test_interruption_ends_every_search_at_once() -> None:
    """Ctrl-C in the middle of several searches ends them all within moments."""
    began = time.monotonic()
    timer = threading.Timer(0.3, _thread.interrupt_main)
    timer.start()
    found = run_all([hard_model(), hard_model()], EFFORT)
    timer.join()
    assert [True, True] == [each.interrupted for each in found]
    assert time.monotonic() - began < 20
