"""Records that may be one: suggested with a score and its reasons. A person decides, here or by merging them."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from schemas import messages
from schemas.fields import Area, Line
from schemas.fields.links import References
from schemas.likeness import (
    ALIKE_ENOUGH,
    INCIDENT_TYPES,
    INCIDENTS_ALIKE_ENOUGH,
    SAID_BY_OFFICER,
    Likeness,
    Reason,
    incident_likeness,
    incident_of,
    person_likeness,
    traits_likeness,
    traits_of,
)
from schemas.privacy import NO_SENSITIVE
from schemas.rules import Length, Pattern
from server import desk
from server.access_log import logs, shows
from server.auth.current import current_viewer, permission
from server.centre import current_centre
from server.errors import NotFound
from server.models.engine import reading, writing
from server.paging import PageQuery
from server.query import QueryLine
from server.resource import Body, Resource, answers, raises
from server.store import RecordView
from server.store.suggestions import (
    Pair,
    apart_from,
    incidents_like,
    keep_apart,
    pair,
    pairs_of_people,
    pairs_said,
    people_like,
)
from sync.errors import NotPermitted, ValidationFailed
from sync.instants import rfc3339

blp = Resource("candidates", __name__, url_prefix="/api/v1", description="Records that may be one")

PERSON = "person"
SHOWN_MAX = 100
"""How many candidates one record has at most."""


class CandidateQuery(PageQuery):
    """``area``: a province, district or tambon in which at least one of the two lies."""

    type = QueryLine("ประเภท", "Type", required=True, rules=(Pattern(PERSON),))
    area = Area("พื้นที่", "Area", required=True)


class Apart(Body):
    """Two records that are two, and how that is known."""

    records = References("เรื่องทั้งสอง", "The two records", refers_to=("*",), required=True)
    reason = Line("เหตุผล", "Reason", required=True, rules=(Length(min=1, max=1000),))


class ReasonBody(msgspec.Struct, frozen=True):
    """One thing that speaks for likeness, or against it (``weight`` below zero), and its text in both languages."""

    code: str
    weight: int
    text: Mapping[str, str]


class Compared(msgspec.Struct, frozen=True):
    """A record as far as it is compared: what its reader may see of it, without anything sensitive."""

    id: str
    type: str
    version: int
    data: Mapping[str, Any]


class Candidate(msgspec.Struct, frozen=True):
    """A record that may be the same. ``asked``: an officer in the field could not tell. Score from 0 to 100."""

    record: Compared
    score: int
    asked: bool
    reasons: list[ReasonBody]


class CandidateList(msgspec.Struct, frozen=True):
    """Those that officers asked about, then the highest score first."""

    items: list[Candidate]


class PairBody(msgspec.Struct, frozen=True):
    """Two records that may be one."""

    first: Compared
    second: Compared
    score: int
    asked: bool
    reasons: list[ReasonBody]


class PairPage(msgspec.Struct, frozen=True):
    """Pairs that officers asked about, then the highest score first."""

    items: list[PairBody]
    next: str | None


class KeptApart(msgspec.Struct, frozen=True):
    """Two records that are not suggested as one again."""

    first: str
    second: str
    decided_at: str


@blp.route("/records/<record_id>/candidates", methods=["GET"])
@permission("record", "read")
@logs("candidates")
@raises(NotFound, NotPermitted, ValidationFailed)
@answers(CandidateList)
def of_record(record_id: str) -> CandidateList:
    """Show which records may be the same person, or tell of the same incident, and why."""
    view, _ = desk.read(current_centre().store, current_viewer(), record_id)
    _check_may_merge(view.type)
    found = _people_like(view) if view.type == PERSON else _incidents_like(view)
    shows([view.id, *(each.record.id for each in found)], view.type)
    return CandidateList(found)


@blp.route("/candidates", methods=["GET"])
@permission(PERSON, "merge")
@logs("candidates")
@answers(PairPage)
@blp.arguments(CandidateQuery, location="query")
def show_all(given: dict[str, Any]) -> PairPage:
    """List the pairs of people in an area who may be one, those that officers asked about first."""
    with reading(current_centre().engine) as connection:
        asked = pairs_said(connection, given["area"])
        pairs = asked | pairs_of_people(connection, given["area"])
        pairs -= apart_from(connection, {record for two in pairs for record in two})
    found = _scored(pairs, asked)
    page = [each for each in found if _place(each) > given["cursor"]][: given["limit"]]
    shows({each.id for body in page for each in (body.first, body.second)}, PERSON)
    return PairPage(page, _place(page[-1]) if len(page) == given["limit"] else None)


@blp.route("/candidates/apart", methods=["POST"])
@permission("record", "read")
@raises(NotFound, NotPermitted, ValidationFailed)
@answers(KeptApart)
@blp.arguments(Apart)
def apart(given: dict[str, Any]) -> KeptApart:
    """Remember that two records are two; they are not suggested as one again."""
    centre, viewer = current_centre(), current_viewer()
    if len(given["records"]) != 2:
        raise ValidationFailed(errors={"records": [{"code": "invalid"}]})
    views = [desk.read(centre.store, viewer, record)[0] for record in given["records"]]
    for view in views:
        _check_may_merge(view.type)
    if len({_matter(view.type) for view in views}) > 1:
        raise ValidationFailed(errors={"records": [{"code": "wrong_record_type"}]})
    two, at = pair(*given["records"]), rfc3339(centre.now())
    with writing(centre.engine) as connection:
        keep_apart(connection, two, at=at, by=viewer.user, reason=given["reason"])
    return KeptApart(*two, at)


def _matter(type_name: str) -> str:
    """Return what a type is about: people are compared with people, incidents with incidents."""
    return "case" if type_name in INCIDENT_TYPES else type_name


def _check_may_merge(type_name: str) -> None:
    """Let only those go on who may merge such records, as only they can act on a suggestion."""
    if type_name != PERSON and type_name not in INCIDENT_TYPES:
        raise ValidationFailed(errors={"type": [{"code": "wrong_record_type"}]})
    if not current_viewer().may(_matter(type_name), "merge"):
        raise NotPermitted(needs=f"{_matter(type_name)}.merge")


def _people_like(view: RecordView) -> list[Candidate]:
    with reading(current_centre().engine) as connection:
        ids = people_like(connection, view.id)
        apart = apart_from(connection, [view.id])
    found = []
    for other in _seen(ids, view.id, apart):
        asked, alike = _asked(view, other), person_likeness(view.data, other.data)
        if asked or alike.score >= ALIKE_ENOUGH:
            found.append(_candidate(other, alike, asked=asked))
    return _first(found)


def _incidents_like(view: RecordView) -> list[Candidate]:
    mine = incident_of(view.type, view.data)
    with reading(current_centre().engine) as connection:
        ids = incidents_like(connection, view.id, mine.area, mine.people)
        apart = apart_from(connection, [view.id])
    others = [each for each in _seen(ids, view.id, apart) if not _linked(view, each)]
    found = [(other, incident_likeness(mine, incident_of(other.type, other.data))) for other in others]
    return _first(
        _candidate(other, alike, asked=False) for other, alike in found if alike.score >= INCIDENTS_ALIKE_ENOUGH
    )


def _seen(ids: Iterable[str], record: str, apart: set[Pair]) -> list[RecordView]:
    """Return those that the person may see and that nobody found to be another."""
    wanted = [each for each in ids if pair(each, record) not in apart]
    return list(desk.read_among(current_centre().store, current_viewer(), wanted).values())


def _linked(one: RecordView, other: RecordView) -> bool:
    """Tell whether two reports belong to one case already."""
    cases = [view.id if view.type == "case" else view.data.get("case") for view in (one, other)]
    return cases[0] is not None and cases[0] == cases[1]


def _asked(one: RecordView, other: RecordView) -> bool:
    return other.id in one.data.get("maybe_same_as", ()) or one.id in other.data.get("maybe_same_as", ())


def _first(found: Iterable[Candidate]) -> list[Candidate]:
    return sorted(found, key=lambda each: (not each.asked, -each.score, each.record.id))[:SHOWN_MAX]


def _scored(pairs: set[Pair], asked: set[Pair]) -> list[PairBody]:
    """Return the pairs of which the person may see both, in order."""
    views = desk.read_among(current_centre().store, current_viewer(), {record for two in pairs for record in two})
    traits = {record: traits_of(view.data) for record, view in views.items()}
    found = []
    for two in pairs:
        if all(record in views for record in two):
            first, second = (views[record] for record in two)
            alike = traits_likeness(*(traits[record] for record in two))
            if two in asked or alike.score >= ALIKE_ENOUGH:
                body = _compared(first), _compared(second), alike.score, two in asked
                found.append(PairBody(*body, _reasons(alike, asked=two in asked)))
    return sorted(found, key=_place)


def _place(body: PairBody) -> str:
    """Return a pair's place in the list, as a text that sorts: the cursor."""
    return f"{0 if body.asked else 1}.{100 - body.score:03}.{body.first.id}.{body.second.id}"


def _candidate(view: RecordView, alike: Likeness, *, asked: bool) -> Candidate:
    return Candidate(_compared(view), alike.score, asked, _reasons(alike, asked=asked))


def _compared(view: RecordView) -> Compared:
    fields = current_centre().store.types[view.type].fields
    shown = {
        name: value for name, value in view.data.items() if name in fields and fields[name].privacy in NO_SENSITIVE
    }
    return Compared(view.id, view.type, view.version, shown)


def _reasons(alike: Likeness, *, asked: bool) -> list[ReasonBody]:
    reasons = (Reason(SAID_BY_OFFICER, 0), *alike.reasons) if asked else alike.reasons
    return [
        ReasonBody(
            each.code, each.weight, {lang: messages.text(f"likeness.{each.code}", lang) for lang in ("th", "en")}
        )
        for each in reasons
    ]
