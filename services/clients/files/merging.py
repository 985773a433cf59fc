"""Use cases of two files of one client: merged, and two again."""

from dataclasses import dataclass, replace

from services.chassis.errors import N_, Conflict, FieldError, Invalid, NotFound
from services.chassis.identity import new_id
from services.chassis.mongo import DuplicateKeyError
from services.chassis.organisation.directory import Directory
from services.chassis.personal_data.audit import Did
from services.chassis.records import Stored
from services.chassis.schedule.items import cancel
from services.chassis.work import Transaction
from services.clients.files import merge_model, merge_store
from services.clients.files.merge_store import MergedFile
from services.clients.files.model import Client, Owner
from services.clients.files.notes import audit
from services.clients.files.store import CLIENTS
from services.clients.follow_ups import model as follow_ups
from services.clients.follow_ups.model import Cancelled, FollowUp
from services.clients.follow_ups.overdue import key_of
from services.clients.follow_ups.planning import plan_next
from services.clients.follow_ups.store import FOLLOW_UPS, open_of
from services.clients.ownership.commands import Move, hand_on
from services.contracts.clients import ClientMerged, ClientMergeUndone, FollowUpCancelled, Reassignment


@dataclass(frozen=True, kw_only=True)
class MergeClients:
    kept_id: str
    double_id: str


async def merge(tx: Transaction, command: MergeClients) -> Stored[Client]:
    """Make one file of two: the double goes, and all that led to it leads to the kept one.

    Raises `NotFound`, `Invalid` for two that cannot be one.
    """
    kept, double = await CLIENTS.get(tx, command.kept_id), await CLIENTS.get(tx, command.double_id)
    if kept.id == double.id or kept.value.company_id != double.value.company_id:
        raise Invalid(errors=[FieldError("/double_id", N_("Choose another client of the same company"))])
    if kept.value.erased_at or double.value.erased_at:
        raise Invalid(errors=[FieldError("/double_id", N_("Nothing is known of an erased client any more"))])
    clients = tx.collection(CLIENTS.collection)
    before = {
        each.id: await clients.find_one({"_id": each.id}, session=tx.session) or {} for each in (kept, double)
    }
    kept, double = await _one_owner(tx, kept, double)
    after = merge_model.merged(kept.value, double.value)
    await clients.delete_one({"_id": double.id}, session=tx.session)
    event = ClientMerged(
        occurred_at=tx.now,
        client_id=kept.id,
        merged_client_id=double.id,
        agent_id=after.agent_id,
        org_path=after.org_path,
    )
    saved = await CLIENTS.save(tx, kept, after, event)
    await _one_for_each_rule(tx, kept.id, double.id)
    led = await merge_store.lead(tx, double.id, kept.id)
    aside = before[double.id] | {
        "version": double.version,
        "sequence": double.sequence,
        "last_event_id": double.last_event_id,
    }
    await merge_store.keep_aside(
        tx, MergedFile(double.id, kept.id, tx.now, tx.actor, aside, before[kept.id], led)
    )
    await audit(tx, Did.MERGED, [kept.id, double.id], ["file"], "merge")
    await plan_next(tx, kept.id, new_id(tx.now))
    return saved


@dataclass(frozen=True, kw_only=True)
class UndoMerge:
    kept_id: str
    double_id: str


async def undo_merge(tx: Transaction, command: UndoMerge) -> Stored[Client]:
    """Make two files of one again, as they were; what happened since stays with the kept one.

    Raises `NotFound`; `Conflict` when one of the phones is somebody else's by now.
    """
    aside = await merge_store.kept_aside(tx, command.double_id)
    if aside is None or aside.into != command.kept_id or not aside.double:
        raise NotFound
    now = await CLIENTS.get(tx, aside.into)
    double = CLIENTS.stored(aside.double)
    after = merge_model.unmerged(now.value, CLIENTS.stored(aside.kept).value, double.value)
    event = ClientMergeUndone(
        occurred_at=tx.now,
        client_id=now.id,
        merged_client_id=double.id,
        agent_id=after.agent_id,
        org_path=after.org_path,
    )
    await CLIENTS.save(tx, now, after, event)
    home = await _home_of(tx, double.value, after)
    back = replace(double, value=replace(double.value, agent_id=after.agent_id, org_path=after.org_path))
    try:
        # the document as it was, under the kept one's owner first, so that going home is an event like any other
        document = aside.double | {"agent_id": back.value.agent_id, "org_path": list(back.value.org_path)}
        await tx.collection(CLIENTS.collection).insert_one(document, session=tx.session)
    except DuplicateKeyError:
        raise Conflict(N_("A phone of the other file is somebody else's by now")) from None
    await merge_store.take_back(tx, double.id)
    await merge_store.lead_back(tx, aside.led, now.id, double.id)
    if home != Owner(after.agent_id, after.org_path):
        await hand_on(tx, [Move(back, home, Reassignment.RECALLED)])
    await audit(tx, Did.MERGED, [now.id, double.id], ["file"], "undo merge")
    for client_id in (now.id, double.id):
        await plan_next(tx, client_id, new_id(tx.now))
    return await CLIENTS.get(tx, now.id)


async def _one_owner(
    tx: Transaction, kept: Stored[Client], double: Stored[Client]
) -> tuple[Stored[Client], Stored[Client]]:
    """Both under the kept one's agent; under the other's when the kept one has none."""
    owner = kept.value if kept.value.agent_id is not None else double.value
    to = Owner(owner.agent_id, owner.org_path)
    stored = []
    for each in (kept, double):
        if each.value.agent_id != to.agent_id:
            each = (await hand_on(tx, [Move(each, to, Reassignment.MERGED)]))[0]
        stored.append(each)
    return stored[0], stored[1]


async def _home_of(tx: Transaction, double: Client, kept: Client) -> Owner:
    """Whose the double was; who looks after the kept one, when that agent is no longer there."""
    if double.agent_id is None:
        return Owner(None, double.org_path)
    try:
        agent = await Directory(tx.mongo, tx.session).person(double.agent_id)
    except NotFound:
        agent = None
    if agent is None or agent.left_on is not None:
        return Owner(kept.agent_id, kept.org_path)
    return Owner(agent.id, agent.org_path)


async def _one_for_each_rule(tx: Transaction, kept_id: str, double_id: str) -> None:
    """Take back the open follow-ups of the double for which the kept one has its own."""
    kept, double = await open_of(tx, kept_id), await open_of(tx, double_id)
    for rule in kept.keys() & double.keys():
        each = double[rule]
        await FOLLOW_UPS.save(tx, each, follow_ups.cancelled(each.value), _cancelled(tx, each.value))
        await cancel(tx, key_of(each.id, each.version))


def _cancelled(tx: Transaction, follow_up: FollowUp) -> FollowUpCancelled:
    return FollowUpCancelled(
        occurred_at=tx.now,
        follow_up_id=follow_up.id,
        client_id=follow_up.client_id,
        agent_id=follow_up.agent_id,
        org_path=follow_up.org_path,
        reason=Cancelled.REPLACED,
    )
