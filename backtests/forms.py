"""The form that asks for a run: shape only; whether it can run the services say."""

from collections.abc import Iterator
from decimal import Decimal

from django import forms

from backtests.domain.engine import Charging, Funds
from backtests.domain.search_terms import SearchTerms
from backtests.domain.terms import RunTerms, StrategyTerms
from backtests.models import Run, Search
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


class RunForm(forms.Form):
    """Everything of a run but the settings of its strategy, which are `p_…`."""

    strategy = forms.CharField(max_length=80)
    symbols = forms.CharField(max_length=2_000)
    interval = forms.ChoiceField(choices=[(each.value, each.value) for each in Interval])
    first = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    capital = forms.DecimalField(max_digits=16, decimal_places=2, initial=Decimal(10_00_000))
    product = forms.ChoiceField(choices=list(PRODUCTS.items()), required=False)
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
        strategy = StrategyTerms(
            key=asked["strategy"],
            symbols=tuple(symbols_in(asked["symbols"])),
            interval=Interval(asked["interval"]),
            parameters=self.settings(),
            product=Product(asked["product"]) if asked["product"] else None,
        )
        return RunTerms(
            strategies=(strategy,),
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

    def settings(self) -> dict[str, object]:
        """The strategy's settings as they were typed; an empty box is the default."""
        return {
            name.removeprefix(SETTING): value
            for name, value in self.data.items()
            if name.startswith(SETTING) and value != ""
        }


def symbols_in(text: str) -> Iterator[str]:
    """Instruments' keys, parted by commas, spaces or lines; an exchange that is left out is the NSE."""
    for word in text.replace(",", " ").upper().split():
        yield word if ":" in word else f"NSE:{word}"
