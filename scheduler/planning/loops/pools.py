"""What the tags of a request stand for, and what the catalogue of people knows of those it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from scheduler.directory.names import instead
from scheduler.errors import InputError
from scheduler.planning.loops.plan_request import PlanRequest
from scheduler.planning.loops.request import LoopRequest, LoopSearch, LoopShape, Seat
from scheduler.planning.members import Member, Training, tag_of
from scheduler.planning.request import Address, Caps, Colleague

Who = Literal["interviewers", "trainees"]

SearchT = TypeVar("SearchT", bound=LoopSearch)
ShapeT = TypeVar("ShapeT", bound=LoopShape)
ColleagueT = TypeVar("ColleagueT", bound=Colleague)


class PoolAnswer(BaseModel):
    """Whom a tag stood for: trained people in seats of interviewers, those in training in seats of trainees."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tag: str
    seats: Who
    people: tuple[Address, ...]
    left_out: dict[Address, str] = Field(
        default_factory=dict,
        description="who has the tag and cannot sit there, and in which training they are",
    )


@dataclass(frozen=True, slots=True)
class Pooled:
    """Loops whose pools hold addresses only.

    Args:
        shapes: in the order given.
        pools: what each tag stood for, once for each kind of seat.
        notes: who sits in a seat because the request names them, and not by their training.
    """

    shapes: tuple[LoopShape, ...]
    pools: tuple[PoolAnswer, ...]
    notes: tuple[str, ...]


def open_pools(
    search: LoopSearch, shapes: Sequence[tuple[str, LoopShape]], known: Iterable[Member]
) -> Pooled:
    """The loops with everybody whom a tag names in the place of the tag.

    What a request says of somebody's training wins over the catalogue. Addresses are taken as they are.

    Args:
        shapes: each with its path in the request, which is empty or ends with a full stop.
        known: the catalogue of people.

    Raises:
        InputError: nobody has a tag, or nobody who has it may sit in the seat.
    """
    said = {person.address: person.training for person in search.people if person.training is not None}
    members = {member.address: member for member in known}
    training = {address: said.get(address, member.training) for address, member in members.items()} | said
    opener = _Opener(members, training)
    opened = tuple(opener.shape(shape, path) for path, shape in shapes)
    return Pooled(opened, tuple(opener.pools.values()), tuple(dict.fromkeys(opener.notes)))


def opened_loop(request: LoopRequest, known: Iterable[Member]) -> tuple[LoopRequest, Pooled]:
    """One candidate's loop without tags.

    Raises:
        InputError: as for open_pools.
    """
    pooled = open_pools(request, [("", request)], known)
    (shape,) = pooled.shapes
    return request.model_copy(update={"sessions": shape.sessions}), pooled


def opened_plan(request: PlanRequest, known: Iterable[Member]) -> tuple[PlanRequest, Pooled]:
    """The loops of many candidates without tags.

    Raises:
        InputError: as for open_pools.
    """
    own = [
        (f"candidates.{index}.loop.", candidate.loop)
        for index, candidate in enumerate(request.candidates)
        if candidate.loop is not None
    ]
    shared = [(f"templates.{name}.", shape) for name, shape in request.templates.items()]
    pooled = open_pools(request, [*shared, *own], known)
    templates = dict(zip(request.templates, pooled.shapes, strict=False))
    loops = iter(pooled.shapes[len(shared) :])
    candidates = tuple(
        each if each.loop is None else each.model_copy(update={"loop": next(loops)})
        for each in request.candidates
    )
    return request.model_copy(update={"templates": templates, "candidates": candidates}), pooled


def with_catalogue(person: ColleagueT, known: Mapping[str, Member]) -> ColleagueT:
    """Somebody with what the catalogue knows of them, wherever the request says nothing."""
    member = known.get(person.address)
    if member is None:
        return person
    given = {"name": member.name, "preferred": member.preferred, "zone": member.zone, "hours": member.hours}
    update: dict[str, object] = {
        name: value
        for name, value in given.items()
        if name not in person.model_fields_set and value not in (None, "", ())
    }
    if member.caps is not None:
        own = {} if person.caps is None else person.caps.model_dump(exclude_unset=True)
        update["caps"] = Caps(**{**member.caps.model_dump(exclude_unset=True), **own})
    return person.model_copy(update=update)


@dataclass(slots=True)
class _Opener:
    members: Mapping[str, Member]
    training: Mapping[str, Training]
    pools: dict[tuple[str, Who], PoolAnswer] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def shape(self, shape: ShapeT, path: str) -> ShapeT:
        sessions = tuple(
            session.model_copy(
                update={
                    "seats": tuple(
                        self.seat(seat, f"{path}sessions.{index}.seats.{place}.pool")
                        for place, seat in enumerate(session.seats)
                    )
                }
            )
            for index, session in enumerate(shape.sessions)
        )
        return shape.model_copy(update={"sessions": sessions})

    def seat(self, seat: Seat, path: str) -> Seat:
        who: Who = "trainees" if seat.kind == "trainee" else "interviewers"
        people: dict[str, None] = {}
        for index, member in enumerate(seat.pool):
            tag = tag_of(member)
            if tag is None:
                self._note(member, who)
                people[member] = None
            else:
                people |= dict.fromkeys(self._of(tag, who, f"{path}.{index}").people)
        return seat.model_copy(update={"pool": tuple(people)})

    def _note(self, address: str, who: Who) -> None:
        state = self.training.get(address, "trained")
        if who == "interviewers" and state != "trained":
            self.notes.append(
                f"{address} is in training ({state}) and may interview only because the request names them."
            )

    def _of(self, tag: str, who: Who, path: str) -> PoolAnswer:
        if (tag, who) not in self.pools:
            self.pools[tag, who] = self._found(tag, who, path)
        return self.pools[tag, who]

    def _found(self, tag: str, who: Who, path: str) -> PoolAnswer:
        tagged = [address for address, member in self.members.items() if tag in member.tags]
        if not tagged:
            tags = {each for member in self.members.values() for each in member.tags}
            remedy = instead(tag, tags, "tags", "import people first with `slotwright people import`")
            raise InputError(path, f"nobody has the tag {tag!r}", remedy)
        fits = {each: (self.training[each] == "trained") == (who == "interviewers") for each in tagged}
        answer = PoolAnswer(
            tag=tag,
            seats=who,
            people=tuple(each for each, fit in fits.items() if fit),
            left_out={each: self.training[each] for each, fit in fits.items() if not fit},
        )
        if not answer.people:
            lacking = "is trained" if who == "interviewers" else "is in training"
            raise InputError(
                path,
                f"nobody with the tag {tag!r} {lacking}",
                "name somebody by address, or correct their training with `slotwright people import`",
            )
        return answer
