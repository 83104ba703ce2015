"""The command `voordeur`."""

from __future__ import annotations

import click

from bot.commands import chat, doctor, keys, map_, nlu, serve, staff


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="voordeur")
def main() -> None:
    """A chat front door to the social neighbourhood team.

    Settings come from the environment (VOORDEUR_…); `voordeur doctor` checks them.
    """


for command in (
    serve.serve,
    chat.chat,
    nlu.train,
    nlu.evaluate,
    nlu.parse,
    map_.import_,
    map_.export,
    map_.search,
    staff.staff,
    keys.keys,
    doctor.doctor,
):
    main.add_command(command)
