"""How alike two people or two incidents are: what brings them together, and a score that explains itself.

A score only suggests. A person decides, and may undo it.
"""

from schemas.likeness.incident import INCIDENT_TYPES, Incident, incident_likeness, incident_of
from schemas.likeness.keys import person_keys
from schemas.likeness.person import SAID_BY_OFFICER, Traits, person_likeness, traits_likeness, traits_of
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
    "Traits",
    "incident_likeness",
    "incident_of",
    "person_keys",
    "person_likeness",
    "traits_likeness",
    "traits_of",
]
