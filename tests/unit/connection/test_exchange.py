"""The PowerShell that limits the app: its own names, quoted."""

from __future__ import annotations

from scheduler.connection.exchange import Scope, commands


def test_each_scope_gets_a_restriction_and_a_role() -> None:
    """Group, scope and role follow each other for each scope, and the last line tries it on a mailbox."""
    text = commands(
        "the-app",
        (Scope("Panels", "panels@x.example"), Scope("Rooms", "rooms@x.example")),
        test="rita@x.example",
    )
    said = [line.split()[0] for line in text.splitlines() if line and not line.startswith("#")]
    each = ["$group", "New-ManagementScope", "New-ManagementRoleAssignment"]
    assert ["Connect-ExchangeOnline", "$objectId", "New-ServicePrincipal", *each, *each] == said[:-1]
    assert "Test-ServicePrincipalAuthorization -Identity the-app -Resource 'rita@x.example'" in text
    assert 2 == text.count("-App the-app -Role 'Application Calendars.ReadWrite' -CustomResourceScope")


def test_a_name_cannot_end_its_quotes() -> None:
    """An apostrophe is doubled, so that no name becomes a command."""
    assert "-Identity 'o''neil@x.example; Remove-Mailbox'" in commands(
        "a", (Scope("s", "o'neil@x.example; Remove-Mailbox"),)
    )
