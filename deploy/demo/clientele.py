"""The clients of all agents: how many each one has, when they came, and what became of them."""

import math
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from deploy.demo import places
from deploy.demo.client_story import Start, Story
from deploy.demo.commands import Command, FollowUpDone, NameReferrer
from deploy.demo.drawing import Draw, phone_number, shares
from deploy.demo.names import name_of_client
from deploy.demo.staff import Person, Staff
from deploy.demo.working_days import busyness, local_day, working_day_after, working_day_before

_SOURCES = {"referral": 2.5, "walk_in": 2.5, "online": 3.0, "campaign": 0.8, "own_network": 1.2}
_BROUGHT_IN = 0.35
"""The part of the clients whose files were brought along when the company began with Muster."""
_BROUGHT_IN_WITHIN = 0.12
"""The part of the history during which that was done."""
_MORE_CLIENTS_FOR_TALENT = 0.55
_WEIGHT_TO_PLAY_WITH = 2.5
"""About twice the clients of an average agent, so that today has a list even in a small company."""
_CALLS_TO_PLAY_WITH = 6
_LONGEST_IDLE = 10


class Clientele:
    """`due` says, after `commands` is exhausted, for which clients a call is open, and since or from which day."""

    def __init__(
        self,
        seed: int,
        staff: Staff,
        days: list[date],
        until: datetime,
        total: int,
        places_of_phones: Iterator[int],
        busy_agent: str,
    ) -> None:
        self.seed = seed
        self.days = days
        self.until = until
        self.total = total
        self.phones = places_of_phones
        self.sellers = [person for person in staff.people if person.talent > 0]
        self.district = {
            person.id: branch.district for branch in staff.branches for person in staff.of_branch(branch)
        }
        self.busy_agent = busy_agent
        self.teams = {
            team.id: tuple(staff.members(team, "agent")) for team in staff.units if team.kind == "team"
        }
        self.leads = {
            team.id: (staff.members(team, "supervisor") or (branch.manager,))[0].id
            for branch in staff.branches
            for team in branch.teams
        }
        self.due: dict[str, date] = {}
        self.agent_of: dict[str, str] = {}
        self.registered: dict[str, datetime] = {}

    def commands(self) -> Iterator[Command]:
        """Everything about clients, each one's own in order."""
        counts = shares(self.total, [self.weight(seller) for seller in self.sellers])
        number = 0
        for seller, count in zip(self.sellers, counts, strict=True):
            starts = [self.start(Draw(self.seed, "client", number + place), seller) for place in range(count)]
            number += count
            known: list[Story] = []
            for story, told in self.told(seller, starts):
                yield from told
                yield from self.referred(story, known)
                known.append(story)
                self.agent_of[story.client.client_id] = seller.id
                self.registered[story.client.client_id] = story.client.registered_at
                if story.due is not None:
                    self.due[story.client.client_id] = story.due

    def referred(self, story: Story, known: list[Story]) -> Iterator[Command]:
        """Who sent the client, and the thanks for it."""
        client = story.client
        earlier = [
            one.client
            for one in known
            if one.due is not None and one.client.registered_at < client.registered_at
        ]
        if client.source != "referral" or not earlier:
            return
        draw = Draw(self.seed, "referral", client.client_id)
        referrer = draw.choice(earlier)
        named_at = client.registered_at + timedelta(minutes=draw.randint(17, 40))
        yield NameReferrer(
            at=named_at, by=client.agent.id, client_id=client.client_id, referrer_id=referrer.client_id
        )
        thanked_at = draw.moment(working_day_after(local_day(named_at)), 11 * 60, 17 * 60)
        yield FollowUpDone(
            at=thanked_at,
            by=client.agent.id,
            client_id=referrer.client_id,
            rule="thanks",
            outcome="reached",
            minutes=draw.randint(3, 8),
            intent="potential",
        )

    def told(self, seller: Person, starts: list[Start]) -> list[tuple[Story, list[Command]]]:
        """The stories of one agent's clients.

        Half of today's calls are still open everywhere, so that today has something to do. The agent whom a newcomer
        plays has not come to any since a working day or more: as long as it takes for some calls to be due.
        """
        today = self.days[-1]
        if seller.id != self.busy_agent:
            return [self.story(start, today) for start in starts]
        for back in range(1, _LONGEST_IDLE):
            stories = [self.story(start, working_day_before(today, back)) for start in starts]
            if (
                sum(story.due is not None and story.due <= today for story, _ in stories)
                >= _CALLS_TO_PLAY_WITH
            ):
                break
        return stories

    def story(self, start: Start, idle_from: date) -> tuple[Story, list[Command]]:
        draw = Draw(self.seed, "story", start.client_id)
        if start.agent.id != self.busy_agent and draw.happens(0.5):
            idle_from = date.max
        story = Story(draw, start, self.days[-1], idle_from)
        return story, list(story.commands())

    def weight(self, seller: Person) -> float:
        """How many clients somebody has, beside others: by talent and by how long they have been there."""
        worked = max(0.0, (self.days[-1] - seller.starts).days / len(self.days))
        tenure = 0.6 * worked if seller.hired else 1.0
        weight = tenure * math.exp(_MORE_CLIENTS_FOR_TALENT * math.log(seller.talent))
        return max(weight, _WEIGHT_TO_PLAY_WITH) if seller.id == self.busy_agent else weight

    def start(self, draw: Draw, seller: Person) -> Start:
        registered_at, source = self.arrival(draw, seller)
        return Start(
            client_id=draw.new_id(registered_at),
            agent=seller,
            source=source,
            name=name_of_client(draw),
            phone=phone_number(next(self.phones)),
            address=places.address(draw, self.district[seller.id]),
            registered_at=registered_at,
            city=self.district[seller.id].partition("市")[0],
            colleagues=self.teams.get(seller.unit_id, ()),
            lead_id=self.leads.get(seller.unit_id, seller.id),
        )

    def arrival(self, draw: Draw, seller: Person) -> tuple[datetime, str]:
        if not seller.hired and draw.happens(_BROUGHT_IN):
            days = self.days[: max(2, round(_BROUGHT_IN_WITHIN * len(self.days)))]
            source = "import"
        else:
            days = [day for day in self.days if day > seller.starts]
            source = draw.one_of(_SOURCES)
        day = draw.choices(days, [busyness(day) for day in days])[0]
        moment = draw.moment(day, 9 * 60, 19 * 60)
        while moment > self.until:  # who would come later today came yesterday, so that the total is right
            moment -= timedelta(days=1)
        return moment, source
