"""Every family, in the order of the README. A new one is a file here and its line below."""

from tests.vectors.families.arriving import ASSUMED_DATES, LEDGER_CHAIN, SEQUENCE
from tests.vectors.families.checksums import BUCKET_CHECKSUMS, CONTENT_HASHES
from tests.vectors.families.dates import DATES_SHOWN, DATES_TYPED, DAYS_OF_INSTANTS
from tests.vectors.families.deciding import DECIDE, PLAIN
from tests.vectors.families.deliveries import DELIVERY_FILES, DELIVERY_MACS
from tests.vectors.families.derived import REQUEST_STATUS, TARGET_GROUP
from tests.vectors.families.downwards import MIGRATED, SHOWN_TO_OLDER, TOLD_TO_OLDER
from tests.vectors.families.holding import BUCKET_CLASSES, ERASED, LEAVING, SEARCH, SEEN_THROUGH
from tests.vectors.families.incidents import INCIDENT_LIKENESS
from tests.vectors.families.joining import ENDINGS, RECORD_MERGES
from tests.vectors.families.kinds import KINDS_FAMILY, RULES_FAMILY
from tests.vectors.families.merging import MERGE_RULES
from tests.vectors.families.messages import MESSAGES
from tests.vectors.families.numbers import (
    ID_FORMS,
    KEY_CODES,
    NATIONAL_ID,
    PHONE_NUMBERS,
    REFERENCE_NUMBERS_MINTED,
    REFERENCE_NUMBERS_TYPED,
    UUIDS_MINTED,
)
from tests.vectors.families.overlay import OUTGOING, OVERLAY, OVERLAY_STATES
from tests.vectors.families.people import PERSON_KEYS, PERSON_LIKENESS, SOUND_KEYS
from tests.vectors.families.placing import BUCKETS, FEED
from tests.vectors.families.recovering import RECOVERY
from tests.vectors.families.saving import NOTICES, SAVING
from tests.vectors.families.sending import FIRST_PUSH, NEXT_PUSH, URGENT
from tests.vectors.families.thai_text import THAI_TEXT
from tests.vectors.families.validation import FIELD_VALUES, RECORDS
from tests.vectors.families.versions import APP_UPDATE_LOG, APP_UPDATE_ROWS
from tests.vectors.family import Family

FAMILIES: tuple[Family, ...] = (
    THAI_TEXT, DATES_TYPED, DATES_SHOWN, DAYS_OF_INSTANTS,
    NATIONAL_ID, REFERENCE_NUMBERS_MINTED, REFERENCE_NUMBERS_TYPED, PHONE_NUMBERS, UUIDS_MINTED, ID_FORMS, KEY_CODES,
    OVERLAY, OVERLAY_STATES, SAVING, OUTGOING,
    KINDS_FAMILY, RULES_FAMILY, FIELD_VALUES, RECORDS, MESSAGES, BUCKET_CHECKSUMS, CONTENT_HASHES,
    SOUND_KEYS, PERSON_KEYS, PERSON_LIKENESS, INCIDENT_LIKENESS, TARGET_GROUP, REQUEST_STATUS, SEARCH,
    FIRST_PUSH, NEXT_PUSH, URGENT, RECOVERY, NOTICES, LEAVING, BUCKET_CLASSES, ERASED, DELIVERY_MACS, DELIVERY_FILES,
    APP_UPDATE_LOG, APP_UPDATE_ROWS,
    MERGE_RULES, PLAIN, DECIDE, RECORD_MERGES, ENDINGS, BUCKETS, FEED, SEQUENCE, ASSUMED_DATES, LEDGER_CHAIN,
    SEEN_THROUGH, SHOWN_TO_OLDER, TOLD_TO_OLDER, MIGRATED,
)  # fmt: skip
