"""Devices: enrol with a code, list, revoke."""

from base64 import b64encode
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from schemas.fields import Id, Line
from schemas.rules import Length, Pattern
from server.auth import devices, enrolment, people, tokens
from server.auth.current import current_device, current_viewer, permission, public
from server.auth.devices import Described, Device
from server.auth.reach import check_reach, within_reach
from server.bodies import RoleBody, role_bodies
from server.centre import Centre, current_centre
from server.errors import CodeExpired, CodeUnknown, CodeUsed, DeviceNotYours, NotFound
from server.extensions import limiter
from server.models.engine import reading, writing
from server.models.sync_tables import record
from server.paging import PageQuery, next_of
from server.resource import Body, Resource, answers, raises
from server.store.epochs import current_epoch
from sync.errors import DeviceRevoked, TooManyRequests, ValidationFailed
from sync.instants import rfc3339
from sync.messages import Limits
from sync.version import PROTOCOL_VERSION, SCHEMA_VERSION

blp = Resource("devices", __name__, url_prefix="/api/v1/devices", description="Devices of the field")


class NewDevice(Body):
    """A code, and what the device says of itself."""

    code = Line("รหัสลงทะเบียน", "Enrolment code", required=True, rules=(Length(max=40),))
    name = Line("ชื่อเครื่อง", "Device name", required=True, rules=(Length(max=100),))
    platform = Line("ระบบ", "Platform", required=True, rules=(Length(max=60),))
    client_version = Line("รุ่นของแอป", "App version", required=True, rules=(Length(max=60),))
    device = Id("เครื่องเดิม", "The device that enrols again")


class Revocation(Body):
    """``lost``: wipe at next contact. ``left``: send the work first."""

    order = Line("คำสั่ง", "Order", required=True, rules=(Pattern("lost|left"),))


class Team(msgspec.Struct, frozen=True):
    """A team and its name."""

    id: str
    name: str


class DeviceUser(msgspec.Struct, frozen=True):
    """Whose device it is."""

    id: str
    username: str
    display_name: str
    language: str
    roles: list[RoleBody]
    teams: list[Team]


class Enrolled(msgspec.Struct, frozen=True):
    """What a device begins with. ``centre_public_key``: X25519, base64; only the centre opens what is sealed to it."""

    device: str
    token: str
    token_expires_at: str
    user: DeviceUser
    epoch: str
    protocol: int
    schema: int
    server_time: str
    centre_public_key: str
    limits: Limits


class Wiped(msgspec.Struct, frozen=True):
    """Since when the centre knows that a device is empty, and the order under which it was."""

    wiped_at: str
    order: str


class DevicePage(msgspec.Struct, frozen=True):
    """Devices in order of id."""

    items: list[Device]
    next: str | None


@blp.route("", methods=["POST"])
@public
@limiter.limit(lambda: current_centre().settings.enrolment_attempts)
@raises(CodeUnknown, CodeUsed, CodeExpired, DeviceNotYours, DeviceRevoked, ValidationFailed, TooManyRequests)
@answers(Enrolled, 201)
@blp.arguments(NewDevice)
def enrol(given: dict[str, Any]) -> Enrolled:
    """Enrol a device with a code; it becomes the device of the person for whom the code was made.

    With ``device``, one of theirs that was away too long enrols again: it keeps its id, and its earlier tokens end. A
    refusal leaves the code as good as it was.
    """
    centre, now = current_centre(), current_centre().now()
    with writing(centre.engine) as connection:
        code = enrolment.use(connection, given.pop("code"), now)
        device = _enrolled(connection, code.user, given.pop("device", None), Described(**given), now)
        enrolment.used_by(connection, code.id, device)
        lasts = timedelta(days=centre.settings.device_token_days)
        token = tokens.issue(connection, code.user, kind="device", lasts=lasts, now=now, device=device)
        return _welcome(connection, centre, code.user, device, token, now)


@blp.route("", methods=["GET"])
@permission("device", "read")
@raises(ValidationFailed)
@answers(DevicePage)
@blp.arguments(PageQuery, location="query")
def show_all(given: dict[str, Any]) -> DevicePage:
    """List devices with their last contact."""
    with reading(current_centre().engine) as connection:
        found = devices.some(connection, after=given["cursor"], limit=given["limit"])
        held = people.roles_of(connection, {each.user for each in found})
        owners = {each.user: held.get(each.user, ()) for each in found}
        near = within_reach(connection, current_viewer(), "device", "read", owners)
    return DevicePage(
        [each for each in found if each.user in near], next_of([each.id for each in found], given["limit"])
    )


@blp.route("/<device_id>", methods=["GET"])
@permission("device", "read")
@raises(NotFound)
@answers(Device)
def show(device_id: str) -> Device:
    """Show one device."""
    with reading(current_centre().engine) as connection:
        return _within_reach(connection, device_id, "read")


@blp.route("/me/wiped", methods=["POST"])
@permission("device", "wipe", while_leaving=True, on_any_device=True, even_lost=True)
@answers(Wiped)
def wiped() -> Wiped:
    """Confirm that everything on this device was deleted; a device that nobody had cancelled has left."""
    centre = current_centre()
    with writing(centre.engine) as connection:
        found = devices.wiped(connection, centre.register, current_device(), centre.now())
    return Wiped(str(found.wiped_at), str(found.revoked_order))


@blp.route("/<device_id>/revoke", methods=["POST"])
@permission("device", "revoke")
@raises(NotFound, ValidationFailed)
@answers(Device)
@blp.arguments(Revocation)
def revoke(given: dict[str, Any], device_id: str) -> Device:
    """Cancel a device that was lost, or whose user left."""
    centre = current_centre()
    with writing(centre.engine) as connection:
        _within_reach(connection, device_id, "revoke")
        return devices.revoke(connection, centre.register, device_id, given["order"], centre.now())


def _enrolled(connection: Connection, owner: str, known: str | None, said: Described, now: datetime) -> str:
    """Add a device, or take a known one back under a new token, and return its id."""
    if known is None:
        return devices.add(connection, owner, said, now)
    devices.take_back(connection, known, owner, said, now)
    tokens.withdraw_device(connection, known, now)
    return known


def _within_reach(connection: Connection, device_id: str, action: str) -> Device:
    """Return a device of somebody of the viewer's area."""
    found = devices.find(connection, device_id)
    check_reach(connection, current_viewer(), "device", action, people.find(connection, found.user).roles)
    return found


def _welcome(connection: Connection, centre: Centre, user: str, device: str, token: str, now: datetime) -> Enrolled:
    person = people.find(connection, user)
    teams = [held.scope.removeprefix("team:") for held in person.roles if held.scope.startswith("team:")]
    named = select(record.c.id, record.c.data).where(record.c.id.in_(teams)).order_by(record.c.id)
    found = [Team(row.id, row.data.get("name", "")) for row in connection.execute(named)]
    roles = role_bodies(person.roles)
    return Enrolled(
        device=device,
        token=token,
        token_expires_at=rfc3339(now + timedelta(days=centre.settings.device_token_days)),
        user=DeviceUser(person.id, person.username, person.display_name, person.language, roles, found),
        epoch=current_epoch(connection),
        protocol=PROTOCOL_VERSION,
        schema=SCHEMA_VERSION,
        server_time=rfc3339(now),
        centre_public_key=b64encode(centre.keys.public).decode(),
        limits=Limits(),
    )
