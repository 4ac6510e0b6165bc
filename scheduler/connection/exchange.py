"""The PowerShell that limits the app to chosen mailboxes: Exchange Online's RBAC for Applications.

See learn.microsoft.com/exchange/permissions-exo/application-rbac. A role assigned with a scope reaches the mailboxes of
that scope only; permissions granted in Entra ID are added to it and would reach all.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLE = "Application Calendars.ReadWrite"


@dataclass(frozen=True, slots=True)
class Scope:
    """A mail-enabled security group whose direct members the app may reach.

    Args:
        name: of the management scope, unique in the organization.
        group: the group's address.
        role: what the app may do there.
    """

    name: str
    group: str
    role: str = ROLE


def commands(client_id: str, scopes: tuple[Scope, ...], *, test: str = "") -> str:
    """PowerShell to paste, for whoever administers Exchange.

    Args:
        client_id: the app registration's.
        scopes: where the app may go.
        test: a mailbox for which to show at the end what the app may do.
    """
    lines = [
        "# Needs the module ExchangeOnlineManagement and the Exchange Administrator role.",
        "Connect-ExchangeOnline",
        "",
        "# The Object ID is the one under Enterprise applications, not the one under App registrations.",
        '$objectId = Read-Host "Object ID of the enterprise application"',
        f"New-ServicePrincipal -AppId {client_id} -ObjectId $objectId -DisplayName Slotwright",
    ]
    for scope in scopes:
        name, restriction = _quoted(scope.name), "\"MemberOfGroup -eq '$group'\""
        role = f"-Role {_quoted(scope.role)} -CustomResourceScope {name}"
        lines += [
            "",
            f"$group = (Get-Group -Identity {_quoted(scope.group)}).DistinguishedName",
            f"New-ManagementScope -Name {name} -RecipientRestrictionFilter {restriction}",
            f"New-ManagementRoleAssignment -App {client_id} {role}",
        ]
    if test:
        lines += [
            "",
            "# A change takes half an hour to two hours; this shows what will be so.",
            f"Test-ServicePrincipalAuthorization -Identity {client_id} -Resource {_quoted(test)} | Format-Table",
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
