"""What commands and fixed buttons ask for, wherever the conversation stands."""

from __future__ import annotations

import pytest

from flows.effects import Forget, TellMyData
from tests.conversation import Resident

PLACES: dict[str, tuple[str, ...]] = {
    "nowhere yet": (),
    "among offers": ("ik ben alleen in Holtenbroek",),
    "in the middle of a request": ("een mens",),
}


@pytest.mark.parametrize("before", PLACES.values(), ids=PLACES)
def test_help_my_data_and_forget_me_work_in_every_place(
    resident: Resident, before: tuple[str, ...]
) -> None:
    for words in before:
        resident.says(words, "need_contact")
    resident.taps("always:help").hears("about.help")
    resident.taps("always:mydata").hears("about.privacy").causes(TellMyData)
    resident.taps("always:forget").hears("about.ask_forget").is_offered("yes_forget", "keep_all")
    resident.taps("yes_forget").hears("about.forgotten").causes(Forget)


def test_back_leaves_help_for_where_one_was(resident: Resident) -> None:
    resident.says("ik ben alleen in Holtenbroek", "need_contact").taps("always:help")
    resident.taps("always:back").hears("always.undone", "offers.list")


def test_a_command_nobody_knows_changes_nothing(resident: Resident) -> None:
    resident.opens().taps("always:nothing").hears("engine.missed").is_at("welcome.start")
