"""The bar of a service's sections: who finds what in it, and what is lit."""

from services.chassis.access import Access, Grant
from services.chassis.web.navigation import Section, sections_for
from services.contracts.organisation import Role

PATH = ("acme", "branch")
SECTIONS = (
    Section("/clients/clients", "Clients", frozenset({Role.AGENT, Role.BRANCH_MANAGER})),
    Section("/clients/pool", "Pool", frozenset({Role.AGENT})),
    Section("/clients/settings", "Settings", frozenset({Role.BRANCH_MANAGER})),
)


def held(*roles: Role) -> Access:
    return Access(
        "somebody", "Somebody", tuple(Grant(role, PATH[-1], PATH) for role in roles), PATH[-1], PATH
    )


def test_each_role_finds_its_own_sections_in_their_order() -> None:
    words = [item.words for item in sections_for(SECTIONS, held(Role.AGENT), "/clients/clients")]
    assert words == ["Clients", "Pool"]
    both = sections_for(SECTIONS, held(Role.AGENT, Role.BRANCH_MANAGER), "/clients/pool")
    assert [item.words for item in both] == ["Clients", "Pool", "Settings"]


def test_everything_under_a_section_lights_it_and_nothing_else() -> None:
    items = sections_for(SECTIONS, held(Role.AGENT), "/clients/clients/some-id/family")
    assert [item.open for item in items] == [True, False]
    assert sections_for(SECTIONS, held(Role.AGENT), "/clients/clients-of-old") == ()


def test_there_is_no_bar_without_a_choice() -> None:
    assert sections_for(SECTIONS, held(Role.TRAINER), "/clients/clients") == ()
    assert sections_for(SECTIONS[:1], held(Role.AGENT), "/clients/clients") == ()
