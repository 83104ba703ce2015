"""The command `voordeur`."""

from __future__ import annotations

from typing import Any

import click

from bot.app import StartError
from bot.commands import chat, doctor, keys, language, map_, nlu, serve, staff, whatsapp
from bot.commands.common import stop
from bot.store.vault import WrongKeyError


class Commands(click.Group):
    """Turns what keeps a command from starting into one clear line."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (StartError, WrongKeyError) as error:
            stop(str(error))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voordeur")
def main() -> None:
    """A chat front door to the social neighbourhood team.

    Settings come from the environment (VOORDEUR_…); `voordeur doctor` checks them.
    """


for command in (
    serve.serve,
    chat.chat,
    nlu.train,
    nlu.tune,
    nlu.evaluate,
    nlu.data,
    nlu.parse,
    language.language,
    map_.import_,
    map_.export,
    map_.search,
    staff.staff,
    whatsapp.whatsapp,
    keys.keys,
    doctor.doctor,
):
    main.add_command(command)
