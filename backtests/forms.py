"""The form that asks for a run: shape only; whether it can run the services say."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms

from backtests.domain.engine import Charging, Funds
from backtests.domain.search_terms import SearchTerms
from backtests.domain.terms import RunTerms, StrategyTerms
from backtests.models import Run, Search
from core.clock import ist_day_start
from core.money import to_paise
from trading.brokers.domain.terms import Product
from trading.marketdata.domain.bars import Interval
from trading.orders.domain.slippage import SlippageModel

SETTING = "p_"
"""Before the name of a strategy's setting in the form."""
AXIS = "x_"
"""Before the name of a setting that is varied; `:from`, `:to`, `:step` behind it."""
MOST_SEED = 2**31 - 1
SLIPPAGES = {
    "": "As the paper exchange",
    SlippageModel.NONE.value: "None",
    SlippageModel.TICKS.value: "Ticks",
    SlippageModel.SPREAD.value: "Share of the spread",
    SlippageModel.IMPACT.value: "Impact, % × √(share of volume)",
}
PRODUCTS = {
    "": "Usual",
    Product.INTRADAY.value: "Intraday",
    Product.DELIVERY.value: "Delivery",
    Product.NORMAL.value: "Normal (contracts)",
}


_BOXES = {
    "from": "first",
    "to": "last",
    "slippage": "slippage_value",
    "in_sample_days": "in_sample",
    "out_of_sample_days": "out_of_sample",
    "parameters": "strategy",
}
"""The form's names of what the services call otherwise."""


class RunsFilter(forms.Form):
    """What the list of runs is narrowed to; `since` and `until` are days in India, both included."""

    kind = forms.ChoiceField(choices=Run.Kind.choices, required=False)
    status = forms.ChoiceField(choices=Run.Status.choices, required=False)
    strategy = forms.CharField(max_length=80, required=False)
    symbol = forms.CharField(max_length=50, required=False)
    by = forms.UUIDField(required=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

    def wanted(self) -> dict[str, Any]:
        """As `selectors.runs.runs_for` takes it, without what is no such thing."""
        self.is_valid()
        asked = self.cleaned_data
        symbol = next(symbols_in(asked.get("symbol") or ""), "")
        since, until = asked.get("since"), asked.get("until")
        return {
            "kind": Run.Kind(asked["kind"]) if asked.get("kind") else None,
            "statuses": [asked["status"]] if asked.get("status") else [],
            "strategy": asked.get("strategy") or "",
            "symbol": symbol,
            "asked_by": asked.get("by"),
            "since": ist_day_start(since) if since else None,
            "until": ist_day_start(until + timedelta(days=1)) if until else None,
        }

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the kind is asked for."""
        return any(value for name, value in self.data.items() if name in self.fields and name != "kind")


class StrategyForm(forms.Form):
    """One strategy of a run; its settings are `p_…`. The first stands without a prefix, others `s2-`, `s3-`."""

    strategy = forms.CharField(max_length=80)
    symbols = forms.CharField(max_length=2_000)
    interval = forms.ChoiceField(choices=[(each.value, each.value) for each in Interval])
    product = forms.ChoiceField(choices=list(PRODUCTS.items()), required=False)

    def terms(self) -> StrategyTerms:
        """As the services take them, from a valid form."""
        asked = self.cleaned_data
        return StrategyTerms(
            key=asked["strategy"],
            symbols=tuple(symbols_in(asked["symbols"])),
            interval=Interval(asked["interval"]),
            parameters=self.settings(),
            product=Product(asked["product"]) if asked["product"] else None,
        )

    def settings(self) -> dict[str, object]:
        """The strategy's settings as they were typed; an empty box is the default."""
        mark = self.add_prefix(SETTING)
        return {
            name.removeprefix(mark): value
            for name, value in self.data.items()
            if name.startswith(mark) and value != ""
        }


class RunForm(forms.Form):
    """Everything of a run but its strategies, which are `StrategyForm`s over the same data."""

    first = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    capital = forms.DecimalField(max_digits=16, decimal_places=2, initial=Decimal(10_00_000))
    plan = forms.CharField(max_length=40, required=False)
    charging = forms.ChoiceField(
        choices=[(Charging.RATES.value, "By rates of each day"), (Charging.NONE.value, "None")],
        initial=Charging.RATES.value,
    )
    funds = forms.ChoiceField(
        choices=[(Funds.REAL.value, "As on an account"), (Funds.ENDLESS.value, "Never short of funds")],
        initial=Funds.REAL.value,
    )
    slippage_model = forms.ChoiceField(choices=list(SLIPPAGES.items()), required=False)
    slippage_value = forms.DecimalField(max_digits=8, decimal_places=4, min_value=0, required=False)
    square_off = forms.BooleanField(required=False)
    seed = forms.IntegerField(min_value=0, max_value=MOST_SEED, required=False)
    benchmark = forms.CharField(max_length=50, required=False)
    name = forms.CharField(max_length=120, required=False)
    look_ahead = forms.BooleanField(required=False)

    kind = forms.ChoiceField(choices=Run.Kind.choices, initial=Run.Kind.BACKTEST, required=False)
    method = forms.ChoiceField(choices=Search.Method.choices, required=False)
    objective = forms.ChoiceField(choices=Search.Objective.choices, required=False)
    count = forms.IntegerField(min_value=1, max_value=100_000, required=False)
    mode = forms.ChoiceField(
        choices=[(each.value, each.label) for each in (Search.Mode.ROLLING, Search.Mode.ANCHORED)], required=False
    )
    in_sample = forms.IntegerField(min_value=1, max_value=10_000, required=False)
    out_of_sample = forms.IntegerField(min_value=1, max_value=10_000, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.numbers = numbers_in(data or {})
        self.strategies = [StrategyForm(data, prefix=prefix_of(number)) for number in self.numbers]

    def is_valid(self) -> bool:
        """Whether this form and those of all strategies are."""
        return all([super().is_valid(), *(each.is_valid() for each in self.strategies)])

    def wrong(self) -> dict[str, list[str]]:
        """What is wrong, by the name of the box that it is about."""
        return {
            form.add_prefix(name): [str(line) for line in lines]
            for form in (self, *self.strategies)
            for name, lines in form.errors.items()
        }

    def box_of(self, field: str) -> str:
        """The name of the box that a service's refusal is about; empty where it is about none."""
        place, _, rest = (
            field.removeprefix("also.").partition(".") if field.startswith("also.") else ("", "", field)
        )
        number = self.numbers[int(place) + 1] if place.isdecimal() and int(place) + 1 < len(self.numbers) else 1
        if rest.startswith("parameters."):
            rest = SETTING + rest.removeprefix("parameters.")
        elif rest.startswith("axes."):
            axis = AXIS + rest.removeprefix("axes.")
            return next((name for name in (axis, f"{axis}:from") if name in self.data), "")
        box = _BOXES.get(rest, rest)
        if box in self.fields:
            return box
        is_known = box in StrategyForm.base_fields or box.startswith(SETTING)
        return StrategyForm(prefix=prefix_of(number)).add_prefix(box) if is_known else ""

    def search(self) -> SearchTerms:
        """What a sweep or a walk-forward varies, from a valid form."""
        asked = self.cleaned_data
        is_forward = asked["kind"] == Run.Kind.WALK_FORWARD
        return SearchTerms(
            axes=self.axes(),
            method=asked["method"] or Search.Method.GRID.value,
            objective=asked["objective"] or Search.Objective.SHARPE.value,
            count=asked["count"] or 100,
            mode=(asked["mode"] or Search.Mode.ROLLING.value) if is_forward else Search.Mode.NONE.value,
            in_sample=asked["in_sample"] or 0,
            out_of_sample=asked["out_of_sample"] or 0,
        )

    def axes(self) -> dict[str, object]:
        """By setting: from, to and step of a number, a list of words else; empty boxes vary nothing."""
        found: dict[str, object] = {}
        for name, value in self.data.items():
            if not name.startswith(AXIS) or not value.strip():
                continue
            setting, _, part = name.removeprefix(AXIS).partition(":")
            if not part:
                found[setting] = [word.strip() for word in value.split(",") if word.strip()]
                continue
            bounds = found.setdefault(setting, {})
            if isinstance(bounds, dict):
                bounds[part] = value.strip()
        return found

    def terms(self) -> RunTerms:
        """As the services take them, from a valid form."""
        asked = self.cleaned_data
        return RunTerms(
            strategies=tuple(each.terms() for each in self.strategies),
            first=asked["first"],
            last=asked["last"],
            capital_paise=to_paise(asked["capital"]),
            plan=asked["plan"],
            charging=Charging(asked["charging"]),
            funds=Funds(asked["funds"]),
            slippage_model=SlippageModel(asked["slippage_model"]) if asked["slippage_model"] else None,
            slippage_value=asked["slippage_value"] or Decimal(0),
            square_off=asked["square_off"],
            seed=asked["seed"] or 0,
            benchmark=asked["benchmark"].strip().upper(),
            name=asked["name"],
            wants_look_ahead=asked["look_ahead"],
        )


def symbols_in(text: str) -> Iterator[str]:
    """Instruments' keys, parted by commas, spaces or lines; an exchange that is left out is the NSE."""
    for word in text.replace(",", " ").upper().split():
        yield word if ":" in word else f"NSE:{word}"


def numbers_in(data: Mapping[str, Any]) -> list[int]:
    """The numbers of the strategies that a form asks for: 1, then those that were added, in order."""
    marks = (name[1:].removesuffix("-strategy") for name in data if name[:1] == "s" and name.endswith("-strategy"))
    return [
        1,
        *sorted({int(mark) for mark in marks if mark.isascii() and mark.isdecimal() and len(mark) < 4} - {0, 1}),
    ]


def prefix_of(number: int) -> str | None:
    """What stands before the names of a strategy's boxes."""
    return None if number == 1 else f"s{number}"


def number_in(text: str) -> int:
    """A strategy's number from an address; the first one's for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 4 and int(text) > 1 else 1
