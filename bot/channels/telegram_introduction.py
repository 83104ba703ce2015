"""What Telegram shows of the bot before anybody has written: commands and descriptions."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from bot.channels.telegram_wire import TooFastError

log = logging.getLogger(__name__)

COMMANDS = ("start", "human", "help", "language", "mydata", "forget", "stop")


async def introduce(bot: Bot, languages: Sequence[str], write: Callable[[str, str], str]) -> None:
    """Set commands and descriptions in each language it knows, the first as default as well.

    `write` gives the words of a key in a language. What fails is logged and left as it was.
    """
    # Telegram knows only languages that have a code of two letters.
    known = [(each, each) for each in languages if len(each) == 2]
    for language, code in ((languages[0], None), *known):
        listed = [
            BotCommand(name, write(f"telegram.command_{name}", language)) for name in COMMANDS
        ]
        scope = BotCommandScopeAllPrivateChats()
        about = write("telegram.description", language)
        short = write("telegram.short_description", language)
        calls: tuple[Callable[[], Awaitable[bool]], ...] = (
            partial(bot.set_my_commands, listed, scope=scope, language_code=code),
            partial(bot.set_my_description, about, language_code=code),
            partial(bot.set_my_short_description, short, language_code=code),
        )
        for call in calls:
            try:
                await call()
            except TooFastError:
                log.warning("Telegram wants no more introductions now")
                return
            except TelegramError as error:
                log.warning("introduction in %s failed: %s", language, type(error).__name__)
