"""getSchedule: cutting, matching, stitching, and never reading silence as free."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scheduler.calendars.snapshot import BusyItem, MailboxSchedule, Status, UnreadableHours
from scheduler.graph.errors import BadAnswer, NotAllowed, Unavailable
from scheduler.graph.pieces import read_piece
from scheduler.zones import DayBlock, NamedZone, WeeklyHours, iso_utc, parse_utc
from solvers.timeline import Span

NINE = parse_utc("2026-03-02T09:00Z")
HOUR = Span(NINE, NINE + 60)
ORG = "organizer@contoso.test"


def when(minute: int, zone: str = "UTC") -> dict[str, str]:
    """A reading as Graph sends it, with seven fractional digits."""
    return {"dateTime": f"{iso_utc(minute)[:-1]}:00.0000000", "timeZone": zone}


def entry(address: str, items: Any = (), **more: Any) -> dict[str, Any]:
    """One mailbox's answer."""
    return {"scheduleId": address, "scheduleItems": list(items), **more}


def busy(start: int, end: int, status: Any = "busy") -> dict[str, Any]:
    """One calendar entry, with the private parts that must not come through."""
    return {
        "status": status,
        "start": when(start),
        "end": when(end),
        "subject": "canary",
        "location": "canary",
    }


def free_for_all(asked: Any) -> Any:
    """Everybody who was asked about is free."""
    return 200, {"value": [entry(address) for address in asked.json["schedules"]]}


def one(play: Callable[..., Any], value: Any, window: Span = HOUR) -> MailboxSchedule:
    """What becomes of one answer about ana."""
    stage = play([(200, {"value": value})])
    schedules: tuple[MailboxSchedule, ...] = stage.graph.read_schedules(
        ["ana@contoso.test"], window, as_mailbox=ORG
    )
    assert 1 == len(schedules)
    return schedules[0]


class TestAsking:
    def test_the_body_is_explicit(self, play: Callable[..., Any]) -> None:
        """Times carry UTC, the interval is a number, and the answer is asked for in UTC."""
        stage = play(free_for_all)
        stage.graph.read_schedules(["ana@contoso.test"], HOUR, as_mailbox=ORG)
        (asked,) = stage.asked
        expected = {
            "schedules": ["ana@contoso.test"],
            "startTime": {"dateTime": "2026-03-02T09:00:00", "timeZone": "UTC"},
            "endTime": {"dateTime": "2026-03-02T10:00:00", "timeZone": "UTC"},
            "availabilityViewInterval": 15,
        }
        assert expected == asked.json
        assert f"/v1.0/users/{ORG}/calendar/getSchedule" == asked.path
        assert 'outlook.timezone="UTC"' == asked.headers["prefer"]

    def test_twenty_addresses_a_call_and_each_once(self, play: Callable[..., Any]) -> None:
        """Forty-one distinct people take three calls, and come back in the asked order."""
        people = [f"p{number:02}@contoso.test" for number in range(41)]
        stage = play(free_for_all)
        found = stage.graph.read_schedules([*people, "P00@CONTOSO.TEST"], HOUR, as_mailbox=ORG)
        assert people == [schedule.address for schedule in found]
        assert [1, 20, 20] == sorted(len(asked.json["schedules"]) for asked in stage.asked)

    def test_long_windows_are_cut_and_stitched(self, play: Callable[..., Any]) -> None:
        """Two hundred days take four calls under 62 days, and their views join to one digit per interval."""
        window = Span(NINE, NINE + 200 * 1440 + 7)

        def answer(asked: Any) -> Any:
            start, end = (parse_utc(asked.json[key]["dateTime"] + "Z") for key in ("startTime", "endTime"))
            assert 0 < end - start < 62 * 1440
            return 200, {"value": [entry("ana@contoso.test", availabilityView="0" * -(-(end - start) // 15))]}

        stage = play(answer)
        (found,) = stage.graph.read_schedules(["ana@contoso.test"], window, as_mailbox=ORG)
        assert 4 == len(stage.asked)
        assert "0" * (200 * 96 + 1) == found.view
        assert () == found.items

    def test_an_entry_over_a_cut_is_told_once(self, play: Callable[..., Any]) -> None:
        """An item that both pieces return whole is one item."""
        cut = NINE + 61 * 1440
        stage = play(lambda _: (200, {"value": [entry("ana@contoso.test", [busy(cut - 30, cut + 30)])]}))
        (found,) = stage.graph.read_schedules(
            ["ana@contoso.test"], Span(NINE, NINE + 80 * 1440), as_mailbox=ORG
        )
        assert 2 == len(stage.asked)
        assert (BusyItem(Span(cut - 30, cut + 30), Status.BUSY),) == found.items

    @pytest.mark.parametrize(
        ("minutes", "asked_for", "interval"), [(3, 5, 5), (5, 5, 5), (8, 8, 8), (90, 90, 15)]
    )
    def test_short_windows(
        self, play: Callable[..., Any], minutes: int, asked_for: int, interval: int
    ) -> None:
        """The interval never exceeds the window, which is widened to the least interval of 5 minutes."""
        stage = play(free_for_all)
        (found,) = stage.graph.read_schedules(
            ["ana@contoso.test"], Span(NINE, NINE + minutes), as_mailbox=ORG
        )
        body = stage.asked[0].json
        assert parse_utc(body["endTime"]["dateTime"] + "Z") == NINE + asked_for
        assert (interval, interval) == (body["availabilityViewInterval"], found.view_minutes)
        assert Span(NINE, NINE + minutes) == found.window

    def test_too_many_entries_are_asked_for_by_halves(self, play: Callable[..., Any]) -> None:
        """A 5006 halves the window of that mailbox alone until Graph lists it."""
        window = Span(NINE, NINE + 8 * 60)

        def answer(asked: Any) -> Any:
            start, end = (parse_utc(asked.json[key]["dateTime"] + "Z") for key in ("startTime", "endTime"))
            found = []
            for address in asked.json["schedules"]:
                crowded = address.startswith("crowd") and end - start > 120
                found.append(
                    {"scheduleId": address, "error": {"responseCode": "5006"}}
                    if crowded
                    else entry(
                        address,
                        [busy(start, start + 15)],
                        availabilityView="2" + "0" * ((end - start) // 15 - 1),
                    )
                )
            return 200, {"value": found}

        stage = play(answer)
        crowd, calm = stage.graph.read_schedules(
            ["crowd@contoso.test", "calm@contoso.test"], window, as_mailbox=ORG
        )
        assert ["calm@contoso.test"] == [
            address for asked in stage.asked for address in asked.json["schedules"] if "calm" in address
        ]
        assert [NINE, NINE + 120, NINE + 240, NINE + 360] == [item.span.start for item in crowd.items or ()]
        assert ("2" + "0" * 7) * 4 == crowd.view
        assert [NINE] == [item.span.start for item in calm.items or ()]

    def test_endless_5006_ends(self, play: Callable[..., Any]) -> None:
        """A mailbox that always has too many entries costs a handful of calls and becomes a problem."""
        always = {"value": [{"scheduleId": "ana@contoso.test", "error": {"responseCode": "5006"}}]}
        stage = play(lambda _: (200, always))
        (found,) = stage.graph.read_schedules(
            ["ana@contoso.test"], Span(NINE, NINE + 60 * 1440), as_mailbox=ORG
        )
        assert found.problem is not None
        assert len(stage.asked) < 20

    def test_a_failed_call_fails_the_reading(self, play: Callable[..., Any]) -> None:
        """When one call of several fails for good, nothing is returned that could look complete."""
        stage = play(lambda asked: (502, None) if len(asked.json["schedules"]) == 1 else free_for_all(asked))
        with pytest.raises(Unavailable, match="Reading free/busy of 1 mailbox failed"):
            stage.graph.read_schedules([f"p{n}@contoso.test" for n in range(21)], HOUR, as_mailbox=ORG)

    def test_an_answer_without_a_list_is_bad(self, play: Callable[..., Any]) -> None:
        """A 200 that holds no list says nothing about anybody."""
        stage = play([(200, {"value": None})])
        with pytest.raises(BadAnswer):
            stage.graph.read_schedules(["ana@contoso.test"], HOUR, as_mailbox=ORG)


class TestThrough:
    PEOPLE = tuple(f"p{number:03}@contoso.test" for number in range(200))

    def asked_through(self, stage: Any) -> list[str]:
        """The mailboxes in the addresses of the calls, in order."""
        return [asked.path.split("/")[3] for asked in stage.asked]

    def test_four_calls_go_through_one_mailbox(self, play: Callable[..., Any]) -> None:
        """Eighty people need no other mailbox than the one that is named."""
        stage = play(free_for_all)
        stage.graph.read_schedules(self.PEOPLE[:80], HOUR, as_mailbox=ORG)
        assert [ORG] * 4 == self.asked_through(stage)
        assert 1 == len(stage.microsoft.batches)

    def test_an_app_spreads_its_calls(self, play: Callable[..., Any]) -> None:
        """Ten calls go through three mailboxes, the named one first, in one batch, and nobody is missing."""
        stage = play(free_for_all)
        found = stage.graph.read_schedules(self.PEOPLE, HOUR, as_mailbox=ORG)
        assert list(self.PEOPLE) == [schedule.address for schedule in found]
        assert {ORG: 4, self.PEOPLE[0]: 3, self.PEOPLE[1]: 3} == Counter(self.asked_through(stage))
        assert 1 == len(stage.microsoft.batches)

    def test_somebody_who_signed_in_asks_through_one(self, play: Callable[..., Any]) -> None:
        """Ten calls of a person go through that person's calendar, four at a time."""
        stage = play(free_for_all)
        stage.graph._door = replace(stage.graph._door, scopes=("https://graph.test/Calendars.Read",))
        found = stage.graph.read_schedules(self.PEOPLE, HOUR, as_mailbox=ORG)
        assert list(self.PEOPLE) == [schedule.address for schedule in found]
        assert [ORG] * 10 == self.asked_through(stage)
        assert [4, 4, 2] == [len(batch.json["requests"]) for batch in stage.microsoft.batches]

    @pytest.mark.parametrize("status", [403, 404])
    def test_what_one_does_not_let_through_another_does(self, play: Callable[..., Any], status: int) -> None:
        """A mailbox that the app may not ask through costs one call more for each that went there, and loses nobody."""
        stage = play(lambda asked: free_for_all(asked) if ORG in asked.path else (status, None))
        found = stage.graph.read_schedules(self.PEOPLE, HOUR, as_mailbox=ORG)
        assert list(self.PEOPLE) == [schedule.address for schedule in found]
        assert not any(schedule.problem for schedule in found)
        assert 16 == len(stage.asked)

    def test_the_named_one_has_to_let_through(self, play: Callable[..., Any]) -> None:
        """Where the mailbox that is named refuses, the reading fails."""
        stage = play(lambda asked: free_for_all(asked) if ORG not in asked.path else (403, None))
        with pytest.raises(NotAllowed):
            stage.graph.read_schedules(self.PEOPLE, HOUR, as_mailbox=ORG)


class TestReading:
    def test_the_published_sample(self, play: Callable[..., Any]) -> None:
        """The values of BrassRing's sample: one tentative item, and hours on New York's clock by numbers."""
        start = parse_utc("2019-11-19T00:00Z")
        found = one(
            play,
            [
                {
                    "scheduleId": "ana@contoso.test",
                    "availabilityView": "0" * 37,
                    "scheduleItems": [
                        {
                            "status": "tentative",
                            "start": {"dateTime": "2019-11-19T19:00:00.0000000", "timeZone": "UTC"},
                            "end": {"dateTime": "2019-11-19T19:30:00.0000000", "timeZone": "UTC"},
                        }
                    ],
                    "workingHours": {
                        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
                        "startTime": "08:00:00.0000000",
                        "endTime": "17:00:00.0000000",
                        "timeZone": {
                            "@odata.type": "#microsoft.graph.customTimeZone",
                            "bias": 300,
                            "name": "Customized Time Zone",
                            "standardOffset": {
                                "time": "02:00:00.0000000",
                                "dayOccurrence": 1,
                                "dayOfWeek": "sunday",
                                "month": 11,
                                "year": 0,
                            },
                            "daylightOffset": {
                                "daylightBias": -60,
                                "time": "02:00:00.0000000",
                                "dayOccurrence": 2,
                                "dayOfWeek": "sunday",
                                "month": 3,
                                "year": 0,
                            },
                        },
                    },
                }
            ],
            Span(start, parse_utc("2019-11-25T00:00Z")),
        )
        seven_pm = parse_utc("2019-11-19T19:00Z")
        assert (BusyItem(Span(seven_pm, seven_pm + 30), Status.TENTATIVE),) == found.items
        assert isinstance(found.hours, WeeklyHours)
        assert tuple(DayBlock(day, 480, 1020) for day in range(5)) == found.hours.blocks
        new_york = NamedZone("America/New_York")
        for text in ("2019-11-03T05:59Z", "2019-11-03T06:00Z", "2020-03-08T06:59Z", "2020-03-08T07:00Z"):
            minute = parse_utc(text)
            assert new_york.offset_at(minute) == found.hours.zone.offset_at(minute)

    def test_spelling_does_not_matter(self, play: Callable[..., Any]) -> None:
        """Capital keys, capital enum values and another case of the address mean the same."""
        found = one(
            play,
            [
                {
                    "ScheduleId": "Ana@Contoso.test",
                    "ScheduleItems": [{"Status": "Oof", "Start": when(NINE), "End": when(NINE + 30)}],
                    "AvailabilityView": "3300",
                }
            ],
        )
        assert (BusyItem(Span(NINE, NINE + 30), Status.OOF),) == found.items
        assert "3300" == found.view

    def test_the_order_of_the_answer_does_not_matter(self, play: Callable[..., Any]) -> None:
        """Entries are matched by address, not by position."""
        stage = play(
            [(200, {"value": [entry("ben@contoso.test", [busy(NINE, NINE + 5)]), entry("ana@contoso.test")]})]
        )
        ana, ben = stage.graph.read_schedules(["ana@contoso.test", "ben@contoso.test"], HOUR, as_mailbox=ORG)
        assert (0, 1) == (len(ana.items or ()), len(ben.items or ()))

    def test_seconds_widen_outwards(self, play: Callable[..., Any]) -> None:
        """A start is floored and an end is ceiled to whole minutes."""
        item = {
            "status": "busy",
            "start": {"dateTime": "2026-03-02T09:00:59.9999999", "timeZone": "UTC"},
            "end": {"dateTime": "2026-03-02T09:30:00.0000001", "timeZone": "UTC"},
        }
        found = one(play, [entry("ana@contoso.test", [item])])
        assert (BusyItem(Span(NINE, NINE + 31), Status.BUSY),) == found.items

    def test_neighbours_of_the_window_are_left_out(self, play: Callable[..., Any]) -> None:
        """An entry that only touches the window shares no minute with it; one that reaches in stays whole."""
        items = [busy(NINE - 30, NINE), busy(NINE + 60, NINE + 90), busy(NINE - 30, NINE + 1)]
        found = one(play, [entry("ana@contoso.test", items)])
        assert (BusyItem(Span(NINE - 30, NINE + 1), Status.BUSY),) == found.items

    def test_two_meetings_of_the_same_time_are_two(self, play: Callable[..., Any]) -> None:
        """Entries do not say whose they are, so that equal ones are told as often as they are there."""
        item = busy(NINE, NINE + 60)
        schedule = one(play, [entry("ana@contoso.test", [item, item])])
        assert (BusyItem(HOUR, Status.BUSY),) * 2 == schedule.items

    def test_items_in_another_zone(self, play: Callable[..., Any]) -> None:
        """A server that ignored the wish for UTC is understood by the zone it names."""
        item = busy(NINE, NINE + 60) | {
            "start": when(NINE + 60, "W. Europe Standard Time"),
            "end": when(NINE + 120, "Europe/Amsterdam"),
        }
        found = one(play, [entry("ana@contoso.test", [item])])
        assert (BusyItem(HOUR, Status.BUSY),) == found.items

    @pytest.mark.parametrize("status", ["napping", None, 7, {}])
    def test_strange_statuses_are_unknown(self, play: Callable[..., Any], status: Any) -> None:
        """A status that Graph never documented is kept as unknown."""
        found = one(play, [entry("ana@contoso.test", [busy(NINE, NINE + 60, status)])])
        assert (BusyItem(HOUR, Status.UNKNOWN),) == found.items

    def test_items_that_take_no_time_are_told(self, play: Callable[..., Any]) -> None:
        """An end that is not after its start is kept apart, with the rest still used."""
        found = one(
            play,
            [
                entry(
                    "ana@contoso.test",
                    [busy(NINE + 9, NINE + 9), busy(NINE + 20, NINE + 10), busy(NINE, NINE + 5)],
                )
            ],
        )
        assert ((NINE + 9, NINE + 9), (NINE + 20, NINE + 10)) == found.zeroed
        assert (BusyItem(Span(NINE, NINE + 5), Status.BUSY),) == found.items

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("5009", "No mailbox was found"),
            ("5016", "No mailbox was found"),
            ("ErrorMailRecipientNotFound", "No mailbox was found"),
            ("ErrorNoFreeBusyAccess", "not available just now"),
            (5009, "No mailbox was found"),
        ],
    )
    def test_errors_of_one_mailbox(self, play: Callable[..., Any], code: Any, words: str) -> None:
        """An error inside a 200 is a problem of that mailbox, even beside an empty list."""
        found = one(play, [entry("ana@contoso.test", [], error={"message": "canary", "responseCode": code})])
        assert found.problem is not None
        assert words in found.problem
        assert "canary" not in found.problem
        assert (None, None) == (found.items, found.view)

    @pytest.mark.parametrize(
        "value",
        [
            [],
            [entry("ben@contoso.test")],
            [entry("ana@contoso.test"), entry("ANA@contoso.test")],
            [entry("ana@contoso.test") | {"scheduleItems": None}],
            [entry("ana@contoso.test") | {"scheduleItems": {}}],
            [entry("ana@contoso.test", [None])],
            [entry("ana@contoso.test", [{"status": "busy"}])],
            [
                entry(
                    "ana@contoso.test",
                    [busy(NINE, NINE + 5) | {"start": when(NINE, "tzone://Microsoft/Custom")}],
                )
            ],
            [entry("ana@contoso.test", error={})],
            [entry("ana@contoso.test", error="no")],
            [entry("ana@contoso.test", availabilityView="22")],
            [entry("ana@contoso.test") | {"ScheduleItems": [busy(NINE, NINE + 5)]}],
        ],
    )
    def test_silence_is_not_free(self, play: Callable[..., Any], value: Any) -> None:
        """A missing, doubled, null, odd or contradictory answer is a problem that is told."""
        found = one(play, value)
        assert found.problem is not None
        assert (None, None) == (found.items, found.view)

    def test_a_distribution_list_speaks_by_its_view(self, play: Callable[..., Any]) -> None:
        """An empty list beside a busy view leaves the view as the only statement."""
        found = one(play, [entry("ana@contoso.test", availabilityView="0220")])
        assert (None, "0220", None) == (found.items, found.view, found.problem)

    def test_odd_hours_do_not_hide_the_calendar(self, play: Callable[..., Any]) -> None:
        """Working hours in an unknown form become a reason beside the items."""
        found = one(
            play, [entry("ana@contoso.test", [busy(NINE, NINE + 60)], workingHours={"daysOfWeek": "all"})]
        )
        assert isinstance(found.hours, UnreadableHours)
        assert (BusyItem(HOUR, Status.BUSY),) == found.items

    def test_nothing_private_comes_along(self, play: Callable[..., Any]) -> None:
        """Subject and location stay inside the adapter."""
        assert "canary" not in repr(one(play, [entry("ana@contoso.test", [busy(NINE, NINE + 60)])]))


_KEYS = st.sampled_from(
    ["scheduleId", "ScheduleId", "scheduleItems", "ScheduleItems", "availabilityView", "error", "Error"]
) | st.sampled_from(["status", "start", "end", "dateTime", "timeZone", "workingHours", "responseCode"])
_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6),
    st.sampled_from(
        ["ana@contoso.test", "free", "busy", "2026-03-02T09:00:00", "UTC", "0000", "0200", "5009"]
    ),
)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=5),
    max_leaves=12,
)
_NEARLY = st.fixed_dictionaries(
    {"scheduleId": st.just("ana@contoso.test")},
    optional={
        "scheduleItems": st.just([]) | _JSON,
        "ScheduleItems": _JSON,
        "availabilityView": st.text("0123X", max_size=5) | _JSON,
        "error": _JSON,
        "Error": _JSON,
        "workingHours": _JSON,
    },
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(entries=st.lists(_JSON | _NEARLY, max_size=3))
def test_garbage_never_looks_free(entries: list[Any]) -> None:
    """Whatever JSON an answer holds, nobody is free unless an empty list or a view says so outright."""
    found = read_piece(entries, digits=4)
    if found.problem is not None or found.too_many:
        assert (None, None) == (found.items, found.view)
        return
    (said,) = entries
    assert not [key for key in said if key.lower() == "error" and said[key] is not None]
    if found.items == ():
        lists = [said[key] for key in said if key.lower() == "scheduleitems"]
        assert [[]] == lists or len(found.zeroed) == len(lists[0])
        assert not str(said.get("availabilityView") or "").strip("0") or not isinstance(
            said["availabilityView"], str
        )
    if found.items is None:
        assert found.view is not None
        assert said["availabilityView"] == found.view
