"""The settings of units, on the database."""

from datetime import timedelta

import pytest

from services.chassis.errors import Invalid, NotFound
from services.clients.cadence.commands import set_cadence
from services.clients.cadence.model import CadenceSettings
from services.clients.cadence.store import rhythm_of
from services.contracts.clients import FollowUpRule, Grade
from tests.clients.company import UNITS, Company
from tests.clients.samples import NOW


async def test_a_branch_inherits_and_says_otherwise(company: Company) -> None:
    await company.run(set_cadence, CadenceSettings("acme", days_a=3, days_b=10))
    await company.run(set_cadence, CadenceSettings("jingan", days_a=1))
    here = (await rhythm_of(company.mongo, UNITS["team-1"][2])).policy
    there = (await rhythm_of(company.mongo, UNITS["team-2"][2])).policy
    assert (here.days_a, here.days_b, here.days_c) == (1, 10, 14)
    assert (there.days_a, there.days_b, there.days_c) == (3, 10, 14)


async def test_follow_ups_go_by_the_settings_of_their_unit(company: Company) -> None:
    await company.run(set_cadence, CadenceSettings("jingan", days_a=4))
    client = await company.register()
    await company.grade(client.id, Grade.A)
    await company.hear()
    open_ = await company.open_follow_ups(client.id)
    assert open_[FollowUpRule.CADENCE].due_at == NOW + timedelta(days=4)


async def test_contradictions_and_unknown_units_are_refused(company: Company) -> None:
    with pytest.raises(Invalid):
        await company.run(set_cadence, CadenceSettings("jingan", share_real=90))
    with pytest.raises(NotFound):
        await company.run(set_cadence, CadenceSettings("nowhere", days_a=1))
