"""Linking what several channels report of one incident to one case: it counts once, and all of it is in one place."""

from collections.abc import Mapping
from typing import Any

import msgspec

from schemas.fields import Line
from schemas.fields.links import References
from schemas.rules import Length
from server import desk
from server.access_log import logs, shows
from server.auth.current import current_viewer, permission
from server.centre import current_centre
from server.errors import NotFound
from server.ids import new_id
from server.models.engine import reading
from server.resource import Body, Resource, answers, raises
from server.store import RecordView
from server.store.chains import merged_family
from server.store.suggestions import carried_by
from sync.errors import NotPermitted, ValidationFailed
from sync.instants import rfc3339
from sync.messages import MutationOutcome
from sync.mutation import Mutation, Op

blp = Resource("incidents", __name__, url_prefix="/api/v1/cases", description="What is known of one incident")

REPORTS = ("contact", "emergency", "help_request")
"""The types that tell of an incident and belong to a case."""


class LinkBody(Body):
    """Which reports; ``reason`` is kept with the edit."""

    records = References("เรื่องที่ผูก", "Reports", refers_to=REPORTS, required=True, rules=(Length(min=1, max=100),))
    reason = Line("เหตุผล", "Reason", rules=(Length(min=1, max=1000),))


class Report(msgspec.Struct, frozen=True):
    """One report as its reader may see it."""

    id: str
    type: str
    version: int
    data: Mapping[str, Any]


class ReportList(msgspec.Struct, frozen=True):
    """In order of id, which is the order in which they were written down."""

    items: list[Report]


class Linked(msgspec.Struct, frozen=True):
    """What became of each."""

    outcomes: list[MutationOutcome]


@blp.route("/<case_id>/reports", methods=["GET"])
@permission("case", "read")
@logs("read")
@raises(NotFound)
@answers(ReportList)
def reports(case_id: str) -> ReportList:
    """Show the contacts, emergencies and help requests that are linked to a case."""
    centre, viewer = current_centre(), current_viewer()
    case = _case(case_id)
    with reading(centre.engine) as connection:
        carried = carried_by(connection, merged_family(connection, case.id))
    found = [view for view in desk.read_among(centre.store, viewer, carried).values() if view.type in REPORTS]
    shows([case.id, *(view.id for view in found)], "case")
    return ReportList([Report(each.id, each.type, each.version, each.data) for each in found])


@blp.route("/<case_id>/link", methods=["POST"])
@permission("case", "merge")
@raises(NotFound, NotPermitted, ValidationFailed)
@answers(Linked)
@blp.arguments(LinkBody)
def link(given: dict[str, Any], case_id: str) -> Linked:
    """Link reports of one incident to a case; all of them or none."""
    case = _case(case_id)
    return _changed(case, given, to=case.id)


@blp.route("/<case_id>/unlink", methods=["POST"])
@permission("case", "merge")
@raises(NotFound, NotPermitted, ValidationFailed)
@answers(Linked)
@blp.arguments(LinkBody)
def unlink(given: dict[str, Any], case_id: str) -> Linked:
    """Take reports out of a case again; all of them or none."""
    return _changed(_case(case_id), given, to=None)


def _case(case_id: str) -> RecordView:
    """Return a case that still takes reports: of a merged one, that in which it goes on."""
    centre, viewer = current_centre(), current_viewer()
    view, _ = desk.read(centre.store, viewer, case_id)
    if view.goes_on_in:
        view, _ = desk.read(centre.store, viewer, view.goes_on_in)
    if view.type != "case" or view.deleted:
        raise NotFound
    return view


def _changed(case: RecordView, given: Mapping[str, Any], *, to: str | None) -> Linked:
    """Set the case of each report, as one press of Save of the person at the desk."""
    centre = current_centre()
    views = [_report(record) for record in given["records"]]
    _check_place(case, views, linking=to is not None)
    group = [_edit(view, to, given.get("reason")) for view in views]
    outcomes = centre.store.write([group], centre.now(), user=current_viewer().user)
    if any(each.outcome in ("rejected", "held") for each in outcomes):
        raise ValidationFailed(errors={"records": [{"code": each.code or "invalid"} for each in outcomes]})
    return Linked(outcomes)


def _report(record_id: str) -> RecordView:
    """Return a report that the person may change.

    :raises NotFound: when there is none, or it is not theirs.
    """
    view, _ = desk.read(current_centre().store, current_viewer(), record_id, action="update")
    if view.deleted:
        raise NotFound
    if view.type not in REPORTS:
        raise ValidationFailed(errors={"records": [{"code": "wrong_record_type", "at": record_id}]})
    return view


def _check_place(case: RecordView, views: list[RecordView], *, linking: bool) -> None:
    """Refuse to take a report out of a case that it is not in, or to take it from one case into another unsaid."""
    with reading(current_centre().engine) as connection:
        family = merged_family(connection, case.id)
    strangers = [view for view in views if view.data.get("case") not in (*family, None if linking else case.id)]
    if strangers:
        code = "linked_elsewhere" if linking else "not_linked"
        raise ValidationFailed(errors={"records": [{"code": code, "at": view.id} for view in strangers]})


def _edit(view: RecordView, to: str | None, reason: str | None) -> Mutation:
    return Mutation(
        seq=0,
        id=new_id(),
        op=Op.UPDATE,
        type=view.type,
        record=view.id,
        recorded_at=rfc3339(current_centre().now()),
        base=view.version,
        set={"case": (view.data.get("case"), to)},
        reason=reason,
    )
