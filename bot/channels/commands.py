"""Words with a slash in front, the same on every channel that has them."""

from __future__ import annotations

import re

from bot.channels.port import Content, Start, Tap, Text

# What a command stands for; `start` opens the chat.
COMMANDS = {
    "help": "always:help",
    "human": "always:person",
    "language": "always:language",
    "menu": "always:menu",
    "back": "always:back",
    "mydata": "always:mydata",
    "forget": "always:forget",
    "stop": "always:stop",
}
_COMMAND = re.compile(r"/([a-z]+)(?:@\w+)?(?:\s+(.*))?", re.ASCII | re.IGNORECASE | re.DOTALL)
_PAYLOAD = re.compile(r"[\w-]{0,64}", re.ASCII)


def read(text: str) -> Content:
    """What somebody typed: a command, or a text.

    Words behind a command are what was really said, and are never passed over.
    """
    match = _COMMAND.fullmatch(text.strip())
    if match is None:
        return Text(text)
    name, rest = match[1].lower(), (match[2] or "").strip()
    if name == "start" and _PAYLOAD.fullmatch(rest):
        return Start(rest)
    if name not in COMMANDS and name != "start":
        return Text(text)
    return Text(rest) if rest else Tap(COMMANDS[name])
