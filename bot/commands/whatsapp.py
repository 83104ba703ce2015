"""`voordeur whatsapp`: the template that WhatsApp has to approve, in each language."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import click
import httpx

from bot.app import open_place
from bot.channels import whatsapp_templates
from bot.channels.whatsapp_errors import GraphError
from bot.channels.whatsapp_wire import Wire, asked
from bot.commands.common import settings, stop
from bot.settings import Settings
from bot.texts import Texts
from flows.say import Line

_NOT_THERE = "not submitted"
_GOOD = "approved"


@click.group()
def whatsapp() -> None:
    """What WhatsApp has to know beforehand."""


@whatsapp.command()
@click.option("--submit", is_flag=True, help="Hand in what was not submitted yet.")
@click.option("--check", is_flag=True, help="Ask what is approved; fails unless all of it is.")
def templates(submit: bool, check: bool) -> None:
    """Print the template in each language, as JSON for the platform's API.

    It is sent when a resident has not written for a day: it says that something waits, and
    nothing of what. With --check each line says what the platform thinks of it; that and --submit
    need VOORDEUR_WHATSAPP_ACCOUNT_ID (the WhatsApp Business Account) and VOORDEUR_WHATSAPP_TOKEN.
    """
    chosen = settings()
    texts, directory = Texts(chosen.languages), open_place(chosen).city.directory
    wanted = {
        language: whatsapp_templates.submission(
            language, lambda key, code: texts.write(Line(key), code, directory)
        )
        for language in chosen.languages
    }
    for language, template in wanted.items():
        if template is None:
            click.echo(f"{language}: WhatsApp has no templates in this language", err=True)
    ready = {language: template for language, template in wanted.items() if template is not None}
    if not (submit or check):
        for template in ready.values():
            click.echo(json.dumps(template, ensure_ascii=False))
        return
    if not (chosen.whatsapp_account_id and chosen.whatsapp_token.get_secret_value()):
        stop("set VOORDEUR_WHATSAPP_ACCOUNT_ID and VOORDEUR_WHATSAPP_TOKEN first")
    try:
        statuses = asyncio.run(_statuses(chosen, ready, submit=submit))
    except GraphError as error:
        stop(f"WhatsApp answered with error {error.code}: {error.words}", code=1)
    except httpx.HTTPError as error:
        stop(f"WhatsApp cannot be reached: {type(error).__name__}", code=1)
    for language, status in statuses.items():
        click.echo(f"{language}: {status}")
    if check and set(statuses.values()) != {_GOOD}:
        raise SystemExit(1)


def _told(template: Mapping[str, object]) -> str:
    """What the platform thinks of a template; it may have filed it under something dearer."""
    status = str(template.get("status", "pending")).lower()
    category = str(template.get("category", "UTILITY"))
    return status if category == "UTILITY" else f"{status}, but filed under {category.lower()}"


async def _statuses(
    chosen: Settings, ready: Mapping[str, dict[str, object]], *, submit: bool
) -> dict[str, str]:
    """What the platform says of the template in each language, after handing in what lacks."""
    wire = Wire(chosen.whatsapp_token.get_secret_value(), chosen.whatsapp_base_url)
    account = chosen.whatsapp_account_id
    async with wire.open() as client:
        listing = client.api.get_templates(
            waba_id=account,
            fields=("name", "language", "status", "category"),
            filters={"name": whatsapp_templates.NAME, "limit": "100"},
        )
        known = await asked(listing)
        statuses = {
            one["language"]: _told(one)
            for one in known["data"]
            if one["name"] == whatsapp_templates.NAME
        }
        for template in ready.values() if submit else ():
            if str(template["language"]) not in statuses:
                making = client.api.create_template(waba_id=account, template=template)
                made = await asked(making)
                statuses[str(template["language"])] = _told(made)
    return {
        language: statuses.get(str(template["language"]), _NOT_THERE)
        for language, template in ready.items()
    }
