"""Every synced record type. A new type is one file here and one line in ``SCHEMAS``."""

from collections.abc import Mapping
from types import MappingProxyType

from schemas.base import RecordSchema, RecordType
from schemas.records.agency import Agency
from schemas.records.area import Area
from schemas.records.assessment import Assessment
from schemas.records.assistance import Assistance
from schemas.records.assistance_rule import AssistanceRule
from schemas.records.attachment import Attachment
from schemas.records.case import Case
from schemas.records.conflict import Conflict
from schemas.records.contact import Contact
from schemas.records.emergency import Emergency
from schemas.records.help_request import HelpRequest
from schemas.records.household import Household
from schemas.records.household_member import HouseholdMember
from schemas.records.notice import Notice
from schemas.records.outreach_activity import OutreachActivity
from schemas.records.person import Person
from schemas.records.referral import Referral
from schemas.records.report_narrative import ReportNarrative
from schemas.records.team import Team
from schemas.records.visit import Visit

SCHEMAS: tuple[type[RecordSchema], ...] = (
    # people and cases
    Person, Household, HouseholdMember, Case, Contact, Visit, Assistance, Referral, Assessment,
    # requests and emergencies
    HelpRequest, Emergency,
    # files, outreach, reports
    Attachment, OutreachActivity, ReportNarrative,
    # what the centre says about records
    Conflict, Notice,
    # lists kept by the centre
    Area, Team, Agency, AssistanceRule,
)  # fmt: skip

RECORD_TYPES: Mapping[str, RecordType] = MappingProxyType({schema.type_name: RecordType(schema) for schema in SCHEMAS})
