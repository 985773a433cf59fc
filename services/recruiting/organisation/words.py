"""The words for the levels of the tree; gettext ids."""

from services.chassis.errors import N_

KINDS = {
    "company": N_("Company"),
    "region": N_("Region"),
    "branch": N_("Branch"),
    "team": N_("Team"),
}
