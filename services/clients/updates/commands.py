"""Use cases of updates."""

from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from services.chassis.errors import NotFound
from services.chassis.identity import new_id
from services.chassis.organisation.directory import Directory
from services.chassis.records import Stored
from services.chassis.work import Transaction
from services.clients.files.notes import tell
from services.clients.files.store import of_ids
from services.clients.updates import model
from services.clients.updates.model import Round, Update
from services.clients.updates.store import ROUNDS, UPDATES, keep_sent, round_id, round_of
from services.contracts.clients import UpdateKind, UpdateSent


@dataclass(frozen=True, kw_only=True)
class PublishUpdate:
    unit_id: str
    kind: UpdateKind
    title: str
    text: str
    link: str
    valid_until: date


async def publish(tx: Transaction, command: PublishUpdate) -> Stored[Update]:
    """Give the agents of a unit something to send. Raises `NotFound` for an unknown unit, `Invalid`."""
    unit = await Directory(tx.mongo, tx.session).unit(command.unit_id)
    update = Update(
        id=new_id(tx.now),
        unit_id=unit.id,
        org_path=unit.org_path,
        author_id=tx.actor,
        kind=command.kind,
        title=" ".join(command.title.split()),
        text=command.text.strip(),
        link=command.link.strip(),
        valid_until=command.valid_until,
        published_at=tx.now,
    )
    today = tx.now.astimezone(ZoneInfo(unit.time_zone)).date()
    return await UPDATES.add(tx, model.checked(update, today))


@dataclass(frozen=True, kw_only=True)
class WithdrawUpdate:
    update_id: str
    expected_version: int | None = None


async def withdraw(tx: Transaction, command: WithdrawUpdate) -> Stored[Update]:
    """From now on nobody can send it. Raises `NotFound`, `StaleVersion`, `Conflict`."""
    before = await UPDATES.get(tx, command.update_id, command.expected_version)
    return await UPDATES.save(tx, before, model.withdrawn(before.value, tx.now))


@dataclass(frozen=True, kw_only=True)
class SendUpdate:
    update_id: str
    agent_id: str
    client_ids: tuple[str, ...]


async def send(tx: Transaction, command: SendUpdate) -> int:
    """Write down that the agent sent it to clients of theirs; how many had not got it before.

    Raises `NotFound` for a client who is not theirs, `Conflict` for an update that may not be sent any more,
    `Invalid` for a client who did not agree.
    """
    update = (await UPDATES.get(tx, command.update_id)).value
    agent = await Directory(tx.mongo, tx.session).person(command.agent_id)
    zone = await Directory(tx.mongo, tx.session).time_zone(update.unit_id)
    clients = await of_ids(tx, command.client_ids)
    if set(clients) != set(command.client_ids) or any(
        each.value.agent_id != agent.id for each in clients.values()
    ):
        raise NotFound
    today = tx.now.astimezone(ZoneInfo(zone)).date()
    model.sendable(update, [each.value for each in clients.values()], today, tx.now)
    fresh = await keep_sent(tx, update.id, agent.id, list(clients))
    if not fresh:
        return 0
    for client_id in fresh:
        tell(tx, client_id, "update-got", update_id=update.id, kind=update.kind.value)
    event = UpdateSent(
        occurred_at=tx.now,
        update_id=update.id,
        agent_id=agent.id,
        org_path=agent.org_path,
        kind=update.kind,
        clients=len(fresh),
    )
    before = await round_of(tx, update.id, agent.id)
    if before is None:
        first = Round(round_id(update.id, agent.id), update.id, agent.id, agent.org_path, len(fresh))
        await ROUNDS.add(tx, first, event)
    else:
        await ROUNDS.save(tx, before, replace(before.value, sent=before.value.sent + len(fresh)), event)
    return len(fresh)
