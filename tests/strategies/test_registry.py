"""The registry holds what is sound, each key once, and tells what it left out and why."""

from importlib.metadata import EntryPoint

import pytest

from core.errors import NotFound
from trading.strategies import registry
from trading.strategies.catalogue.ma_cross import MovingAverageCross
from trading.strategies.domain import Bar, Context, Doc, SignalStrategy, Strategy, integer
from trading.strategies.domain.validation import faults_of, hooks_of

DOC = Doc("idea", "rules", "fails")


class Sound(Strategy):
    key, title, doc = "sound", "Sound", DOC
    length = integer("Length", 14, minimum=2, maximum=100)

    def on_bar(self, ctx: Context, bar: Bar) -> None: ...


def test_every_strategy_of_the_house_is_sound_and_can_be_found_by_its_key() -> None:
    assert registry.registry().faults == ()
    for strategy in registry.all():
        assert registry.get(strategy.key) is strategy


def test_an_unknown_key_is_not_found() -> None:
    with pytest.raises(NotFound) as refusal:
        registry.get("sound")
    assert refusal.value.code == "unknown_strategy"


def test_of_two_with_one_key_the_first_stays_and_the_other_is_told() -> None:
    class Second(Sound):
        key = MovingAverageCross.key

    house = registry.Listed(MovingAverageCross, registry.Origin.HOUSE, "the house")
    found = registry.gathered([house, registry.Listed(Second, registry.Origin.PACKAGE, "another")])
    assert [each.strategy for each in found.listed] == [MovingAverageCross]
    assert found.faults == (registry.Fault("another", ("The key `ma_cross` is taken by the house.",)),)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("no.such.module:Thing", "cannot be imported"),
        ("decimal:Decimal", "no subclass of Strategy"),
        ("tests.strategies.test_registry:Sound", None),
    ],
)
def test_a_package_names_its_strategies_by_entry_points(
    monkeypatch: pytest.MonkeyPatch, value: str, reason: str | None
) -> None:
    entry = EntryPoint("thing", value, registry.ENTRY_POINTS)
    monkeypatch.setattr(registry, "entry_points", lambda group: [entry])
    found = registry.gathered(registry._packages())
    if reason is None:
        assert [each.strategy for each in found.listed] == [Sound]
    else:
        assert reason in found.faults[0].reasons[0]


class NoDoc(Sound):
    doc = Doc("", "", "")


class BadKey(Sound):
    key = "Bad key"


class WrongHook(Sound):
    def on_bar(self, bar: Bar) -> None: ...  # type: ignore[override]


class AsyncHook(Sound):
    async def on_bar(self, ctx: Context, bar: Bar) -> None: ...  # type: ignore[override]


class BadDefault(Sound):
    length = integer("Length", 1, minimum=2, maximum=100)


class Contradiction(Sound):
    def conflict(self) -> str | None:
        return "never"


class Idle(Strategy):
    key, title, doc = "idle", "Idle", DOC


class SignalsWithHook(SignalStrategy):
    key, title, doc = "both", "Both", DOC

    def on_bar(self, ctx: Context, bar: Bar) -> None: ...


@pytest.mark.parametrize(
    ("strategy", "reason"),
    [
        (NoDoc, "`doc`"),
        (BadKey, "`key`"),
        (WrongHook, "`on_bar` must take (self, ctx, bar)"),
        (AsyncHook, "plain method"),
        (BadDefault, "default of `length`"),
        (Contradiction, "do not go together: never"),
        (Idle, "does nothing"),
        (SignalsWithHook, "writes no hooks: on_bar"),
        (SignalsWithHook, "writes `signals`"),
    ],
)
def test_what_is_not_sound_is_told_to_its_author(strategy: type[Strategy], reason: str) -> None:
    assert any(reason in fault for fault in faults_of(strategy))


def test_only_hooks_that_are_written_count() -> None:
    assert faults_of(Sound) == ()
    assert hooks_of(Sound) == ("on_bar",)
