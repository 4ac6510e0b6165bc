"""The gate: what is tried again and when, what is refused, and where requests may go."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from scheduler.booking.events import CalendarRef
from scheduler.graph.errors import (
    BadAnswer,
    CallFailed,
    Clash,
    NotAllowed,
    NotThere,
    RequestRefused,
    SignInFailed,
    Throttled,
    Unavailable,
)
from scheduler.graph.gate import route

ROOM = "room-a@contoso.test"
EVENT = {
    "id": "E1",
    "iCalUId": "U1",
    "start": {"dateTime": "2026-03-02T09:00:00.0000000", "timeZone": "UTC"},
    "end": {"dateTime": "2026-03-02T10:00:00.0000000", "timeZone": "UTC"},
    "showAs": "busy",
}


def failed(code: str, /, **inner: Any) -> dict[str, Any]:
    """An error envelope; `inner` becomes its innerError."""
    return {"error": {"code": code, "message": f"about {ROOM}", "innerError": inner}}


class TestReads:
    @pytest.mark.parametrize(
        ("header", "pause"),
        [("7", 7.0), ("2.128", 2.128), ("Mon, 02 Mar 2026 09:00:30 GMT", 30.0)],
    )
    @pytest.mark.parametrize("status", [429, 503])
    def test_the_asked_pause_is_kept(
        self, play: Callable[..., Any], status: int, header: str, pause: float
    ) -> None:
        """Whole, fractional and dated pauses are waited for in full before the next try."""
        headers = {"Retry-After": header, "Date": "Mon, 02 Mar 2026 09:00:00 GMT"}
        stage = play([(status, failed("ApplicationThrottled"), headers), (200, EVENT)])
        assert stage.graph.read(ROOM, "E1").event_id == "E1"
        first, second = stage.asked
        assert pytest.approx(pause) == second.at - first.at

    @pytest.mark.parametrize("header", ["soon", "nan", "0", "-3"])
    def test_no_usable_pause_means_backoff(self, play: Callable[..., Any], header: str) -> None:
        """Without a pause to keep, tries are spread by our own growing pauses."""
        stage = play([(429, None, {"Retry-After": header})] * 3 + [(200, EVENT)])
        stage.graph.read(ROOM, "E1")
        times = [asked.at for asked in stage.asked]
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert [0.25, 0.5, 1.0] == pytest.approx(gaps)

    def test_an_absurd_pause_is_told_and_kept(self, play: Callable[..., Any]) -> None:
        """A pause of a day is not slept through: it is told, and no call of that mailbox goes out early."""
        stage = play(
            lambda asked: (429, None, {"Retry-After": "86400"}) if ROOM in asked.path else (200, EVENT)
        )
        for _ in range(2):
            with pytest.raises(Throttled) as error:
                stage.graph.read(ROOM, "E1")
            assert 86400 == error.value.retry_after
        assert 1 == len(stage.asked)
        assert stage.graph.read("other@contoso.test", "E1") is not None
        stage.time.seconds += 86400
        with pytest.raises(Throttled):
            stage.graph.read(ROOM, "E1")
        assert 3 == len(stage.asked)

    def test_four_calls_at_once_per_mailbox(self, play: Callable[..., Any]) -> None:
        """Twelve threads on one mailbox never have more than four calls in flight, and do reach four."""
        lock, here, most = threading.Lock(), 0, 0
        full = threading.Event()

        def answer(_: Any) -> Any:
            nonlocal here, most
            with lock:
                here += 1
                most = max(most, here)
                if here == 4:
                    full.set()
            full.wait(2.0)
            with lock:
                here -= 1
            return 200, EVENT

        stage = play(answer)
        threads = [threading.Thread(target=stage.graph.read, args=(ROOM, "E1")) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (4, 12) == (most, len(stage.asked))

    @pytest.mark.parametrize("status", [500, 502, 503, 504, 507, 509])
    def test_server_faults_are_tried_so_often(self, play: Callable[..., Any], status: int) -> None:
        """A read is tried four times and then ends as Unavailable, with nothing applied."""
        stage = play(lambda _: (status, b"<html>", {"Content-Type": "text/html"}))
        with pytest.raises(Unavailable) as error:
            stage.graph.read(ROOM, "E1")
        assert (4, status, "no") == (len(stage.asked), error.value.status, error.value.applied)

    def test_patience_ends_by_time(self, play: Callable[..., Any]) -> None:
        """Pauses that add up to more than 100 seconds end the call before all tries are used."""
        stage = play(lambda _: (429, None, {"Retry-After": "60"}))
        with pytest.raises(Throttled):
            stage.graph.read(ROOM, "E1")
        assert 2 == len(stage.asked)

    def test_each_request_has_its_own_id(self, play: Callable[..., Any]) -> None:
        """Every try carries a fresh client-request-id and the immutable-id preference."""
        stage = play([(500, None), (200, EVENT)])
        stage.graph.read(ROOM, "E1")
        assert 2 == len({asked.headers["client-request-id"] for asked in stage.asked})
        assert all('IdType="ImmutableId"' in asked.headers["prefer"] for asked in stage.asked)


class TestWrites:
    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_unknown_outcomes_are_not_repeated(self, play: Callable[..., Any], status: int) -> None:
        """A 5xx on a write is sent once and says that it may have been applied."""
        stage = play(lambda _: (status, None))
        with pytest.raises(Unavailable) as error:
            stage.graph.create(CalendarRef(ROOM), b"{}")
        assert (1, "unknown") == (len(stage.asked), error.value.applied)

    def test_throttled_writes_are_repeated(self, play: Callable[..., Any]) -> None:
        """A 429 was not acted on, so the very same bytes go out again after the pause."""
        stage = play([(429, None, {"Retry-After": "3"}), (201, EVENT)])
        stage.graph.create(CalendarRef(ROOM), b'{"a":1}')
        assert [b'{"a":1}'] * 2 == [asked.body for asked in stage.asked]

    @pytest.mark.parametrize(
        "answer",
        [
            (201, None),
            (201, b'{"id":', {}),
            (201, b"[" * 10_000, {}),
            (201, {"id": "E1"}),
            (200, b"<html>sign in</html>", {"Content-Type": "text/html"}),
            (302, None, {"Location": "https://evil.test/"}),
            (201, EVENT, {"Content-Encoding": "gzip"}),
        ],
    )
    def test_unreadable_answers_leave_the_outcome_open(self, play: Callable[..., Any], answer: Any) -> None:
        """An answer nobody can read may still follow a creation."""
        stage = play([answer])
        with pytest.raises(BadAnswer) as error:
            stage.graph.create(CalendarRef(ROOM), b"{}")
        assert ("unknown", 1) == (error.value.applied, len(stage.asked))

    @pytest.mark.parametrize("status", [400, 409])
    def test_a_used_transaction_id_names_its_event(self, play: Callable[..., Any], status: int) -> None:
        """ErrorDuplicateTransactionId is a clash with either status, and the existing event is carried."""
        body = {"error": {"code": "ErrorDuplicateTransactionId", "@event.existingEventId": "E0"}}
        stage = play([(status, body)])
        with pytest.raises(Clash) as error:
            stage.graph.create(CalendarRef(ROOM), b"{}")
        assert ("E0", "no") == (error.value.existing_event_id, error.value.applied)


class TestRefusals:
    @pytest.mark.parametrize(
        ("status", "code", "kind"),
        [
            (400, "ErrorInvalidRequest", RequestRefused),
            (400, "TimeZoneNotSupportedException", RequestRefused),
            (413, "", RequestRefused),
            (403, "ErrorAccessDenied", NotAllowed),
            (404, "MailboxNotEnabledForRESTAPI", NotThere),
            (409, "", Clash),
            (412, "ErrorIrresolvableConflict", Clash),
            (501, "", Unavailable),
        ],
    )
    def test_definite_refusals_are_not_repeated(
        self, play: Callable[..., Any], status: int, code: str, kind: type[CallFailed]
    ) -> None:
        """Each refusal has its type, keeps Graph's code, status and request id, and costs one call."""
        stage = play([(status, failed(code), {"request-id": "r-1"})])
        with pytest.raises(kind) as error:
            stage.graph.get_or_create_calendar(ROOM, "Scheduler")
        assert (code, status, "r-1", 1) == (
            error.value.code,
            error.value.status,
            error.value.request_id,
            len(stage.asked),
        )
        assert "about" not in str(error.value)

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (failed("BadRequest", code="ErrorTimeIntervalTooBig"), "ErrorTimeIntervalTooBig"),
            (failed("ErrorAccessDenied", code="SomethingNew"), "ErrorAccessDenied"),
            (failed("Outer", code="Inner"), "Outer"),
            (
                {
                    "error": {
                        "code": "UnknownError",
                        "innererror": {"innererror": {"code": "ErrorInvalidUser"}},
                    }
                },
                "ErrorInvalidUser",
            ),
            ({"error": "no"}, ""),
            ([], ""),
        ],
    )
    def test_the_most_telling_code_wins(self, play: Callable[..., Any], body: Any, code: str) -> None:
        """The innermost known code is kept; with none known, the outermost."""
        stage = play([(400, body)])
        with pytest.raises(CallFailed) as error:
            stage.graph.read(ROOM, "E1")
        assert code == error.value.code

    def test_one_new_token_for_a_401(self, play: Callable[..., Any]) -> None:
        """A 401 is answered once with another token, and then believed."""
        stage = play([(401, failed("InvalidAuthenticationToken")), (200, EVENT)])
        stage.graph.read(ROOM, "E1")
        assert ["Bearer token-1", "Bearer token-2"] == [
            asked.headers["authorization"] for asked in stage.asked
        ]
        stage = play(lambda _: (401, failed("InvalidAuthenticationToken")))
        with pytest.raises(SignInFailed):
            stage.graph.read(ROOM, "E1")
        assert (2, 2) == (len(stage.asked), len(stage.microsoft.sign_ins))


class TestPinning:
    @pytest.mark.parametrize(
        "link",
        [
            "https://evil.test/v1.0/users",
            "http://graph.test/v1.0/users",
            "https://graph.test:8443/v1.0/users",
            "https://graph.test.evil.test/v1.0/users",
            "https://graph.test@evil.test/v1.0/users",
            "https://user:pw@graph.test/v1.0/users",
            "https://graph.test/v1.0.evil/users",
            "https://graph.test/beta/users",
            "https://graph.test/v1.0/../beta/users",
            "https://graph.test/v1.0/%2e%2e/beta/users",
            "https://graph.test/v1.0/users\\@evil.test",
            "https://graph.test/v1.0/users\r\nX: y",
            "https://gr\u0430ph.test/v1.0/users",
            "//evil.test/v1.0/users",
            "/users/other@contoso.test/calendarView",
            "https://graph.test:99999/v1.0/users",
            "ftp://graph.test/v1.0/users",
            "",
            7,
        ],
    )
    def test_links_away_from_graph_are_not_followed(self, play: Callable[..., Any], link: Any) -> None:
        """A next link to any other scheme, host, port or path costs no request, so the token stays here."""
        stage = play([(200, {"value": [], "@odata.nextLink": link})])
        with pytest.raises(BadAnswer):
            stage.graph.get_or_create_calendar(ROOM, "Scheduler")
        assert 1 == len(stage.asked)

    @pytest.mark.parametrize(
        "link", ["https://GRAPH.test/v1.0/x?$skiptoken=a", "https://graph.test:443/v1.0/x"]
    )
    def test_the_same_place_in_other_letters_is_followed(self, play: Callable[..., Any], link: str) -> None:
        """Host case and an explicit default port do not make another origin."""
        stage = play(
            [(200, {"value": [], "@odata.nextLink": link}), (200, {"value": []}), (201, {"id": "C1"})]
        )
        assert "C1" == stage.graph.get_or_create_calendar(ROOM, "Scheduler")


class TestTimeAndLogs:
    def test_now_is_what_graph_says(self, play: Callable[..., Any]) -> None:
        """Before an answer this machine's clock counts; after it Graph's Date, carried forward."""
        stage = play(
            [(200, EVENT, {"Date": "Thu, 01 Jan 1970 10:00:50 GMT"}), (200, EVENT, {"Date": "noon"})]
        )
        assert 500 == stage.graph.now()
        stage.graph.read(ROOM, "E1")
        assert 600 == stage.graph.now()
        stage.time.seconds += 10
        assert 601 == stage.graph.now()
        stage.graph.read(ROOM, "E1")
        assert 601 == stage.graph.now()

    def test_logs_hold_no_addresses(self, play: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
        """At DEBUG for everything, the log shows routes and statuses and no mailbox, token or secret."""
        with caplog.at_level(logging.DEBUG):
            stage = play([(500, None), (200, EVENT)])
            stage.graph.read(ROOM, "E1")
        assert "GET /v1.0/users/{}/events/{} -> 500" in caplog.text
        assert not [word for word in (ROOM, "E1", "token-1", "s3cret-canary") if word in caplog.text]

    def test_routes_keep_only_known_words(self) -> None:
        """Anything that is not a fixed word of a route is left out, queries too."""
        assert "/v1.0/users/{}/calendars/{}/calendarView" == route(
            "https://graph.test/v1.0/users/a@b.test/calendars/AAMk/calendarView?startDateTime=x"
        )
