"""Access to calendars, and the generated calendar that survives being renamed, deleted and made twice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scheduler.booking.events import CalendarAccess
from scheduler.graph.errors import Clash, NotThere, SignInFailed, Unavailable

ORG = "organizer@contoso.test"
CALENDARS = f"/v1.0/users/{ORG}/calendars"
NOT_FOUND = (404, {"error": {"code": "ErrorItemNotFound"}})


def rows(*names: str) -> Any:
    """A page of calendars with these names."""
    return 200, {"value": [{"id": f"id-{name}", "name": name} for name in names]}


def get(stage: Any, known_id: str | None = None) -> str:
    """The id of our calendar, as it is used everywhere below."""
    found: str = stage.graph.get_or_create_calendar(ORG, "Scheduler", known_id)
    return found


class TestAccess:
    @pytest.mark.parametrize(
        ("said", "can_edit"), [(True, True), (False, False), (None, False), ("yes", False)]
    )
    def test_only_a_plain_true_may_edit(self, play: Callable[..., Any], said: Any, *, can_edit: bool) -> None:
        """The right to write is only what Graph says outright."""
        stage = play([(200, {"id": "C1", "canEdit": said})])
        assert CalendarAccess("C1", can_edit) == stage.graph.access(ORG)
        assert "$select=id,canEdit" == stage.asked[0].query

    @pytest.mark.parametrize(("status", "code"), [(403, "ErrorAccessDenied"), (404, "ErrorItemNotFound")])
    def test_no_access_is_an_answer_with_a_reason(
        self, play: Callable[..., Any], status: int, code: str
    ) -> None:
        """403 and 404 mean no access, and the reason can be told until access is found."""
        stage = play([(status, {"error": {"code": code}}), (200, {"id": "C1"})])
        assert stage.graph.access(ORG) is None
        assert code in stage.graph.access_refusal(ORG.upper())
        stage.graph.access(ORG)
        assert stage.graph.access_refusal(ORG) is None

    def test_a_refused_app_is_no_answer(self, play: Callable[..., Any]) -> None:
        """A 401 is about us and says nothing about the calendar."""
        with pytest.raises(SignInFailed):
            play(lambda _: (401, None)).graph.access(ORG)


class TestGetOrCreate:
    def test_a_known_calendar_is_kept_under_any_name(self, play: Callable[..., Any]) -> None:
        """As long as the known id answers, nothing is looked up or made."""
        stage = play([(200, {"id": "id-old"})])
        assert "id-old" == get(stage, "id-old")
        assert 1 == len(stage.asked)

    def test_a_deleted_calendar_is_made_again(self, play: Callable[..., Any]) -> None:
        """A known id that is gone leads to a search by name and then to a new calendar."""
        stage = play([NOT_FOUND, rows(), (201, {"id": "id-new"})])
        assert "id-new" == get(stage, "id-old")
        assert [("GET", f"{CALENDARS}/id-old"), ("GET", CALENDARS), ("POST", CALENDARS)] == [
            (asked.method, asked.path) for asked in stage.asked
        ]
        assert {"name": "Scheduler"} == stage.asked[2].json

    def test_names_are_compared_without_case_on_every_page(self, play: Callable[..., Any]) -> None:
        """The one of our name is found on a later page, in other letters, and strangers are passed by."""
        link = "https://graph.test/v1.0/users/x/calendars?$skip=1"
        status, first = rows("Calendar")
        stage = play([(status, first | {"@odata.nextLink": link}), rows("SCHEDULER")])
        assert "id-SCHEDULER" == get(stage)

    def test_quotes_in_a_name_are_escaped(self, play: Callable[..., Any]) -> None:
        """A quote in the name stays inside the literal of the filter."""
        stage = play([rows("Zoë's & co")])
        assert "id-Zoë's & co" == stage.graph.get_or_create_calendar(ORG, "Zoë's & co")
        assert "$filter=name eq 'Zoë''s & co'&$select=id,name&$top=100" == stage.asked[0].query

    @pytest.mark.parametrize("status", [400, 409])
    def test_a_taken_name_is_looked_up_again(self, play: Callable[..., Any], status: int) -> None:
        """ErrorFolderExists, with either status, means that somebody was faster."""
        stage = play([rows(), (status, {"error": {"code": "ErrorFolderExists"}}), rows("Scheduler")])
        assert "id-Scheduler" == get(stage)

    def test_a_taken_name_that_nobody_has(self, play: Callable[..., Any]) -> None:
        """A name that is taken but not listed is told and not retried for ever."""
        stage = play([rows(), (409, {"error": {"code": "ErrorFolderExists"}}), rows()])
        with pytest.raises(Clash):
            get(stage)

    def test_a_creation_of_unknown_outcome_is_read_back(self, play: Callable[..., Any]) -> None:
        """A 503 that did create the calendar is found out, one that did not is tried again, and at last told."""
        assert "id-Scheduler" == get(play([rows(), (503, None), rows("Scheduler")]))
        assert "id-2" == get(play([rows(), (503, None), rows(), (201, {"id": "id-2", "name": "Scheduler"})]))
        with pytest.raises(Unavailable) as error:
            get(play([rows(), *[(503, None), rows()] * 3]))
        assert "unknown" == error.value.applied

    def test_a_lost_mailbox_is_not_a_deleted_calendar(self, play: Callable[..., Any]) -> None:
        """When the whole mailbox is not there, nothing is made."""
        stage = play([(404, {"error": {"code": "MailboxNotEnabledForRESTAPI"}})])
        with pytest.raises(NotThere):
            get(stage, "id-old")
