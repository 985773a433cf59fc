"""Use cases of the settings."""

from services.chassis.errors import N_, FieldError, Invalid
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.chassis.schedule.items import plan_all
from services.chassis.work import Transaction
from services.clients.cadence import store
from services.clients.cadence.model import CadencePolicy, CadenceSettings, policy_of
from services.clients.follow_ups.sweeps import replanning


async def set_cadence(tx: Transaction, settings: CadenceSettings) -> CadencePolicy:
    """Keep what the unit says; what is open there is planned anew, in batches. Returns the policy that then holds.

    Raises `NotFound` for an unknown unit, `Invalid` when the policy would contradict itself there.
    """
    unit = await Directory(tx.mongo, tx.session).unit(settings.id)
    said = await store.settings_of(tx.mongo, unit.org_path, tx.session)
    chain = [
        settings if each == unit.id else said[each] for each in unit.org_path if each in {*said, unit.id}
    ]
    try:
        policy = policy_of(chain)
    except ValueError as error:
        raise Invalid(errors=[FieldError("", N_("These settings contradict one another"))]) from error
    await store.keep(tx, settings)
    await plan_all(tx, [replanning(unit.id, new_id(tx.now), tx.now)])
    return policy
