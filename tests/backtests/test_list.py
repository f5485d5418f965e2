"""The list of runs tells what a run says, and no more."""

import re
from datetime import date

import pytest

from accounts.domain.permissions import Role
from core.tenancy import tenant_scope
from tests.access.world import client_of
from tests.factories import make_instrument, make_member

from .made import make_run

pytestmark = pytest.mark.django_db


def test_a_sharpe_ratio_of_few_days_or_of_no_trade_is_a_dash() -> None:
    member, instrument = make_member(Role.TRADER), make_instrument()
    spans = {"week": date(2026, 11, 2), "quarter": date(2026, 8, 3), "idle": date(2026, 8, 3)}
    with tenant_scope(member.organisation_id):
        for name, first in spans.items():
            trades = 0 if name == "idle" else 2
            make_run(
                member.organisation,
                instrument=instrument,
                name=name,
                first=first,
                last=date(2026, 11, 6),
                sharpe=1.25,
                trades=trades,
            )
    page = client_of(member.user).get("/backtests/").content.decode()
    told = {name: re.search(rf">{name}</a>.*?</tr>", page, re.DOTALL) for name in spans}
    assert {name: "1.25" in row[0] for name, row in told.items() if row} == {
        "week": False,
        "quarter": True,
        "idle": False,
    }
