"""The people catalogue: import from CSV files and groups, list, forget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from scheduler.app.ports import Directory, Ledger
from scheduler.directory.groups import Group
from scheduler.directory.names import instead
from scheduler.errors import InputError, NotFound
from scheduler.planning.catalogue_rows import read_people
from scheduler.planning.members import Member, tag_name
from scheduler.planning.request import Address, is_address


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PeopleImported(_Part):
    """What an import wrote."""

    new: tuple[Address, ...]
    renewed: tuple[Address, ...]
    tag: str | None = Field(None, description="what the members of the group are called by")
    left: tuple[Address, ...] = Field((), description="who is in the group no more and lost its tag")
    notes: tuple[str, ...] = ()
    catalogue: int = Field(description="how many people the catalogue has now")


class PeopleRemoved(_Part):
    """Who was forgotten, and how many are left."""

    removed: tuple[str, ...]
    catalogue: int


def import_csv(name: str, data: bytes, ledger: Ledger) -> PeopleImported:
    """Write everybody of a CSV file into the catalogue, or nobody.

    What the file says replaces what was known of somebody, but for the tags that came with groups.

    Args:
        name: of the file, for complaints.

    Raises:
        InputError: a cell cannot be used, told with its row, column and value.
        StoreError: the database refused.
    """
    rows = read_people(name, data)
    known = {member.address: member for member in ledger.catalogue.people()}
    members = [row.member(known.get(row.address)) for _, row in rows]
    ledger.catalogue.keep_people(members)
    return _imported(known, members)


def import_group(
    address: str, directory: Directory, ledger: Ledger, *, tag: str | None = None
) -> PeopleImported:
    """Give everybody in a group, and in the groups inside it, a tag; who left the group loses it.

    Args:
        tag: the part of the address before the @ if absent.

    Raises:
        InputError: there is no such group, nobody in it has a mailbox, or the tag cannot be one.
        GraphError: the group could not be read.
        StoreError: the database refused.
    """
    wanted = address.strip().lower()
    if not is_address(wanted):
        raise InputError("--group", f"{wanted!r} is not an e-mail address", "write the group's address")
    try:
        called = tag_name(wanted.partition("@")[0] if tag is None else tag)
    except ValueError as error:
        raise InputError("--tag", str(error), "write a name such as backend") from None
    group = directory.group(wanted)
    if group is None:
        raise InputError("--group", f"no group has the address {wanted}", "correct the address")
    if group.unreadable:
        raise InputError(
            "--group",
            f"Microsoft Graph does not say who {group.unreadable} of the members of {wanted} are",
            "grant the app User.ReadBasic.All as well",
        )
    if not group.members:
        raise InputError("--group", f"nobody in {wanted} has a mailbox", "name another group")
    known = {member.address: member for member in ledger.catalogue.people()}
    members = [
        _tagged(known.get(each.address, Member(address=each.address)), each.name, called, wanted)
        for each in group.members
    ]
    inside = {member.address for member in members}
    left = [
        member.model_copy(update={"tags": {tag: of for tag, of in member.tags.items() if tag != called}})
        for member in known.values()
        if member.tags.get(called) == wanted and member.address not in inside
    ]
    ledger.catalogue.keep_people([*members, *left])
    return _imported(
        known, members, tag=called, left=tuple(each.address for each in left), notes=_told(group)
    )


def _tagged(member: Member, name: str, tag: str, group: str) -> Member:
    # A tag that a CSV file gave stays the file's, so that leaving the group does not take it away.
    return member.model_copy(
        update={"name": member.name or name, "tags": {**member.tags, tag: member.tags.get(tag, group)}}
    )


def _told(group: Group) -> tuple[str, ...]:
    notes = []
    if group.nested:
        notes.append(f"Opened the groups inside it: {', '.join(group.nested)}.")
    if group.without_mailbox:
        notes.append(f"Left out, because they have no mailbox: {', '.join(group.without_mailbox)}.")
    if group.others:
        notes.append(f"Left out {group.others} members that are no people.")
    return tuple(notes)


def _imported(
    known: Mapping[str, Member],
    members: Sequence[Member],
    *,
    tag: str | None = None,
    left: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> PeopleImported:
    return PeopleImported(
        new=tuple(member.address for member in members if member.address not in known),
        renewed=tuple(member.address for member in members if member.address in known),
        tag=tag,
        left=left,
        notes=notes,
        catalogue=len(known.keys() | {member.address for member in members}),
    )


def people(ledger: Ledger, *, tag: str | None = None) -> tuple[Member, ...]:
    """Everybody of the catalogue, or those with a tag.

    Raises:
        NotFound: nobody has the tag.
        StoreError: the database refused.
    """
    known = ledger.catalogue.people()
    if tag is None:
        return known
    try:
        wanted = tag_name(tag)
    except ValueError as error:
        raise InputError("--tag", str(error), "write a name such as backend") from None
    found = tuple(member for member in known if wanted in member.tags)
    if not found:
        tags = {each for member in known for each in member.tags}
        remedy = instead(wanted, tags, "tags", "import people with `slotwright people import`")
        raise NotFound("--tag", f"nobody has the tag {wanted!r}", remedy)
    return found


def remove_people(
    ledger: Ledger, *, addresses: Sequence[str] = (), tag: str | None = None, everybody: bool = False
) -> PeopleRemoved:
    """Forget people of the catalogue.

    Raises:
        NotFound: somebody is not in it, or nobody has the tag; then nobody is forgotten.
        StoreError: the database refused.
    """
    known = {member.address: member for member in ledger.catalogue.people()}
    gone = list(known) if everybody else [address.strip().lower() for address in addresses]
    for address in gone:
        if address not in known:
            remedy = instead(address, known, "people", "nobody was imported")
            raise NotFound("person", f"{address} is not in the catalogue", remedy)
    if tag is not None:
        gone += [member.address for member in people(ledger, tag=tag)]
    removed = tuple(dict.fromkeys(gone))
    ledger.catalogue.remove_people(removed)
    return PeopleRemoved(removed=removed, catalogue=len(known.keys() - set(removed)))
