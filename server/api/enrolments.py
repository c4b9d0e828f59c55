"""Enrolment codes: staff make one for a person; a device uses it once (``POST /devices``)."""

from datetime import timedelta
from typing import Any

import msgspec
from flask import Response

from schemas.fields import Id
from server.auth import enrolment, people
from server.auth.current import current_viewer, permission
from server.auth.reach import check_reach
from server.centre import current_centre
from server.errors import NoDeviceRole, NotFound
from server.models.engine import reading, writing
from server.resource import Body, Resource, answers, raises
from sync.errors import ValidationFailed

blp = Resource("enrolments", __name__, url_prefix="/api/v1/enrolments", description="Codes that enrol a device")


class NewEnrolment(Body):
    """For whom."""

    user = Id("ผู้ใช้", "User", required=True)


class EnrolmentCode(msgspec.Struct, frozen=True):
    """The code to say or show; ``address`` is what the QR holds."""

    id: str
    user: str
    code: str
    address: str
    expires_at: str


@blp.route("", methods=["POST"])
@permission("enrolment", "create")
@raises(NotFound, NoDeviceRole, ValidationFailed)
@answers(EnrolmentCode, 201)
@blp.arguments(NewEnrolment)
def create(given: dict[str, Any]) -> EnrolmentCode:
    """Make a one-use code for a person's device."""
    centre = current_centre()
    lasts = timedelta(hours=centre.settings.enrolment_hours)
    by = current_viewer().user
    with writing(centre.engine) as connection:
        person = people.find(connection, given["user"])
        check_reach(connection, current_viewer(), "enrolment", "create", person.roles)
        secret = centre.keys.code_secret
        made = enrolment.create(connection, secret, person.id, lasts=lasts, now=centre.now(), by=by)
    address = enrolment.address(centre.settings.public_url, made.code)
    return EnrolmentCode(made.id, made.user, made.code, address, made.expires_at)


@blp.route("/<enrolment_id>/qr", methods=["GET"])
@permission("enrolment", "read")
@raises(NotFound)
@blp.doc(responses={"200": {"description": "The QR code", "content": {"image/svg+xml": {}}}})
def qr(enrolment_id: str) -> Response:
    """Show a code that is still good as a QR picture (SVG)."""
    centre = current_centre()
    with reading(centre.engine) as connection:
        good = enrolment.still_good(connection, centre.keys.code_secret, enrolment_id, centre.now())
        check_reach(connection, current_viewer(), "enrolment", "read", people.find(connection, good.user).roles)
    picture = enrolment.qr_svg(enrolment.address(centre.settings.public_url, good.code))
    return Response(picture, content_type="image/svg+xml", headers={"Cache-Control": "no-store"})
