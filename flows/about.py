"""The team, the hours, this program, what is kept, and forgetting it."""

from __future__ import annotations

from flows.effects import Forget, TellMyData, Turn
from flows.handoff import to_person
from flows.heard import Heard, Tapped, Understood
from flows.say import Say, Week
from flows.state import START, State
from flows.step import Step, choices
from flows.world import World


def ask_team(state: State, world: World) -> Say:
    """Say what the team is, what it costs, and what happens when somebody comes."""
    return Say(
        "about.team",
        {"team": world.team.name, "city": world.team.city},
        choices=choices("person", "hours", "themes"),
    )


def ask_hours(state: State, world: World) -> Say:
    """Say when and where the team can be reached, and what there is outside hours."""
    team = world.team
    spans = tuple(
        (day, f"{opens:%H:%M}", f"{closes:%H:%M}")
        for day, day_spans in sorted(team.hours.weekly.items())
        for opens, closes in day_spans
    )
    key = "about.hours_open" if team.hours.is_open(world.now) else "about.hours_closed"
    return Say(
        key,
        {
            "team": team.name,
            "phone": team.phone,
            "address": team.address,
            "website": team.website,
            "hours": Week(spans),
            "listen": team.lines["listen"],
        },
        choices=choices("person", "about_team", "themes"),
    )


def ask_privacy(state: State, world: World) -> Say:
    """Say what is kept, for how long, and who reads what."""
    return Say(
        "about.privacy",
        {"n": world.retention.get("conversation", 0), "team": world.team.name},
        choices=choices("my_data", "forget", "link", "themes"),
    )


def ask_bot(state: State, world: World) -> Say:
    """Say plainly that this is a program."""
    return Say("about.bot", {"team": world.team.name}, choices=choices("person", "themes"))


def ask_help(state: State, world: World) -> Say:
    """Say what can be done here."""
    return Say(
        "about.help", choices=choices("themes", "for_other", "person", "about_team", "privacy")
    )


def ask_forget(state: State, world: World) -> Say:
    """Ask once more before everything is erased."""
    return Say("about.ask_forget", choices=choices("yes_forget", "keep_all"))


def hear(state: State, heard: Heard, world: World) -> Turn | None:
    """Follow the choices under what was told."""
    match heard:
        case Tapped(choice="person"):
            return to_person(state, world)
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
        case Tapped(choice="for_other"):
            return Turn(state.at("find_help.theme", other=True))
        case Tapped(choice="about_team"):
            return Turn(state.at("about.team"))
        case Tapped(choice="hours"):
            return Turn(state.at("about.hours"))
        case Tapped(choice="privacy"):
            return Turn(state.at("about.privacy"))
        case Tapped(choice="my_data"):
            return Turn(state.at("about.privacy"), TellMyData())
        case Tapped(choice="forget"):
            return Turn(state.at("about.forget"))
        case Tapped(choice="link"):
            return Turn(state.at("link.menu"))
    return None


def hear_forget(state: State, heard: Heard, world: World) -> Turn | None:
    """Erase, or leave all as it is."""
    match heard:
        case Tapped(choice="yes_forget"):
            return _forget(state)
        case Tapped(choice="keep_all"):
            return Turn(state.at("find_help.theme"), Say("about.kept"))
        case Understood(parsed=parsed) if parsed.answer == "yes":
            return _forget(state)
        case Understood(parsed=parsed) if parsed.answer == "no":
            return Turn(state.at("find_help.theme"), Say("about.kept"))
    return None


def _forget(state: State) -> Turn:
    return Turn(state.fresh("about.forgotten"), Forget())


def ask_forgotten(state: State, world: World) -> Say:
    """Say that it is done."""
    return Say("about.forgotten", choices=choices("restart"))


def hear_forgotten(state: State, heard: Heard, world: World) -> Turn | None:
    """Whoever writes again is new here."""
    match heard:
        case Tapped(choice="restart"):
            return Turn(state.fresh(START))
    return None


STEPS = {
    "about.team": Step(ask_team, hear),
    "about.hours": Step(ask_hours, hear),
    "about.privacy": Step(ask_privacy, hear),
    "about.bot": Step(ask_bot, hear),
    "about.help": Step(ask_help, hear),
    "about.forget": Step(ask_forget, hear_forget),
    "about.forgotten": Step(ask_forgotten, hear_forgotten),
}
