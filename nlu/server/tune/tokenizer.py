"""The encoder's tokenizer (SentencePiece unigram) in plain Python, for training only."""

from __future__ import annotations

from nlu.server.engine_file import EngineFile

SPACE = "\u2581"  # how SentencePiece writes a space


class Tokenizer:
    """Turns texts into piece ids exactly as the engine does."""

    def __init__(self, engine: EngineFile) -> None:
        self._ids = {piece: index for index, piece in enumerate(engine.pieces) if piece}
        self._scores = engine.scores.tolist()
        self._spellings = engine.spellings
        self._bos, self._eos, self._unknown = engine.bos, engine.eos, engine.unknown
        self._unknown_score = min(self._scores) - 10.0
        self._longest = max(map(len, engine.pieces))

    def query(self, text: str, limit: int = 64) -> list[int]:
        """Ids of `text` as a query, with start and end, at most `limit`."""
        return [self._bos, *self._content("query: " + text)[: limit - 2], self._eos]

    def _content(self, text: str) -> list[int]:
        spelt = "".join(self._spellings.get(character, character) for character in text)
        while "  " in spelt:
            spelt = spelt.replace("  ", " ")
        spelt = spelt if spelt.startswith(" ") else " " + spelt
        letters = [c.encode() for c in spelt.replace(" ", SPACE)]
        count = len(letters)
        best = [0.0] + [-1e30] * count
        back: list[tuple[int, int]] = [(0, 0)] * (count + 1)
        for start in range(count):
            piece = b""
            for end in range(start + 1, count + 1):
                piece += letters[end - 1]
                if len(piece) > self._longest:
                    break
                known = self._ids.get(piece)
                if known is not None and known != self._unknown:
                    score = best[start] + self._scores[known]
                    if score > best[end]:
                        best[end], back[end] = score, (known, start)
            score = best[start] + self._unknown_score
            if score > best[start + 1]:
                best[start + 1], back[start + 1] = score, (self._unknown, start)
        ids = []
        at = count
        while at > 0:
            piece_id, at = back[at]
            ids.append(piece_id)
        return ids[::-1]
