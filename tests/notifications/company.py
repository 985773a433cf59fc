"""A small company, as the directory has it, and events that happen in it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from services.chassis.organisation import events as directory
from services.chassis.work import Transaction
from services.contracts.clients import (
    ClientRegistered,
    ClientSource,
    DealClosed,
    DealKind,
    DealPart,
    DealShare,
    DealUndone,
    FollowUpDone,
    FollowUpRule,
    Intent,
    ShowingDone,
)
from services.contracts.envelope import Envelope, Received
from services.contracts.event import Event
from services.contracts.organisation import Role, UnitKind
from services.contracts.recruiting import AgentHired, PersonRegistered, RoleGranted, UnitOpened

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)
"""Monday morning, ten o'clock in Shanghai."""

UNITS: Mapping[str, tuple[UnitKind, str, str | None]] = {
    "co": (UnitKind.COMPANY, "安和人寿", None),
    "east": (UnitKind.REGION, "华东区", "co"),
    "south": (UnitKind.REGION, "华南区", "co"),
    "xuhui": (UnitKind.BRANCH, "徐汇营业部", "east"),
    "pudong": (UnitKind.BRANCH, "浦东营业部", "east"),
    "futian": (UnitKind.BRANCH, "福田营业部", "south"),
    "xuhui-1": (UnitKind.TEAM, "徐汇一组", "xuhui"),
    "xuhui-2": (UnitKind.TEAM, "徐汇二组", "xuhui"),
    "pudong-1": (UnitKind.TEAM, "浦东一组", "pudong"),
    "pudong-2": (UnitKind.TEAM, "浦东二组", "pudong"),
    "futian-1": (UnitKind.TEAM, "福田一组", "futian"),
}
PEOPLE: Mapping[str, tuple[str, str, Role]] = {
    "li": ("李梦瑶", "xuhui-1", Role.AGENT),
    "wang": ("王子轩", "xuhui-1", Role.AGENT),
    "zhou": ("周晓峰", "xuhui-1", Role.SUPERVISOR),
    "sun": ("孙佳怡", "xuhui-2", Role.AGENT),
    "qian": ("钱一鸣", "xuhui-2", Role.AGENT),
    "xu": ("徐文静", "xuhui-2", Role.SUPERVISOR),
    "zhao": ("赵丽华", "xuhui", Role.TRAINER),
    "chen": ("陈建国", "xuhui", Role.BRANCH_MANAGER),
    "wu": ("吴思远", "pudong-1", Role.AGENT),
    "zheng": ("郑海燕", "pudong", Role.TRAINER),
    "feng": ("冯志强", "east", Role.REGIONAL),
    "jiang": ("蒋敏", "co", Role.HEAD_OFFICE),
    "he": ("何俊杰", "futian-1", Role.AGENT),
}


def path_of(unit_id: str) -> tuple[str, ...]:
    """From the company down to the unit."""
    parent = UNITS[unit_id][2]
    return (*(path_of(parent) if parent else ()), unit_id)


_numbers = count(1)


def received(event: Event, id_: str | None = None, subject: str = "s1", sequence: int = 1) -> Received[Any]:
    """The event as a reader gets it, under a fresh id or the one given."""
    path = tuple(getattr(event, "org_path", ()))
    envelope = Envelope(
        id_ or f"event-{next(_numbers):06d}",
        f"/muster/{event.aggregate.service}",
        event.event_type(),
        subject,
        event.occurred_at,
        event.dataschema(),
        sequence,
        path,
        "correlation",
    )
    return Received(envelope, event)


class Company:
    """Makes events of people who are in the directory, or of people nobody has heard of."""

    def __init__(self, start_days: Mapping[str, int] | None = None) -> None:
        self.start_days = start_days or {}
        """Units whose working month does not begin on the 1st."""

    async def enter(self, tx: Transaction) -> None:
        """Put units and people into the directory."""
        for unit_id in UNITS:
            await self.open(tx, unit_id)
        for person_id in PEOPLE:
            await self.register(tx, person_id)

    async def open(self, tx: Transaction, unit_id: str) -> None:
        kind, name, parent = UNITS[unit_id]
        event = UnitOpened(
            occurred_at=AT,
            unit_id=unit_id,
            kind=kind,
            name=name,
            parent_id=parent,
            org_path=path_of(unit_id),
            time_zone="Asia/Shanghai",
            period_start_day=self.start_days.get(unit_id, 1),
        )
        await directory.unit_opened(tx, received(event, subject=unit_id))

    async def register(self, tx: Transaction, person_id: str) -> None:
        name, unit_id, role = PEOPLE[person_id]
        path = path_of(unit_id)
        known = PersonRegistered(
            occurred_at=AT, person_id=person_id, name=name, unit_id=unit_id, org_path=path
        )
        await directory.person_registered(tx, received(known, subject=person_id))
        grant = RoleGranted(occurred_at=AT, person_id=person_id, role=role, unit_id=unit_id, org_path=path)
        await directory.role_granted(tx, received(grant, subject=person_id, sequence=2))

    def unit_of(self, person_id: str) -> str:
        return PEOPLE[person_id][1]

    def showing(
        self, agent: str, at: datetime = AT, *, unit: str | None = None, id_: str | None = None
    ) -> Received[Any]:
        event = ShowingDone(
            occurred_at=at,
            showing_id="s",
            client_id="c",
            agent_id=agent,
            org_path=path_of(unit or self.unit_of(agent)),
            homes=2,
            interest=4,
        )
        return received(event, id_)

    def follow_up(self, agent: str, at: datetime = AT, *, id_: str | None = None) -> Received[Any]:
        event = FollowUpDone(
            occurred_at=at,
            follow_up_id="f",
            client_id="c",
            agent_id=agent,
            org_path=path_of(self.unit_of(agent)),
            rule=FollowUpRule.CADENCE,
            outcome="reached",
            minutes=5,
            intent=Intent.REAL,
            due_at=at - timedelta(hours=1),
        )
        return received(event, id_)

    def new_client(self, agent: str, at: datetime = AT) -> Received[Any]:
        event = ClientRegistered(
            occurred_at=at,
            client_id="c",
            agent_id=agent,
            org_path=path_of(self.unit_of(agent)),
            source=ClientSource.REFERRAL,
        )
        return received(event)

    def deal(
        self,
        shares: Mapping[str, int],
        at: datetime = AT,
        *,
        agent: str = "",
        kind: DealKind = DealKind.SALE,
        currency: str = "CNY",
        amount: int = 538_000_000,
    ) -> Received[Any]:
        """A deal of the first one, or of `agent`; commissions by person."""
        agent = agent or next(iter(shares))
        event = DealClosed(
            occurred_at=at,
            deal_id="d",
            client_id="c",
            listing_id=None,
            agent_id=agent,
            org_path=path_of(self.unit_of(agent)),
            kind=kind,
            amount=amount,
            commission=sum(shares.values()),
            currency=currency,
            shares=tuple(
                DealShare(
                    agent_id=person,
                    org_path=path_of(self.unit_of(person)),
                    part=DealPart.CLOSER,
                    commission=commission,
                )
                for person, commission in shares.items()
            ),
            signed_on=at.date(),
            starts_on=None,
        )
        return received(event, subject="d")

    def undo(self, closed: Received[Any], at: datetime = AT) -> Received[Any]:
        event = DealUndone(
            occurred_at=at,
            deal_id="d",
            client_id="c",
            agent_id=closed.event.agent_id,
            org_path=closed.event.org_path,
            closed_event_id=closed.envelope.id,
            reason="financing",
        )
        return received(event, subject="d", sequence=2)

    def hire(
        self,
        person: str,
        *,
        unit: str,
        recruiter: str | None = None,
        referrer: str | None = None,
        at: datetime = AT,
        name: str = "林小雨",
    ) -> Received[Any]:
        event = AgentHired(
            occurred_at=at,
            person_id=person,
            candidate_id=None,
            name=name,
            unit_id=unit,
            org_path=path_of(unit),
            start_date=date(2026, 11, 23),
            recruiter_id=recruiter,
            referrer_id=referrer,
        )
        return received(event, subject=person)


def shuffled_days(people: Sequence[str], days: int) -> list[Received[Any]]:
    """Plausible events over some days: more from those who come first."""
    company = Company()
    return [
        company.showing(person, AT - timedelta(days=day, minutes=7 * place))
        for day in range(days)
        for place, person in enumerate(people)
        if (day + place) % (place + 1) == 0
    ]
