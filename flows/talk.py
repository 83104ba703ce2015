"""Talking with a person: the program passes words on and keeps quiet."""

from __future__ import annotations

from flows.effects import Relay, Turn
from flows.heard import HandoffMoved, Heard, Tapped, Understood
from flows.say import Say
from flows.state import State
from flows.step import Step, choices
from flows.world import World


def moved(state: State, heard: HandoffMoved, world: World) -> Turn:
    """Tell the resident what happened at the desk."""
    match heard.what:
        case "claimed":
            return Turn(state, Say("talk.claimed", {"by": heard.by}))
        case "replied":
            reply = Say("talk.reply", {"by": heard.by, "text": heard.text})
            return Turn(state.at("talk.person", code=heard.code), reply)
        case "handed_back":
            return Turn(state.at("find_help.theme", code=None), Say("talk.handed_back"))
        case "closed":
            said = Say("talk.closed", {"by": heard.by})
            if world.checkins_stopped:
                return Turn(state.at("find_help.theme", code=None), said)
            asked = state.at("checkin.when", about=f"handoff:{heard.code}", code=None)
            return Turn(asked, said)
        case "lapsed":
            phone = {"phone": world.team.phone, "listen": world.team.lines["listen"]}
            return Turn(state, Say("talk.lapsed", phone))
        case _:
            raise ValueError(f"unknown move of a handoff: {heard.what}")


def ask_person(state: State, world: World) -> Say:
    """Remind the resident of whom they are talking with; said only when they ask."""
    return Say("talk.with_person", choices=choices("cancel_request", "always:menu"))


def hear_person(state: State, heard: Heard, world: World) -> Turn | None:
    """Pass every word on."""
    code = state.fact("code", "")
    match heard:
        case Tapped(choice="cancel_request"):
            return Turn(state.at("handoff.cancel"))
        case Understood(text=text) if world.handoff is not None:
            return Turn(state, Relay(world.handoff.code, text))
        case Understood():
            return Turn(state.at("find_help.theme", code=None), Say("talk.is_over", {"code": code}))
    return None


STEPS = {"talk.person": Step(ask_person, hear_person)}
