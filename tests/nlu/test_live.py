"""The trained model behind the whole of understanding, on messages it has never seen."""

from __future__ import annotations

import asyncio

import pytest
import yaml

from bot.commands.common import nlu_service, understander
from bot.nlu_child import PYTHON
from bot.settings import Settings
from nlu.evaluate import ReadAhead, Report, evaluate, read_cases
from nlu.types import Parsed
from tests.conversation import LANGUAGES, ROOT

HELDOUT = ROOT / "tests" / "heldout"
pytestmark = [pytest.mark.nlu, pytest.mark.slow]
FIRST_WORDS = {
    "nl": ("ik ben zo alleen de laatste tijd", "need_contact"),
    "en": ("I feel so lonely these days", "need_contact"),
    "tr": ("son zamanlarda çok yalnızım", "need_contact"),
    "ar": ("حاسس حالي وحيد كتير هالفترة", "need_contact"),
    "pl": ("ostatnio czuję się bardzo samotna", "need_contact"),
    "uk": ("мені останнім часом дуже самотньо", "need_contact"),
    "de": ("ich bin in letzter Zeit so allein", "need_contact"),
    "fr": ("je me sens très seule ces derniers temps", "need_contact"),
    "es": ("últimamente me siento muy sola", "need_contact"),
    "fa": ("این روزها خیلی تنهام", "need_contact"),
    "so": ("cidna kuma taqaan halkan, keligay baan ahay", "need_contact"),
    "ti": ("ኣብዚ እዋን እዚ ኣዝዩ ጽምዋ ይስምዓኒ", "need_contact"),
    "pap": ("mi no konose niun hende akinan, mi ta hopi so", "need_contact"),
}


@pytest.fixture(scope="module")
def measured() -> tuple[dict[str, Report], dict[str, Parsed]]:
    """Every held-out set and the first words of a newcomer, understood once."""
    if not PYTHON.exists():
        pytest.skip("the NLU environment is not installed: run `make model`")

    async def measure() -> tuple[dict[str, Report], dict[str, Parsed]]:
        settings = Settings()
        async with nlu_service(settings) as client:
            assert client is not None, "the NLU service does not answer"
            cases = [c for code in LANGUAGES for c in read_cases(HELDOUT / f"{code}.jsonl")]
            ahead = await ReadAhead.of(cases, client)
            assert ahead is not None, "the NLU service stopped answering"
            reading = understander(settings, client)
            reports = {
                report.language: report
                for report in await evaluate(cases, understander(settings, ahead))
            }
            first = {
                code: await reading.parse(text, code) for code, (text, _) in FIRST_WORDS.items()
            }
            return reports, first

    return asyncio.run(measure())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_newcomers_first_words_are_understood(
    measured: tuple[dict[str, Report], dict[str, Parsed]], language: str
) -> None:
    parsed = measured[1][language]
    assert parsed.understood
    assert FIRST_WORDS[language][1] in {intent.name for intent in parsed.top(2)}
    assert parsed.crisis is None
    assert parsed.vector is not None


def test_the_first_words_of_the_example_lead_straight_on(
    measured: tuple[dict[str, Report], dict[str, Parsed]],
) -> None:
    for language in ("nl", "en", "tr", "ar", "pl", "uk"):
        assert measured[1][language].sure == "need_contact"
        assert measured[1][language].crisis_maybe is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_understanding_is_no_worse_than_it_was(
    measured: tuple[dict[str, Report], dict[str, Parsed]], language: str
) -> None:
    report = measured[0][language]
    bars = yaml.safe_load((HELDOUT / "bars.yml").read_text(encoding="utf-8"))[language]
    found = {
        "needs_top1": report.needs_top1.value,
        "needs_top3": report.needs_top3.value,
        "crisis_raised_or_asked": report.crisis_raised_or_asked.value,
    }
    for name, value in found.items():
        assert value is not None
        assert 100 * value >= bars[name], (language, name, value)
    assert report.alarms_hard.value is not None
    assert 100 * report.alarms_hard.value <= bars["alarms_hard"], language
