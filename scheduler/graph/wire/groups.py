"""Groups and their members (resources/group, api/group-list-transitivemembers)."""

from __future__ import annotations

from scheduler.graph.wire.base import Label, Wire


class GroupRow(Wire):
    """A group; without its id nothing more can be asked of it."""

    id: str
    display_name: Label = ""
    mail: Label = ""


class MemberRow(Wire):
    """Somebody or something in a group.

    Of members that we may not read, Graph sends type and id, and null for the rest (concepts/permissions-overview,
    limited information for inaccessible members).
    """

    odata_type: Label = ""
    display_name: Label = ""
    mail: Label = ""
    user_principal_name: Label = ""
