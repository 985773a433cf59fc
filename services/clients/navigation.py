"""The bar above the pages of clients: its sections in their order, and who finds which."""

from services.chassis.errors import N_
from services.chassis.web.navigation import Section
from services.contracts import site
from services.contracts.organisation import Role

SELLING = frozenset({Role.AGENT, Role.SUPERVISOR})
LEADING = frozenset({Role.SUPERVISOR, Role.TRAINER, Role.BRANCH_MANAGER})
ABOVE = frozenset({Role.REGIONAL, Role.HEAD_OFFICE})
HANDING_OVER = frozenset({Role.SUPERVISOR, Role.BRANCH_MANAGER}) | ABOVE
EVERYBODY_WITH_CLIENTS = SELLING | LEADING | ABOVE

SECTIONS: tuple[Section, ...] = (
    Section(site.TODAY.path, N_("Today"), SELLING),
    Section(site.CLIENTS.path, N_("Clients"), EVERYBODY_WITH_CLIENTS),
    Section("/clients/pool", N_("Pool"), EVERYBODY_WITH_CLIENTS),
    Section("/clients/listings", N_("Listings"), EVERYBODY_WITH_CLIENTS),
    Section(site.SHOWINGS.path, N_("Showings"), SELLING),
    Section("/clients/deals", N_("Deals"), EVERYBODY_WITH_CLIENTS),
    Section("/clients/referrals", N_("Referrals"), EVERYBODY_WITH_CLIENTS),
    Section("/clients/handovers", N_("Handovers"), HANDING_OVER),
    Section("/clients/reports", N_("Time"), EVERYBODY_WITH_CLIENTS),
    Section("/clients/cadence", N_("Cadence"), frozenset({Role.BRANCH_MANAGER}) | ABOVE),
    Section("/clients/updates", N_("Updates"), EVERYBODY_WITH_CLIENTS),
    Section("/clients/imports", N_("Imports"), SELLING | {Role.BRANCH_MANAGER}),
)
"""A part adds its line at its place: today, clients, pool, listings, showings, deals, updates, reports, imports,
settings. The path is that of the section's own page; everything under it lights the same line."""
