"""Profiles of least privilege: what each may do, and the exact permission that each feature of it needs.

Names are those of Microsoft Graph's permissions reference, and of Exchange Online's RBAC for Applications, whose roles
are called `Application ` and the name of the permission.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

ProfileName = Literal["read-only", "scheduler", "scoped", "full"]
Consent = Literal["admin", "user"]

READ_BASIC = "Calendars.ReadBasic"
READ_BASIC_ALL = "Calendars.ReadBasic.All"
READ = "Calendars.Read"
READ_SHARED = "Calendars.Read.Shared"
WRITE = "Calendars.ReadWrite"
WRITE_SHARED = "Calendars.ReadWrite.Shared"
PLACES = "Place.Read.All"
MEMBERS = "GroupMember.Read.All"
DIRECTORY = "Directory.Read.All"


@dataclass(frozen=True, slots=True)
class Feature:
    """Something that is done with Graph.

    Args:
        what: as a clause.
        application: permissions of the app itself of which one is enough, the least first.
        delegated: permissions in a person's name of which one is enough, the least first; empty where none is.
        without: what happens when there is none.
        optional: whether everything else works without it.
    """

    name: str
    what: str
    application: tuple[str, ...]
    delegated: tuple[str, ...]
    without: str
    optional: bool = False

    def needs(self, consent: Consent) -> tuple[str, ...]:
        """The permissions of which one is enough."""
        return self.application if consent == "admin" else self.delegated

    def granted(self, consent: Consent, permissions: Collection[str]) -> bool:
        """Whether one of these permissions is enough."""
        return not set(self.needs(consent)).isdisjoint(permissions)


FREE_BUSY = Feature(
    "free-busy",
    "read when people and rooms are free",
    (READ_BASIC_ALL, READ_BASIC, READ, WRITE),
    (READ_BASIC, READ, READ_SHARED, WRITE, WRITE_SHARED),
    "nothing can be found",
)
ROOMS = Feature(
    "rooms",
    "list rooms with seats, building and equipment",
    (PLACES, "Place.ReadWrite.All"),
    (PLACES, "Place.ReadWrite.All"),
    "only rooms of the catalogue are known, with what its CSV file says of them",
    optional=True,
)
INVITE = Feature(
    "invite",
    "write invitations into the organizer's calendar",
    (WRITE,),
    (WRITE, WRITE_SHARED),
    "nothing can be booked",
)
RESERVE_SCHEDULER = Feature(
    "reserve-scheduler",
    "invite rooms from the generated Scheduler calendar",
    (WRITE,),
    (WRITE, WRITE_SHARED),
    "interviews are booked without a room",
)
RESERVE_DIRECT = Feature(
    "reserve-direct",
    "write into the calendars of rooms",
    (WRITE,),
    (WRITE_SHARED,),
    "rooms are invited from the Scheduler calendar",
    optional=True,
)
PROVE = Feature(
    "prove",
    "see our own meeting in the calendar of a room",
    (READ, WRITE),
    (READ_SHARED, WRITE_SHARED),
    "a room counts as taken when its free/busy shows exactly our time",
    optional=True,
)
GROUPS = Feature(
    "groups",
    "import people from a group",
    (MEMBERS, DIRECTORY),
    (MEMBERS, DIRECTORY),
    "people are imported from a CSV file",
    optional=True,
)
NAMES = Feature(
    "names",
    "see who the members of a group are",
    ("User.ReadBasic.All", "User.Read.All", DIRECTORY),
    ("User.ReadBasic.All", "User.Read.All", DIRECTORY),
    "nobody in a group is named, so people are imported from a CSV file",
    optional=True,
)
PURPOSE = Feature(
    "purpose",
    "tell rooms from equipment that Places does not list",
    ("MailboxSettings.Read",),
    (),
    "what Places does not list counts as a room",
    optional=True,
)


@dataclass(frozen=True, slots=True)
class Profile:
    """A set of features with the least that they need.

    Args:
        consents: who can have consented to it.
        books: whether it may book at all.
        asked: by who consented, the permissions that it asks for, without optional ones.
        scoped: whether Exchange limits the app to chosen mailboxes.
    """

    name: ProfileName
    what: str
    consents: tuple[Consent, ...]
    books: bool
    features: tuple[Feature, ...]
    asked: Mapping[Consent, tuple[str, ...]]
    scoped: bool = False

    def missing(self, consent: Consent, permissions: Collection[str]) -> tuple[Feature, ...]:
        """The features that none of these permissions is enough for."""
        return tuple(each for each in self.features if not each.granted(consent, permissions))

    def needless(self, consent: Consent, permissions: Collection[str]) -> tuple[str, ...]:
        """The permissions that no feature needs, sorted; OpenID's own are not counted."""
        useful = {name for feature in self.features for name in feature.needs(consent)}
        if not self.books:
            useful -= {WRITE, WRITE_SHARED}
        return tuple(sorted(set(permissions) - useful - _OPENID))


_OPENID = frozenset({"openid", "profile", "offline_access", "email", "User.Read"})
_BOOKING = (FREE_BUSY, ROOMS, INVITE, RESERVE_SCHEDULER, RESERVE_DIRECT, PROVE, GROUPS, NAMES, PURPOSE)

PROFILES: Mapping[ProfileName, Profile] = {
    profile.name: profile
    for profile in (
        Profile(
            "read-only",
            "finds slots from free/busy alone and books nothing",
            ("admin", "user"),
            books=False,
            features=(FREE_BUSY, ROOMS, GROUPS, NAMES),
            asked={"admin": (READ_BASIC_ALL, PLACES), "user": (READ_BASIC,)},
        ),
        Profile(
            "scheduler",
            "books in the name of whoever signed in; rooms they may not write are invited from a Scheduler calendar",
            ("user",),
            books=True,
            features=_BOOKING,
            asked={"user": (WRITE, READ_SHARED)},
        ),
        Profile(
            "scoped",
            "books as the app itself, limited by Exchange to chosen interviewers and rooms",
            ("admin",),
            books=True,
            features=_BOOKING,
            asked={"admin": (PLACES,)},
            scoped=True,
        ),
        Profile(
            "full",
            "books as the app itself in every mailbox of the tenant",
            ("admin",),
            books=True,
            features=_BOOKING,
            asked={"admin": (WRITE, PLACES)},
        ),
    )
}
