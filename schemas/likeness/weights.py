"""What each reason weighs. All of it is assumed: no published figures fit, and none of it decides anything alone.

A reason that speaks against likeness weighs less than nothing. The order is the one in which reasons are shown.
"""

from collections.abc import Mapping

ALIKE_ENOUGH = 50
"""From here on two people are shown to somebody, who decides."""

INCIDENTS_ALIKE_ENOUGH = 30
"""The same of incidents: one tambon within a few days is worth a look, for linking them is easily undone."""

PERSON: Mapping[str, int] = {
    "id_same": 60,
    "id_one_digit": 45,
    "id_digits_swapped": 45,
    "id_differs": -35,
    "name_same": 50,
    "name_swapped": 40,
    "first_name_same": 22,
    "first_name_alike": 18,
    "first_name_differs": -30,
    "last_name_same": 28,
    "last_name_alike": 22,
    "last_name_differs": -10,
    "phone_same": 20,
    "house_same": 15,
    "birth_same": 20,
    "birth_fits": 8,
    "birth_differs": -20,
    "age_same": 3,
    "age_differs": -15,
    "sex_differs": -25,
}
"""Of two people."""

ALWAYS_SHOWN = frozenset({"id_same"})
"""Reasons after which two people are shown whatever else there is: one of the two has a wrong number."""

INCIDENT: Mapping[str, int] = {
    "outside_number_same": 70,
    "caller_phone_same": 40,
    "affected_same": 40,
    "position_near": 35,
    "area_same": 15,
    "district_same": 8,
    "days_near": 15,
    "cause_same": 10,
}
"""Of two incidents: contacts, emergencies, requests, cases."""

SPELLED_ALIKE = 0.75
"""From which similarity of spelling on (1 = the same) two names may be one, even where they sound different."""

NEAR_DAYS = 3
"""How many days may lie between two reports of one incident."""

NEAR_METRES = 500
"""How far apart two positions of one incident may be."""

YEARS_APART = 1
"""How far apart two birth years may be before they speak against likeness; an estimate is rarely better."""
