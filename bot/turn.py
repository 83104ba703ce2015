"""One message in, one transaction out: the only way anything happens in a conversation."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bot import hearing
from bot.channels.port import Incoming, Open, Tap, Text
from bot.clock import Clock
from bot.effects import Done, Wording, perform
from bot.labels import Labels
from bot.lanes import Lanes
from bot.lifeline import Lifeline
from bot.metrics import TURN_SECONDS, TURNS
from bot.place import Place
from bot.staff_notices import StaffNotices
from bot.store import conversations, handoffs, inbox, outbox
from bot.store.db import Database
from bot.store.models import Conversation
from bot.store.vault import WrongKeyError
from bot.trouble import told
from flows import crisis
from flows.engine import take_turn
from flows.heard import Tapped
from flows.say import Say
from flows.state import State
from nlu.types import Parsed

log = logging.getLogger(__name__)

_AT_ONCE = 16
_LABEL_LENGTH = 100
_AFTER_TROUBLE_SECONDS = 1.0
# How long somebody in a crisis waits for the database.
PATIENCE_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A message that waits for its turn, and the language its conversation is in."""

    row_id: int
    body: dict[str, Any]
    language: str


@dataclass(frozen=True, slots=True)
class _Taken:
    """After a turn: the conversations with answers to send, the message that follows, and the
    other conversations in which something happened."""

    answered: tuple[int, ...]
    following: _Waiting | None
    elsewhere: tuple[int, ...] = ()


class Turns:
    """Takes turns: in order within a conversation, side by side across conversations."""

    def __init__(
        self,
        database: Database,
        understanding: hearing.Understanding,
        place: Place,
        clock: Clock,
        lifeline: Lifeline,
        labels: Labels,
        staff: StaffNotices,
        wording: Wording,
        after: Callable[[int], None],
    ) -> None:
        """`wording` gives the words that consent was given to (see `bot.effects`).

        `after` gets each conversation in which a committed turn left answers to send.

        It is called in the event loop, and must not block.
        """
        self._database = database
        self._understanding = understanding
        self._place = place
        self._clock = clock
        self._lifeline = lifeline
        self._labels = labels
        self._staff = staff
        self._wording = wording
        self._after = after
        self.lanes = Lanes(self._take_all, self._postponed, self._waiting, _AT_ONCE)
        # What this process stored and has not handled yet, for when the database goes away.
        self._in_hand: dict[int, list[Incoming]] = {}

    async def receive(self, batch: tuple[Incoming, ...]) -> None:
        """Store a batch and start its turns. Returns when the batch is stored.

        Raises DBAPIError when it could not be stored, so that the platform sends it again;
        somebody in a crisis is answered all the same, also while storing takes long.
        """
        storing = asyncio.ensure_future(anyio.to_thread.run_sync(self._store, batch))
        try:
            await asyncio.wait((storing,), timeout=PATIENCE_SECONDS)
            if not storing.done():
                await self._lifeline.answer(batch)
            stored = await storing
        except DBAPIError:
            await self._lifeline.answer(batch)
            raise
        finally:
            await asyncio.wait((storing,))
        for incoming, found in zip(batch, stored, strict=True):
            if found is not None:
                if found.released:
                    self._after(found.conversation_id)
                self._in_hand.setdefault(found.conversation_id, []).append(incoming)
                self.lanes.start(found.conversation_id)

    def _store(self, batch: tuple[Incoming, ...]) -> list[inbox.Stored | None]:
        """What was stored of each message, None for one that was known."""
        now = self._clock()
        with self._database.begin() as session:
            return [
                inbox.put(
                    session,
                    incoming.channel,
                    incoming.address,
                    incoming.key,
                    hearing.to_body(incoming),
                    language=self._first_language(incoming),
                    now=now,
                    at=incoming.at,
                    formerly=incoming.formerly,
                    on_held=self._on_held(incoming),
                )
                for incoming in batch
            ]

    def _on_held(self, incoming: Incoming) -> inbox.OnHeld:
        match incoming.content:
            case Open():
                return "open"
            case Tap("always:stop"):
                return "drop"
            case Text(text) if len(text) <= _LABEL_LENGTH:
                return self._labels.on_held(text)
        return "release"

    def _first_language(self, incoming: Incoming) -> str:
        languages = self._place.city.languages
        hint = (incoming.language or "").split("-")[0].lower()
        return hint if hint in languages else languages[0]

    def _waiting(self) -> list[int]:
        with self._database.read() as session:
            return list(inbox.waiting(session))

    async def _take_all(self, conversation_id: int) -> None:
        waiting = await anyio.to_thread.run_sync(self._look, conversation_id)
        while waiting is not None:
            with TURN_SECONDS.labels(waiting.body["kind"]).time():
                taken = await self._take(conversation_id, waiting)
            if taken is None:
                return
            for conversation in taken.answered:
                self._after(conversation)
            for conversation in taken.elsewhere:
                self.lanes.start(conversation)
            self._handled(conversation_id, waiting.body)
            waiting = taken.following
        self._in_hand.pop(conversation_id, None)

    async def _postponed(self, conversation_id: int, error: DBAPIError) -> None:
        log.warning("turn postponed: %s", type(error).__name__)
        await self._lifeline.answer(tuple(self._in_hand.get(conversation_id, ())))
        await asyncio.sleep(_AFTER_TROUBLE_SECONDS)

    async def _take(self, conversation_id: int, waiting: _Waiting) -> _Taken | None:
        """Take one turn; None to leave it to the next look."""
        parsed = None
        try:
            if waiting.body["kind"] == "text":
                parsed = await self._understanding.parse(waiting.body["text"], waiting.language)
            return await anyio.to_thread.run_sync(self._commit, conversation_id, waiting, parsed)
        except DBAPIError:
            raise
        except Exception as error:
            # The one place where a bug is caught: the resident hears of it, and the next
            # message finds the conversation as it was.
            log.error(
                "turn failed in conversation %d, message %d: %s",
                conversation_id,
                waiting.row_id,
                told(error),
            )
            TURNS.labels("failed").inc()
            return await anyio.to_thread.run_sync(
                self._apologise, conversation_id, waiting.row_id, parsed
            )

    def _handled(self, conversation_id: int, body: dict[str, Any]) -> None:
        in_hand = self._in_hand.get(conversation_id, [])
        for incoming in in_hand:
            if hearing.to_body(incoming) == body:
                in_hand.remove(incoming)
                return

    def _look(self, conversation_id: int) -> _Waiting | None:
        with self._database.read() as session:
            conversation = session.get(Conversation, conversation_id)
            if conversation is None:
                return None
            language = conversations.state_of(session, conversation).language
            return _oldest(session, conversation_id, language)

    def _commit(
        self, conversation_id: int, waiting: _Waiting, parsed: Parsed | None
    ) -> _Taken | None:
        with self._database.begin() as session:
            return self._take_in(session, conversation_id, waiting, parsed)

    def _take_in(
        self, session: Session, conversation_id: int, waiting: _Waiting, parsed: Parsed | None
    ) -> _Taken | None:
        conversation = conversations.lock(session, conversation_id)
        if conversation is None:
            # Somebody else holds it, or it is gone: trying again at once helps neither.
            return None
        state = conversations.state_of(session, conversation)
        if not inbox.is_waiting(session, conversation_id, waiting.row_id):
            return _Taken((), _following(session, conversation_id, state.language))
        now = self._clock()
        city = self._place.city
        body = waiting.body
        content = hearing.to_content(body)
        if content is None:
            heard = hearing.inside(body)
        elif isinstance(content, Text) and (code := self._typed(content.text, parsed, state)):
            heard = Tapped(code)
        else:
            heard = hearing.heard(content, parsed, state, city.directory.places)
        turn = take_turn(state, heard, self._place.world(session, conversation, now))
        done = perform(session, conversation, turn, city, self._wording, now)
        conversations.set_state(session, conversation, turn.state)
        _link_reply(session, body, done)
        inbox.done(session, waiting.row_id, now)
        log.info(
            "turn conversation=%d heard=%s step=%s answers=%d",
            conversation_id,
            type(heard).__name__,
            turn.state.step,
            len(done.answers),
        )
        TURNS.labels(turn.state.step).inc()
        told = [self._staff.opened(session, code, now) for code in done.opened]
        return _Taken(
            (conversation_id, *(chat for chat in told if chat is not None)),
            _following(session, conversation_id, turn.state.language),
            done.elsewhere,
        )

    def _typed(self, text: str, parsed: Parsed | None, state: State) -> str | None:
        if len(text) > _LABEL_LENGTH:
            return None
        if parsed is not None and (parsed.crisis or parsed.crisis_maybe or parsed.always):
            return None
        return self._labels.code(text, state.language, state.offered)

    def _apologise(self, conversation_id: int, row_id: int, parsed: Parsed | None) -> _Taken | None:
        now = self._clock()
        with self._database.begin() as session:
            conversation = conversations.lock(session, conversation_id)
            if conversation is None:
                return None
            inbox.done(session, row_id, now, failed=True)
            state = conversations.state_of(session, conversation)
            team, language = self._place.city.team, state.language
            say = Say("engine.trouble", {"phone": team.phone})
            if parsed is not None and (kind := parsed.crisis or parsed.crisis_maybe):
                say, language = crisis.first_words(kind, team), parsed.language
            outbox.put(session, conversation_id, say, language=language, seq=state.seq, now=now)
            return _Taken((conversation_id,), _following(session, conversation_id, state.language))


def _oldest(session: Session, conversation_id: int, language: str) -> _Waiting | None:
    found = inbox.oldest(session, conversation_id)
    if found is None:
        return None
    row_id, _channel, body = found
    return _Waiting(row_id, body, language)


def _following(session: Session, conversation_id: int, language: str) -> _Waiting | None:
    """The message after this one; one that cannot be read must not undo this one's turn."""
    try:
        return _oldest(session, conversation_id, language)
    except (WrongKeyError, ValueError):
        return None


def _link_reply(session: Session, body: dict[str, Any], done: Done) -> None:
    message = body.get("message")
    if isinstance(message, int) and done.answers:
        handoffs.link_delivery(session, message, done.answers[0].id)
