"""Many reads at once: what goes together, what each of them comes to, and what goes by itself after all."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.graph.batching import unpack
from scheduler.graph.calls import Ask, Reply
from scheduler.graph.errors import BadAnswer, NotAllowed, NotThere, SignInFailed, Throttled, Unavailable
from scheduler.graph.reach import Reach
from scheduler.graph.transport import RawAnswer

JSON = {"content-type": "application/json"}


def ask(number: int, mailbox: str = "") -> Ask:
    """A read of some mailbox."""
    mailbox = mailbox or f"p{number}@contoso.test"
    return Ask("GET", f"/users/{mailbox}/calendar?$select=id&n={number}", mailbox, f"reading number {number}")


def number_of(asked: Any) -> int:
    """Which read it is."""
    return int(asked.query.rpartition("=")[2])


def echo(asked: Any) -> Any:
    """Answers with the number of the read."""
    return 200, {"n": number_of(asked)}


def numbers(outcomes: Any) -> list[Any]:
    """What the replies hold; the kind of error where there is none."""
    return [each.body["n"] if isinstance(each, Reply) else type(each) for each in outcomes]


class TestGrouping:
    def test_forty_one_reads_are_three_requests(self, play: Callable[..., Any]) -> None:
        """Twenty go together, the replies come in another order, and each lands where it belongs."""
        stage = play(echo)
        outcomes = stage.graph._gate.send_many([ask(n) for n in range(41)])
        assert list(range(41)) == numbers(outcomes)
        # The one that is left over goes by itself, which is no batch.
        assert [20, 20] == sorted(len(each.json["requests"]) for each in stage.microsoft.batches)

    def test_a_mailbox_has_four_places_inside_batches_too(self, play: Callable[..., Any]) -> None:
        """Ten reads of one mailbox take three batches, of which none holds more than four of them."""
        stage = play(echo)
        asks = [ask(n, "room@contoso.test") for n in range(10)]
        assert list(range(10)) == numbers(stage.graph._gate.send_many(asks))
        assert [4, 4, 2] == [len(each.json["requests"]) for each in stage.microsoft.batches]

    def test_a_batch_is_written_as_documented(self, play: Callable[..., Any]) -> None:
        """Addresses are relative to the version, a body has its content type, and the token is outside only."""
        stage = play(echo)
        body = {"schedules": ["a@contoso.test"]}
        post = Ask(
            "POST", "/users/a@contoso.test/calendar/getSchedule?n=1", "a", "asking", body, {"Prefer": "p"}
        )
        stage.graph._gate.send_many([ask(0), post])
        (batch,) = stage.microsoft.batches
        expected = [
            {
                "id": "0",
                "method": "GET",
                "url": "/users/p0@contoso.test/calendar?$select=id&n=0",
                "headers": {"Accept": "application/json"},
            },
            {
                "id": "1",
                "method": "POST",
                "url": "/users/a@contoso.test/calendar/getSchedule?n=1",
                "headers": {"Accept": "application/json", "Prefer": "p", "Content-Type": "application/json"},
                "body": body,
            },
        ]
        assert expected == batch.json["requests"]
        assert "Bearer token-1" == batch.headers["authorization"]
        assert "token-1" not in batch.body.decode()

    def test_links_are_relative_too(self, play: Callable[..., Any]) -> None:
        """A link that Graph gave, however its host is spelt, is in a batch what it is below the version."""
        stage = play(echo)
        link = "HTTPS://GRAPH.test:443/v1.0/users/p7@contoso.test/events?$skiptoken=%2B1&n=7"
        outcomes = stage.graph._gate.send_many([ask(0), Ask("GET", link, "p7@contoso.test", "following")])
        assert [0, 7] == numbers(outcomes)
        _, second = stage.microsoft.batches[0].json["requests"]
        assert "/users/p7@contoso.test/events?$skiptoken=%2B1&n=7" == second["url"]

    def test_one_read_is_no_batch(self, play: Callable[..., Any]) -> None:
        """A read that is alone goes as it would by itself, and none is none."""
        stage = play(echo)
        assert [0] == numbers(stage.graph._gate.send_many([ask(0)]))
        assert () == stage.graph._gate.send_many([])
        assert [] == stage.microsoft.batches

    def test_nothing_leaves_that_may_not_be_asked(self, play: Callable[..., Any]) -> None:
        """Free/busy only holds for each read in a batch, and a link away from Graph costs no request."""
        stage = play(echo)
        gate = stage.graph._gate
        gate._reach = Reach.FREE_BUSY
        events = Ask("GET", "/users/p1@contoso.test/events?n=1", "p1@contoso.test", "looking")
        away = Ask("GET", "https://graph.test.evil.test/v1.0/users/p2?n=2", "p2", "following")
        rooms = [Ask("GET", f"/places/microsoft.graph.room?n={n}", "", "listing") for n in (3, 4)]
        assert [NotAllowed, BadAnswer, 3, 4] == numbers(gate.send_many([events, away, *rooms]))
        assert [3, 4] == sorted(number_of(each) for each in stage.asked)
        with pytest.raises(NotAllowed):
            gate.send("POST", "/$batch", mailbox="", doing="sneaking", json={"requests": []})


class TestItems:
    def test_each_item_has_its_own_fate(self, play: Callable[..., Any]) -> None:
        """Refusals, a page of HTML, a redirect and an empty body concern one read each; the rest is served."""
        special = {
            1: (403, {"error": {"code": "ErrorAccessDenied"}}),
            2: (404, {"error": {"code": "ErrorItemNotFound"}}),
            3: (200, "PGh0bWw+PC9odG1sPg==", {"Content-Type": "text/html"}),
            4: (302, None, {"Location": "https://evil.test/"}),
        }
        stage = play(lambda asked: special.get(number_of(asked)) or echo(asked))
        outcomes = stage.graph._gate.send_many([ask(n) for n in range(6)])
        assert [0, NotAllowed, NotThere, BadAnswer, BadAnswer, 5] == numbers(outcomes)
        assert "ErrorAccessDenied" == outcomes[1].code
        assert "Reading number 1 failed" in str(outcomes[1])
        assert (1, 6) == (len(stage.microsoft.batches), len(stage.asked))

    @pytest.mark.parametrize(
        ("header", "least"),
        [("7", 7.0), ("2.128", 2.128), ("Thu, 01 Jan 1970 08:20:30 GMT", 30.0), ("0", 0.25), (None, 0.25)],
    )
    @pytest.mark.parametrize("status", [429, 503])
    def test_only_the_throttled_are_sent_again(
        self, play: Callable[..., Any], status: int, header: str | None, least: float
    ) -> None:
        """A read that is told to wait inside a batch waits as long as its own header says, and goes alone."""
        refused = [3, 11]

        def answer(asked: Any) -> Any:
            if number_of(asked) in refused:
                refused.remove(number_of(asked))
                return status, None, {} if header is None else {"Retry-After": header}
            return echo(asked)

        stage = play(answer)
        assert list(range(20)) == numbers(stage.graph._gate.send_many([ask(n) for n in range(20)]))
        first, second = stage.microsoft.batches
        assert 2 == len(second.json["requests"])
        assert pytest.approx(least) == second.at - first.at

    def test_the_longest_pause_is_waited_for(self, play: Callable[..., Any]) -> None:
        """What was throttled for different times goes together again after the longest (concepts/throttling.md)."""
        pauses = {1: "2", 2: "9"}

        def answer(asked: Any) -> Any:
            pause = pauses.pop(number_of(asked), None)
            return echo(asked) if pause is None else (429, None, {"Retry-After": pause})

        stage = play(answer)
        stage.graph._gate.send_many([ask(n) for n in range(4)])
        first, second = stage.microsoft.batches
        assert ({1, 2}, 9.0) == (
            {int(each["url"][-1]) for each in second.json["requests"]},
            second.at - first.at,
        )

    def test_a_place_that_others_have_is_not_slept_for(self, play: Callable[..., Any]) -> None:
        """A read that waits for a place goes when there is one, however long another has been told to wait."""
        stage = play(echo)
        gate = stage.graph._gate
        full, closed = (gate._lanes.of(f"p{number}@contoso.test") for number in (0, 1))
        held = [full.try_enter() for _ in range(4)]
        with closed.try_enter() as ticket:
            ticket.refused(50.0)
        reading = threading.Thread(target=gate.send_many, args=([ask(0), ask(1)],))
        reading.start()
        time.sleep(0.05)
        held[0].leave()
        reading.join()
        assert [(0, 1000.0), (1, 1050.0)] == [(number_of(each), each.at) for each in stage.asked]

    def test_an_absurd_pause_fails_one_read(self, play: Callable[..., Any]) -> None:
        """A mailbox that wants a day is told so at once, and the others are served."""
        stage = play(
            lambda asked: (429, None, {"Retry-After": "86400"}) if number_of(asked) == 1 else echo(asked)
        )
        outcomes = stage.graph._gate.send_many([ask(n) for n in range(3)])
        assert [0, Throttled, 2] == numbers(outcomes)
        assert (86400, []) == (outcomes[1].retry_after, stage.time.naps)

    def test_server_faults_end(self, play: Callable[..., Any]) -> None:
        """A read that fails at each of four tries fails; those with it are asked once."""
        stage = play(lambda asked: (502, None) if number_of(asked) == 1 else echo(asked))
        assert [0, Unavailable, 2] == numbers(stage.graph._gate.send_many([ask(n) for n in range(3)]))
        assert {0: 1, 1: 4, 2: 1} == Counter(number_of(each) for each in stage.asked)

    def test_a_401_inside_is_renewed_once(self, play: Callable[..., Any]) -> None:
        """Reads whose token is refused go once more with another; a token that is refused again is believed."""
        stage = play(lambda _: (401, {"error": {"code": "InvalidAuthenticationToken"}}))
        assert [SignInFailed] * 3 == numbers(stage.graph._gate.send_many([ask(n) for n in range(3)]))
        assert (["Bearer token-1", "Bearer token-2"], 2) == (
            [each.headers["authorization"] for each in stage.microsoft.batches],
            len(stage.microsoft.sign_ins),
        )


def spoil(change: Callable[[list[dict[str, Any]]], Any]) -> Callable[[Any], Callable[[Any], Any]]:
    """A batch answer with one thing wrong."""

    def of(microsoft: Any) -> Callable[[Any], Any]:
        whole = microsoft.batch

        def answer(asked: Any) -> Any:
            status, body = whole(asked)
            change(body["responses"])
            return status, body

        return answer

    return of


class TestBatchAnswers:
    @pytest.mark.parametrize(
        "change",
        [
            lambda all_: all_.pop(),
            lambda all_: all_.append(all_[0]),
            lambda all_: all_.append({**all_[0], "body": {"n": 99}}),
            lambda all_: all_[0].update(id="ten"),
            lambda all_: all_[0].update(id=0),
            lambda all_: all_[0].update(id="00"),
            lambda all_: all_[0].update(status="200"),
            lambda all_: all_[0].update(status=True),
            lambda all_: all_[0].update(status=7),
            lambda all_: all_[0].update(headers=[]),
            lambda all_: all_[0].update(status=424, body={"error": {"code": "FailedDependency"}}),
            lambda all_: all_.append(None),
            lambda all_: all_.append({"id": "7" * 5000, "status": 200, "body": {"n": 99}}),
        ],
    )
    def test_what_is_not_told_is_asked_by_itself(self, play: Callable[..., Any], change: Any) -> None:
        """An item that is missing, doubled, misnamed or malformed is asked alone; no answer is taken for another."""
        stage = play(echo)
        stage.microsoft.batch = spoil(change)(stage.microsoft)
        assert list(range(5)) == numbers(stage.graph._gate.send_many([ask(n) for n in range(5)]))
        assert 1 == len(stage.microsoft.batches)
        assert len(stage.asked) <= 6

    @pytest.mark.parametrize(
        "whole",
        [
            (400, {"error": {"code": "BadRequest"}}),
            (403, {"error": {"code": "Forbidden"}}),
            (404, None),
            (405, None),
            (302, None, {"Location": "https://evil.test/"}),
            (200, b"<html>", {"Content-Type": "text/html"}),
            (200, b"{"),
            (200, {"value": []}),
            (200, []),
        ],
    )
    def test_a_refused_batch_goes_as_single_calls(self, play: Callable[..., Any], whole: Any) -> None:
        """Where batches are not served, every read goes by itself, and no other batch is tried for an hour."""
        stage = play(echo)
        stage.microsoft.batch = lambda _: whole
        for _ in range(2):
            assert list(range(5)) == numbers(stage.graph._gate.send_many([ask(n) for n in range(5)]))
        assert (1, 10) == (len(stage.microsoft.batches), len(stage.asked))
        stage.time.seconds += 3601
        stage.graph._gate.send_many([ask(n) for n in range(5)])
        assert 2 == len(stage.microsoft.batches)

    def test_an_outer_424_is_looked_into(self, play: Callable[..., Any]) -> None:
        """A batch that calls itself failed because an item was throttled still tells what became of the others."""
        stage = play(echo)
        whole = stage.microsoft.batch
        stage.microsoft.batch = lambda asked: (424, whole(asked)[1])
        assert list(range(5)) == numbers(stage.graph._gate.send_many([ask(n) for n in range(5)]))
        assert 5 == len(stage.asked)

    @pytest.mark.parametrize("status", [429, 503])
    def test_a_throttled_batch_waits_and_goes_again(self, play: Callable[..., Any], status: int) -> None:
        """A pause that is asked of the batch as a whole holds for every mailbox in it."""
        stage = play(echo)
        whole, answers = stage.microsoft.batch, [(status, None, {"Retry-After": "5"})]
        stage.microsoft.batch = lambda asked: answers.pop() if answers else whole(asked)
        assert list(range(5)) == numbers(stage.graph._gate.send_many([ask(n) for n in range(5)]))
        first, second = stage.microsoft.batches
        assert (5, 5.0) == (len(second.json["requests"]), second.at - first.at)

    def test_a_read_that_breaks_every_batch_fails_alone(self, play: Callable[..., Any]) -> None:
        """When a batch is broken off twice, its reads go by themselves, so that one that kills it takes none along."""
        stage = play(lambda asked: (504, None) if number_of(asked) == 2 else echo(asked))
        stage.microsoft.batch = lambda _: (504, None)
        assert [0, 1, Unavailable, 3] == numbers(stage.graph._gate.send_many([ask(n) for n in range(4)]))
        assert 2 == len(stage.microsoft.batches)

    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
    @given(
        body=st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.text(max_size=4)
            | st.sampled_from(["0", "1", "id"]),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(["id", "status", "headers", "body", "responses"]), inner, max_size=5
                )
            ),
            max_leaves=20,
        )
    )
    def test_no_answer_is_too_odd(self, body: Any) -> None:
        """Whatever JSON comes, it is told for as many calls as were asked, or for none."""
        for value in (body, {"responses": body}, {"responses": [body]}):
            found = unpack(RawAnswer(200, JSON, json.dumps(value).encode()), 3)
            assert found is None or len(found) == 3


class TestForeground:
    def test_batches_in_the_foreground_go_first(self, play: Callable[..., Any]) -> None:
        """Twelve reads of one mailbox, four at a time, are done before a read in the background gets a place."""
        order: list[int] = []
        gone = threading.Event()

        def answer(asked: Any) -> Any:
            order.append(number_of(asked))
            if len(order) == 1:
                gone.wait(1.0)
            return echo(asked)

        stage = play(answer)
        gate = stage.graph._gate
        room = "room@contoso.test"
        many = threading.Thread(target=gate.send_many, args=([ask(n, room) for n in range(12)],))
        many.start()
        while not order:
            time.sleep(0.001)
        behind = [
            threading.Thread(target=gate.in_background().send_many, args=([ask(99, room)],)) for _ in range(3)
        ]
        for thread in behind:
            thread.start()
        time.sleep(0.02)
        gone.set()
        for thread in [many, *behind]:
            thread.join()
        assert [*range(12), 99, 99, 99] == order

    def test_nobody_waits_for_what_failed(self, play: Callable[..., Any]) -> None:
        """When reads in the foreground are over, however they ended, those in the background go on."""
        stage = play(
            lambda asked: (429, None, {"Retry-After": "86400"}) if number_of(asked) == 0 else echo(asked)
        )
        gate = stage.graph._gate
        assert [Throttled, 1, 2] == numbers(gate.send_many([ask(n) for n in range(3)]))
        assert [Throttled] * 5 == numbers(gate.send_many([ask(n, "p0@contoso.test") for n in range(5)]))
        lane = gate._lanes.of("p0@contoso.test")
        assert 0 == lane._foreground
        stage.time.seconds += 86_401
        assert lane.try_enter(background=True) is not None


class TestTokens:
    def test_fifty_threads_sign_in_once(self, play: Callable[..., Any]) -> None:
        """Fifty threads that need a first token, and then find it refused, cost one sign-in and one renewal."""
        refused = {"Bearer token-1"}

        def answer(asked: Any) -> Any:
            if asked.headers["authorization"] in refused:
                return 401, {"error": {"code": "InvalidAuthenticationToken"}}
            return echo(asked)

        stage = play(answer)
        ready = threading.Barrier(50)
        found: list[Any] = []

        def read(number: int) -> None:
            ready.wait()
            each = ask(number)
            found.append(stage.graph._gate.send("GET", each.path, mailbox=each.mailbox, doing="x").body["n"])

        threads = [threading.Thread(target=read, args=(number,)) for number in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (list(range(50)), 2) == (sorted(found), len(stage.microsoft.sign_ins))
