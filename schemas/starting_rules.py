"""The assistance rules a new centre starts with. They are data to be checked and replaced, never constants.

Source: public material about the ministry's regulations; each stays ``verified: false`` until somebody has compared it
with the regulation in force. The first day of validity is that of the regulation's year, as 1 January.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_COOLDOWN = {"cooldown_days": 30}


def _rule(fund: str, regulation: str, valid_from: str, **limits: Any) -> Mapping[str, Any]:
    return {"fund": fund, "regulation": regulation, "valid_from": valid_from, "verified": False, **_COOLDOWN, **limits}


def _baht(amount: int) -> int:
    return amount * 100


STARTING_RULES: Sequence[Mapping[str, Any]] = (
    _rule("emergency_social", "ระเบียบ สป. พ.ศ. 2547", "2004-01-01", ceiling_satang=_baht(3_000)),
    _rule("low_income_destitute", "ระเบียบ พส. พ.ศ. 2552", "2009-01-01",
          ceiling_satang=_baht(3_000), times_per_fiscal_year=3),
    _rule("poor_family_child", "ระเบียบ ดย. พ.ศ. 2529 และ พ.ศ. 2547", "2004-01-01",
          ceiling_satang=_baht(3_000), times_per_fiscal_year=3,
          note="อีกแหล่งหนึ่งว่า 1,000 บาทสำหรับเด็กหนึ่งคน ต้องตรวจสอบ"),
    _rule("disability", "ระเบียบ พก. พ.ศ. 2558", "2015-01-01", ceiling_satang=_baht(3_000), times_per_fiscal_year=3),
    _rule("elderly_hardship", "ผส.", "2004-01-01", ceiling_satang=_baht(3_000), times_per_fiscal_year=3),
    _rule("women_family", "ระเบียบ สค. พ.ศ. 2560", "2017-01-01", ceiling_satang=_baht(3_000), times_per_fiscal_year=3),
    _rule("home_adaptation_elderly", "พ.ศ. 2562", "2019-01-01", ceiling_satang=_baht(40_000)),
    _rule("home_adaptation_disability", "พ.ศ. 2552", "2009-01-01", ceiling_satang=_baht(40_000)),
    _rule("return_home", "พ.ศ. 2543", "2000-01-01"),
    _rule("out_of_school_child", "เด็กนอกระบบการศึกษา", "2004-01-01",
          ceiling_satang=_baht(4_000), times_per_fiscal_year=1),
)  # fmt: skip
