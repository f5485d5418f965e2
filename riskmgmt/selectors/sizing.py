"""Sizing a trade from what is known of the account and the market."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.domain.actor import Actor
from core.errors import InvalidInput
from core.money import from_paise
from riskmgmt.domain.sizing import (
    KELLY_CAP_PERCENT,
    Ground,
    Method,
    PositionSize,
    Range,
    SizingRefusal,
    average_true_range,
    fixed_fraction,
    kelly,
    risk_per_trade,
    volatility,
)
from trading.brokers.domain.terms import Side
from trading.instruments.models import Instrument
from trading.instruments.selectors import instrument_get
from trading.marketdata.domain.bars import Interval, unscale_price
from trading.marketdata.selectors import candles, quote_latest
from trading.portfolio.models import TradingAccount
from trading.portfolio.selectors import account_get, funds

_ATR_BARS = 100


@dataclass(frozen=True, slots=True)
class SizingQuestion:
    """What is asked; what is left None is taken from the account, the market or habit."""

    account_id: object
    key: str
    method: Method
    side: Side = Side.BUY
    capital: Decimal | None = None
    price: Decimal | None = None
    percent: Decimal | None = None
    stop_price: Decimal | None = None
    atr: Decimal | None = None
    atr_multiple: Decimal | None = None
    atr_period: int = 14
    atr_interval: Interval = Interval.D1
    win_rate: Decimal | None = None
    payoff_ratio: Decimal | None = None
    kelly_fraction: Decimal | None = None
    cap_percent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SizingAnswer:
    """The size with what it was measured by; `atr` in rupees where it was used."""

    ground: Ground
    size: PositionSize
    atr: Decimal | None


def position_size(*, actor: Actor, question: SizingQuestion) -> SizingAnswer:
    """The size for an account that the actor may see. Raises InvalidInput with the refusal's own code."""
    account = account_get(actor, question.account_id)  # type: ignore[arg-type]
    instrument = instrument_get(question.key)
    try:
        ground = _ground(account, instrument, question)
        return _answer(instrument, ground, question)
    except SizingRefusal as refusal:
        raise InvalidInput(
            refusal.message, code=refusal.code, errors={refusal.field: [refusal.message]}
        ) from refusal


def _ground(account: TradingAccount, instrument: Instrument, question: SizingQuestion) -> Ground:
    price = question.price
    if price is None:
        quote = quote_latest(instrument.key)
        if quote is None:
            raise SizingRefusal("no_price", "price", "There is no price for this instrument; give one.")
        price = quote.ltp
    capital = question.capital
    if capital is None:
        capital = from_paise(funds(account).equity_paise)
    return Ground(capital, price, instrument.lot_size, instrument.freeze_quantity)


def _answer(instrument: Instrument, ground: Ground, question: SizingQuestion) -> SizingAnswer:
    match question.method:
        case Method.FIXED_FRACTION:
            return SizingAnswer(ground, fixed_fraction(ground, percent=_percent(question)), None)
        case Method.RISK_PER_TRADE:
            size = risk_per_trade(ground, percent=_percent(question), stop=_stop(ground, question))
            return SizingAnswer(ground, size, None)
        case Method.VOLATILITY:
            atr = question.atr if question.atr is not None else _atr(instrument, question)
            multiple = Decimal(2) if question.atr_multiple is None else question.atr_multiple
            return SizingAnswer(
                ground, volatility(ground, percent=_percent(question), atr=atr, multiple=multiple), atr
            )
        case Method.KELLY:
            return SizingAnswer(ground, _kelly(ground, question), None)


def _percent(question: SizingQuestion) -> Decimal:
    return _needed(question.percent, "percent", "percent_required")


def _stop(ground: Ground, question: SizingQuestion) -> Decimal:
    stop = _needed(question.stop_price, "stop_price", "stop_required")
    if stop != ground.price and (stop < ground.price) != (question.side is Side.BUY):
        side = "below" if question.side is Side.BUY else "above"
        raise SizingRefusal("stop_on_wrong_side", "stop_price", f"The stop lies {side} the entry price.")
    return stop


def _kelly(ground: Ground, question: SizingQuestion) -> PositionSize:
    return kelly(
        ground,
        win_rate=_needed(question.win_rate, "win_rate", "win_rate_required"),
        payoff=_needed(question.payoff_ratio, "payoff_ratio", "payoff_required"),
        fraction=Decimal("0.5") if question.kelly_fraction is None else question.kelly_fraction,
        cap=KELLY_CAP_PERCENT if question.cap_percent is None else question.cap_percent,
    )


def _needed(value: Decimal | None, field: str, code: str) -> Decimal:
    if value is None:
        raise SizingRefusal(code, field, "This method needs it.")
    return value


def _atr(instrument: Instrument, question: SizingQuestion) -> Decimal:
    series = candles(instrument, question.atr_interval, limit=max(_ATR_BARS, question.atr_period + 1))
    bars = [
        Range(unscale_price(int(high)), unscale_price(int(low)), unscale_price(int(close)))
        for high, low, close in zip(series.high, series.low, series.close, strict=True)
    ]
    return average_true_range(bars, period=question.atr_period).quantize(Decimal("0.0001"))
