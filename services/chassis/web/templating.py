"""Jinja2 as pages use it: an undefined name is an error, everything is escaped, one environment for each language."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import (
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    PrefixLoader,
    StrictUndefined,
    pass_context,
)
from jinja2.runtime import Context
from markupsafe import Markup

from services.chassis.web import avatars, gauges
from services.chassis.web.assets import Assets
from services.chassis.web.formats import FILTERS, Formats
from services.chassis.web.icons import icon
from services.chassis.web.languages import Language, Languages

_OWN = Path(__file__).parent / "templates"


def loader_for(folder: Path | None) -> ChoiceLoader:
    """Chassis templates by `chassis/...`; those of a service's capability by `<capability>/...`."""
    capabilities: dict[str, FileSystemLoader] = {}
    if folder is not None:
        for templates in sorted(folder.glob("*/templates")):
            capabilities[templates.parent.name] = FileSystemLoader(templates)
    return ChoiceLoader([FileSystemLoader(_OWN), PrefixLoader(capabilities)])


def new_key() -> str:
    """A fresh value for a form's `_key`, so that sending it twice acts once."""
    return secrets.token_urlsafe(16)


def _formatter(name: str) -> Any:
    @pass_context
    def write(context: Context, value: Any, *args: Any, **kwargs: Any) -> str:
        formats: Formats = context["formats"]
        return str(getattr(formats, name)(value, *args, **kwargs))

    return write


class Templates:
    """Renders templates in a language."""

    def __init__(self, languages: Languages, assets: Assets, folder: Path | None = None) -> None:
        loader = loader_for(folder)
        self._environments = {language.code: _environment(language, loader, assets) for language in languages}

    def render(self, language: Language, template: str, context: Mapping[str, Any]) -> str:
        """The whole template."""
        return self._environments[language.code].get_template(template).render(context)

    def render_block(self, language: Language, template: str, block: str, context: Mapping[str, Any]) -> str:
        """One block of the template, for a fragment. Raises KeyError when the template has no such block."""
        found = self._environments[language.code].get_template(template)
        return "".join(found.blocks[block](found.new_context(dict(context))))


def _environment(language: Language, loader: ChoiceLoader, assets: Assets) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_translations(language.words, newstyle=True)  # type: ignore[attr-defined]
    environment.globals.update(
        icon=icon,
        asset=assets.url,
        new_key=new_key,
        avatar_text=avatars.text,
        avatar_tint=avatars.tint,
        gauges=gauges,
        language=language,
        Markup=Markup,
    )
    environment.filters.update({name: _formatter(name) for name in FILTERS})
    environment.filters["say"] = language.say
    environment.filters["say_problem"] = language.say_problem
    environment.filters["say_field"] = language.say_field
    return environment
