"""`voordeur doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import click
import httpx
import telegram
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import InvalidToken, TelegramError

from bot.app import StartError, open_place, open_vault
from bot.channels.whatsapp_errors import GraphError
from bot.channels.whatsapp_wire import Wire, asked
from bot.clock import CITY, now
from bot.commands.common import nlu_service, settings
from bot.nlu_child import PYTHON
from bot.settings import Settings
from bot.store import retention
from bot.store.db import Database
from bot.store.vault import WrongKeyError

_STALE_DAYS = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: whether it is well, and what to do if not."""

    what: str
    level: Literal["ok", "warning", "error"]
    message: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(as_json: bool) -> None:
    """Look at settings, keys, database, map, NLU, Telegram and WhatsApp, and say what to do."""
    chosen = settings()
    findings = [*_still(chosen), *asyncio.run(_live(chosen))]
    if as_json:
        click.echo(json.dumps([vars_of(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            click.echo(f"{finding.level:8} {finding.what:10} {finding.message}")
    raise SystemExit(any(finding.level == "error" for finding in findings))


def vars_of(finding: Finding) -> dict[str, str]:
    """A finding as JSON."""
    return {"what": finding.what, "level": finding.level, "message": finding.message}


def _still(chosen: Settings) -> Iterator[Finding]:
    yield Finding("settings", "ok", "every VOORDEUR_ variable can be read")
    yield _keys(chosen)
    yield _database(chosen)
    yield from _map(chosen)
    yield _staff(chosen)


def _keys(chosen: Settings) -> Finding:
    if not chosen.secret_key.get_secret_value():
        where = chosen.var / "secret.key"
        advice = "set VOORDEUR_SECRET_KEY before going live (`voordeur keys new` prints one)"
        return Finding("keys", "warning", f"the key lies beside the data in {where}: {advice}")
    try:
        open_vault(chosen)
    except StartError as error:
        return Finding("keys", "error", str(error))
    return Finding("keys", "ok", "a key of sufficient length is set")


def _database(chosen: Settings) -> Finding:
    try:
        database = Database(chosen.database, open_vault(chosen))
        if not database.is_current():
            advice = "start `voordeur serve` once, it brings the tables up to date"
            return Finding("database", "warning", f"reached, but not migrated: {advice}")
        database.migrate()
        with database.read() as session:
            retention.look(session)
    except WrongKeyError:
        advice = "put the key back with which this database was made"
        return Finding("database", "error", f"VOORDEUR_SECRET_KEY does not open it: {advice}")
    except (SQLAlchemyError, StartError, OSError) as error:
        return Finding("database", "error", f"VOORDEUR_DATABASE_URL: {type(error).__name__}")
    return Finding("database", "ok", "reached, up to date, and the key opens it")


def _map(chosen: Settings) -> Iterator[Finding]:
    try:
        directory = open_place(chosen).city.directory
    except StartError as error:
        yield Finding("map", "error", str(error))
        return
    today = now().astimezone(CITY)
    expired = [entry for entry in directory.entries if not directory.is_current(entry, today)]
    soon = [
        entry
        for entry in directory.entries
        if entry.checked_at < today.date() - timedelta(days=_STALE_DAYS)
    ]
    count = len(directory.entries)
    if expired:
        yield Finding(
            "map", "warning", f"{len(expired)} of {count} entries are not offered any more"
        )
    elif soon:
        yield Finding("map", "warning", f"{len(soon)} of {count} entries need checking soon")
    else:
        yield Finding("map", "ok", f"{count} entries, all checked within {_STALE_DAYS} days")


def _staff(chosen: Settings) -> Finding:
    if chosen.telegram_token.get_secret_value() and chosen.telegram_staff_chat:
        return Finding("staff", "ok", "a chat hears of new requests and lapsed promises")
    advice = "set VOORDEUR_TELEGRAM_STAFF_CHAT, with VOORDEUR_TELEGRAM_TOKEN"
    return Finding("staff", "warning", f"nobody is warned when a promise lapses: {advice}")


async def _live(chosen: Settings) -> list[Finding]:
    return [await _nlu(chosen), await _telegram(chosen), *await _whatsapp(chosen)]


async def _nlu(chosen: Settings) -> Finding:
    if not chosen.nlu_url and not PYTHON.exists():
        return Finding("nlu", "error", "the NLU environment is missing: run `make install`")
    async with nlu_service(chosen) as client:
        model = await client.health() if client is not None else None
    if model is None:
        advice = "check VOORDEUR_NLU_URL" if chosen.nlu_url else "run `voordeur train`"
        return Finding("nlu", "error", f"does not answer: {advice}")
    return Finding("nlu", "ok", f"answers with model {model[:12]}")


async def _telegram(chosen: Settings) -> Finding:
    token = chosen.telegram_token.get_secret_value()
    if not token:
        return Finding("telegram", "ok", "not used: VOORDEUR_TELEGRAM_TOKEN is not set")
    base = f"{chosen.telegram_base_url.rstrip('/')}/bot" if chosen.telegram_base_url else None
    try:
        bot = telegram.Bot(token, base_url=base) if base else telegram.Bot(token)
        async with bot:
            me = await bot.get_me()
    except InvalidToken:
        return Finding("telegram", "error", "VOORDEUR_TELEGRAM_TOKEN is refused: ask @BotFather")
    except TelegramError as error:
        return Finding("telegram", "warning", f"not reached: {type(error).__name__}")
    return Finding("telegram", "ok", f"the token belongs to @{me.username}")


async def _whatsapp(chosen: Settings) -> list[Finding]:
    if not chosen.whatsapp_phone_id:
        return [Finding("whatsapp", "ok", "not used: VOORDEUR_WHATSAPP_PHONE_ID is not set")]
    wire = Wire(chosen.whatsapp_token.get_secret_value(), chosen.whatsapp_base_url)
    return [await _number(wire, number) for number in chosen.whatsapp_phone_id]


async def _number(wire: Wire, number: str) -> Finding:
    try:
        async with wire.open() as client:
            asking = client.api.get_business_phone_number(
                phone_id=number, fields=("verified_name", "quality_rating")
            )
            found = await asked(asking)
    except GraphError as error:
        advice = "look at VOORDEUR_WHATSAPP_TOKEN and VOORDEUR_WHATSAPP_PHONE_ID"
        return Finding("whatsapp", "error", f"{number} is refused (code {error.code}): {advice}")
    except httpx.HTTPError as error:
        return Finding("whatsapp", "warning", f"not reached: {type(error).__name__}")
    quality = str(found.get("quality_rating", "unknown")).lower()
    level: Literal["ok", "warning"] = "warning" if quality in ("yellow", "red") else "ok"
    name = found.get("verified_name")
    return Finding("whatsapp", level, f"{number} is “{name}”, quality {quality}")
