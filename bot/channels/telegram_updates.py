"""From an update of Telegram's to what somebody said."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from telegram import CallbackQuery, Chat, ChatMember, ChatMemberUpdated, Message, Update, User

from bot.channels import commands
from bot.channels.port import Content, Incoming, Location, Other, Tap, Text
from bot.channels.render import parse_data
from bot.characters import whole

NAME = "telegram"
KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
# No flow offers this: such a tap is answered as one on an old button.
_RUBBISH = Tap("unknown")
_ATTACHED = {
    "voice": "voice",
    "audio": "voice",
    "video_note": "video",
    "video": "video",
    "animation": "video",
    "photo": "photo",
    "sticker": "sticker",
    "document": "file",
    "contact": "contact",
}


@dataclass(frozen=True, slots=True)
class InGroup:
    """Something happened in a group or a channel; what, is nobody's business."""

    address: str
    language: str | None


@dataclass(frozen=True, slots=True)
class Closed:
    """The resident closed the door on the bot."""

    address: str


Seen = Incoming | InGroup | Closed | None


def decoded(payload: bytes) -> Any:
    """The JSON of a payload, without half characters. Raises ValueError or RecursionError."""
    return json.loads(whole(json.dumps(json.loads(payload), ensure_ascii=False)))


def sound(raw: object) -> Update | None:
    """The update in a decoded JSON value that `read` can read; None for rubbish."""
    try:
        update = Update.de_json(raw, None)  # type: ignore[arg-type]
        read(update, datetime.min)  # noqa: DTZ901 - only to see whether it can be read
    except Exception:
        # The library does not check what it is given, so rubbish may break anything in it.
        return None
    return update if isinstance(update.update_id, int) else None


def read(update: Update, now: datetime) -> Seen:
    """What an update means; None for what means nothing to us."""
    if update.callback_query is not None:
        return _tapped(update.callback_query, now)
    if update.my_chat_member is not None:
        return _door_moved(update.my_chat_member)
    if update.edited_message is not None:
        return _edited(update.edited_message)
    if update.message is not None:
        return _said(update.message)
    return None


def _tapped(query: CallbackQuery, now: datetime) -> Seen:
    if query.message is not None and query.message.chat.type != Chat.PRIVATE:
        return None
    content = parse_data(query.data or "") or _RUBBISH
    address = str(query.from_user.id)
    return Incoming(NAME, address, f"c:{query.id}", content, now, _language(query.from_user))


def _door_moved(moved: ChatMemberUpdated) -> Seen:
    status = moved.new_chat_member.status
    if moved.chat.type == Chat.PRIVATE:
        return Closed(str(moved.chat.id)) if status == ChatMember.BANNED else None
    if status in (ChatMember.LEFT, ChatMember.BANNED):
        return None
    return InGroup(str(moved.chat.id), _language(moved.from_user))


def _said(message: Message) -> Seen:
    if message.chat.type != Chat.PRIVATE:
        return InGroup(str(message.chat.id), _language(message.from_user))
    content = _content(message)
    if content is None:
        return None
    return _incoming(message, f"m:{message.chat.id}:{message.message_id}", content)


def _edited(message: Message) -> Seen:
    """An edited text is said anew. Other edits are not: a live location moves all the time."""
    content = _content(message)
    if message.chat.type != Chat.PRIVATE or not isinstance(content, Text):
        return None
    edit = int(message.edit_date.timestamp()) if message.edit_date else 0
    return _incoming(message, f"e:{message.chat.id}:{message.message_id}:{edit}", content)


def _incoming(message: Message, key: str, content: Content) -> Incoming:
    address = str(message.chat.id)
    return Incoming(NAME, address, key, content, message.date, _language(message.from_user))


def _content(message: Message) -> Content | None:
    """What a message holds; None for notices of the app itself.

    Words under a picture are words: the ones that matter most may be there.
    """
    words = message.text or message.caption
    if words:
        return commands.read(words)
    if message.location is not None:
        return Location(message.location.latitude, message.location.longitude)
    for name, kind in _ATTACHED.items():
        if getattr(message, name):
            return Other(kind)
    return None if message.effective_attachment is None else Other("other")


def _language(user: User | None) -> str | None:
    return None if user is None else user.language_code
