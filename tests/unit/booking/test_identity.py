"""What makes a write recognisable: marker, transaction id, route."""

from __future__ import annotations

import pytest

from scheduler.booking.booking import Role, Route, marker, transaction_id
from scheduler.booking.events import CalendarAccess
from scheduler.booking.routes import decide


def test_a_transaction_id_is_the_same_on_every_machine() -> None:
    """The value is pinned, because a resumed booking on another machine must send the same one."""
    assert "ecee72fa-80eb-58eb-b7ee-abb011006bad" == transaction_id(marker("b-1", 1, Role.INVITATION, 1))


def test_every_event_of_a_booking_has_its_own_transaction_id() -> None:
    """Role and attempt tell events apart, so that a re-booking is never taken for a retry."""
    markers = {marker("b-1", 1, role, attempt) for role in Role for attempt in (1, 2)}
    assert 4 == len({transaction_id(each) for each in markers})


@pytest.mark.parametrize(
    ("access", "refused", "expected"),
    [
        (CalendarAccess("c", can_edit=True), False, Route.DIRECT),
        (CalendarAccess("c", can_edit=True), True, Route.SCHEDULER),
        (CalendarAccess("c", can_edit=False), False, Route.SCHEDULER),
        (None, False, Route.SCHEDULER),
        (None, True, Route.SCHEDULER),
    ],
)
def test_the_route_table(access: CalendarAccess | None, refused: bool, expected: Route) -> None:  # noqa: FBT001 - a column
    """Direct only where the calendar says we may and a write has not been refused."""
    assert expected is decide(access, direct_refused=refused)
