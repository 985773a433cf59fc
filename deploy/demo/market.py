"""What is for sale, and what clients look for.

Homes were brought in until some days ago, and the needs were written down after that: so nobody wakes up to a heap of
matches, and the next listing that somebody adds finds its clients at once.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from deploy.demo import places
from deploy.demo.clientele import Clientele
from deploy.demo.commands import Command, OfferHome, OpenNeed
from deploy.demo.drawing import Draw
from deploy.demo.staff import Person

HOMES_A_SELLER = 3
_LOOKS_FOR_A_HOME = 0.5
_HOMES_UNTIL, _NEEDS_FROM = 14, 9
"""Days before the last one."""
_ROOMS = {1: 1.5, 2: 4.0, 3: 3.5, 4: 1.0}
_A_SQUARE_METRE = {"上海": (52_000, 98_000), "杭州": (28_000, 52_000), "广州": (30_000, 60_000)}
"""Yuan, from and to; of a city that is not here, as the last."""
_ORIENTATIONS = {"south": 5.0, "north_south": 3.0, "east": 1.0, "west": 0.6, "north": 0.4}
_DECORATIONS = {"simple": 4.0, "fine": 4.0, "luxury": 0.8, "bare": 1.0}
_TENTHS, _MINOR = 10, 100


def commands(seed: int, clientele: Clientele) -> Iterator[Command]:
    """Homes of every seller who was there then, and needs of some of the clients who are looked after."""
    last = clientele.days[-1]
    begun = [day for day in clientele.days if day < last - timedelta(days=_HOMES_UNTIL)]
    for seller in clientele.sellers if begun else ():
        for number in range(HOMES_A_SELLER):
            draw = Draw(seed, "home for sale", seller.id, number)
            day = draw.choice(begun)
            if not seller.hired or day > seller.starts:
                yield _home(draw, seller, clientele.district[seller.id], draw.moment(day, 9 * 60, 18 * 60))
    of_id = {seller.id: seller for seller in clientele.sellers}
    recent = [day for day in clientele.days if day >= last - timedelta(days=_NEEDS_FROM)]
    for client_id in clientele.due:
        draw = Draw(seed, "need", client_id)
        seller = of_id[clientele.agent_of[client_id]]
        moment = draw.moment(draw.choice(recent), 9 * 60, 18 * 60)
        if draw.happens(_LOOKS_FOR_A_HOME) and clientele.registered[client_id] < moment:
            moment = min(moment, clientele.until)
            yield _need(draw, seller, client_id, clientele.district[seller.id], moment)


def _home(draw: Draw, seller: Person, district: str, at: datetime) -> OfferHome:
    title, place = places.listing(draw, district)
    rooms = draw.one_of(_ROOMS)
    size = rooms * 28 + draw.randint(12, 40)
    return OfferHome(
        at=at,
        by=seller.id,
        listing_id=draw.new_id(at),
        title=title,
        place=place,
        price=_price(draw, place[0], size),
        figures={
            "rooms": rooms,
            "living_rooms": 1 if rooms < 4 else 2,
            "size": size * _TENTHS + draw.randint(0, 9),
            "floor": draw.randint(1, 28),
            "year": draw.randint(1992, 2023),
            "lift": int(draw.happens(0.7)),
            "parking": int(draw.happens(0.4)),
        },
        codes={"orientation": draw.one_of(_ORIENTATIONS), "decoration": draw.one_of(_DECORATIONS)},
    )


def _need(draw: Draw, seller: Person, client_id: str, district: str, at: datetime) -> OpenNeed:
    rooms = draw.one_of(_ROOMS)
    _, place = places.listing(draw, district)
    middle = _price(draw, place[0], rooms * 28 + 26)
    wishes = {
        "size": (rooms * 28 + 20) * _TENTHS,
        "lift": 1,
        "year": draw.choice((2000, 2005, 2010)),
        "parking": 1,
    }
    named = draw.sample(sorted(wishes), draw.randint(1, 3))
    return OpenNeed(
        at=at,
        by=seller.id,
        need_id=draw.new_id(at),
        client_id=client_id,
        places=(place[: 3 if draw.happens(0.3) else 2],),
        lowest=middle * 80 // 100 // 1_000_000 * 1_000_000,
        highest=middle * 120 // 100 // 1_000_000 * 1_000_000,
        rooms=(rooms, rooms + draw.choice((0, 1))),
        wishes={name: wishes[name] for name in named},
    )


def _price(draw: Draw, city: str, size: int) -> int:
    """Minor units, in steps of 10,000 yuan."""
    metre = draw.randint(*_A_SQUARE_METRE.get(city, _A_SQUARE_METRE["广州"]))
    return max(1, metre * size // 10_000) * 10_000 * _MINOR
