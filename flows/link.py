"""The same resident in another app or on another device, by a code and only by their own act."""

from __future__ import annotations

import re

from flows.effects import OfferLink, TakeLink, Turn, Unlink
from flows.heard import Heard, LinkMoved, Tapped, Understood
from flows.say import Line, Say
from flows.state import State
from flows.step import Step, choices
from flows.world import World

# How long a code works.
MINUTES = 15
_MOST_TRIES = 5
# The choices that lead to where a code is typed.
_WHERE = {"keep": Line("choice.privacy"), "have": Line("choice.link_have")}
_CODE = re.compile(r"\s*[A-Za-z0-9]{3}[\s-]?[A-Za-z0-9]{3}\s*")


def ask_menu(state: State, world: World) -> Say:
    """Say what a link does, and offer what can be done."""
    if world.linked:
        several = choices("link_new", "link_have", "unlink", "themes")
        return Say("link.menu_linked", {"n": world.linked}, choices=several)
    return Say("link.menu", choices=choices("link_new", "link_have", "themes"))


def hear_menu(state: State, heard: Heard, world: World) -> Turn | None:
    """Give a code, take one, or undo the link."""
    match heard:
        case Tapped(choice="link_new"):
            code = world.new_code
            said = Say("link.code", {"code": code, "n": MINUTES, **_WHERE})
            return Turn(state.at("link.menu"), OfferLink(code, MINUTES), said)
        case Tapped(choice="link_have"):
            return Turn(state.at("link.code", tries=None))
        case Tapped(choice="unlink"):
            return Turn(state.at("find_help.theme"), Unlink(), Say("link.undone"))
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme"))
    return None


def ask_code(state: State, world: World) -> Say:
    """Ask for the code of the other app."""
    return Say("link.ask_code", choices=choices("themes"))


def hear_code(state: State, heard: Heard, world: World) -> Turn | None:
    """Try the code; whether it fits comes back as `LinkMoved`."""
    match heard:
        case Tapped(choice="themes"):
            return Turn(state.at("find_help.theme", tries=None))
        case Understood(text=text) if _CODE.fullmatch(text):
            return Turn(state, TakeLink(text.strip()))
    return None


def moved(state: State, heard: LinkMoved, world: World) -> Turn:
    """Tell what became of a code."""
    match heard.what:
        case "done":
            return Turn(state.at("find_help.theme", tries=None), Say("link.done"))
        case "taken":
            return Turn(state, Say("link.taken", {"keep": _WHERE["keep"]}))
        case "unknown":
            tries = state.fact("tries", 0) + 1
            if state.step != "link.code" or tries >= _MOST_TRIES:
                return Turn(state.at("link.menu", tries=None), Say("link.unknown"))
            return Turn(state.at("link.code", tries=tries), Say("link.unknown"))
        case _:
            raise ValueError(f"unknown move of a link: {heard.what}")


STEPS = {
    "link.menu": Step(ask_menu, hear_menu),
    "link.code": Step(ask_code, hear_code),
}
