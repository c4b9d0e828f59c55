"""How alike two people or two incidents are: what brings them together, and a score that explains itself.

A score only suggests. A person decides, and may undo it.
"""

from schemas.likeness.incident import INCIDENT_TYPES, Incident, incident_likeness, incident_of
from schemas.likeness.keys import person_keys
from schemas.likeness.person import SAID_BY_OFFICER, person_likeness
from schemas.likeness.reason import Likeness, Reason
from schemas.likeness.weights import ALIKE_ENOUGH, INCIDENTS_ALIKE_ENOUGH, NEAR_DAYS

__all__ = [
    "ALIKE_ENOUGH",
    "INCIDENTS_ALIKE_ENOUGH",
    "INCIDENT_TYPES",
    "NEAR_DAYS",
    "SAID_BY_OFFICER",
    "Incident",
    "Likeness",
    "Reason",
    "incident_likeness",
    "incident_of",
    "person_keys",
    "person_likeness",
]
