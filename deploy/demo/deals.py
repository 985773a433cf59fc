"""What is sold in the end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from deploy.demo.commands import CloseDeal
from deploy.demo.drawing import Draw
from deploy.demo.staff import Person
from deploy.demo.working_days import at_time, local_day, working_day_after

_TEN_THOUSAND = 10_000 * 100
"""Yuan, in minor units."""
_PRICE_A_SQUARE_METRE = {"上海": 6.4, "杭州": 3.6, "广州": 3.9}
"""In ten thousand yuan: about what second-hand homes there cost."""
_COMMISSION_PERCENT = 2
_KEPT_BY_A_COLLEAGUE = 0.6
_MOVES_IN_AFTER = timedelta(days=28)


def deal(
    draw: Draw,
    shown_at: datetime,
    agent: Person,
    client_id: str,
    colleagues: Sequence[Person],
    lead_id: str,
    city: str,
) -> CloseDeal:
    """The signature some working days after the showing that decided it."""
    day = working_day_after(local_day(shown_at), draw.randint(2, 5))
    moment = at_time(day, draw.randrange(10 * 60, 18 * 60, 15))
    price = _price(draw, city, draw.randint(450, 1_400))
    others = [person for person in colleagues if person.id != agent.id and not person.hired]
    return CloseDeal(
        at=moment,
        by=agent.id,
        deal_id=draw.new_id(moment),
        client_id=client_id,
        price=price,
        commission=price * _COMMISSION_PERCENT // 100,
        keeper_id=draw.choice(others).id if others and draw.happens(_KEPT_BY_A_COLLEAGUE) else None,
        signed_on=day,
        moves_in_on=day + _MOVES_IN_AFTER,
        confirmed_by=lead_id,
    )


def _price(draw: Draw, city: str, size: int) -> int:
    """For so many tenths of a square metre, in minor units, a round sum."""
    exact = _PRICE_A_SQUARE_METRE[city] * draw.uniform(0.7, 1.35) * size / 10
    return round(exact) * _TEN_THOUSAND
