"""What a run was asked with, in words: a line a term, for people who put runs side by side."""

from backtests.models import Run, RunStrategy
from core.money import format_inr, from_paise

from .strategies import version_of


def run_terms(run: Run) -> dict[str, str]:
    """Terms by title; those of a second and further strategy have its number before them."""
    terms: dict[str, str] = {}
    for number, each in enumerate(run.strategies.all(), start=1):
        before = "" if number == 1 else f"{number}. "
        terms |= {f"{before}{title}": value for title, value in _strategy(each).items()}
    return {
        **terms,
        "Span": f"{run.first:%-d %b %Y} – {run.last:%-d %b %Y}",
        "Capital": format_inr(from_paise(run.capital_paise), places=0),
        "Charges": "none" if run.charging == "NONE" else f"plan {run.plan or 'of paper accounts'}",
        "Funds": "as on an account" if run.funds == "REAL" else "never short",
        "Slippage": _slippage(run),
        "Square-off": "yes" if run.square_off else "no",
        "Benchmark": run.benchmark or "none",
        "Seed": str(run.seed),
    }


def _strategy(row: RunStrategy) -> dict[str, str]:
    version = version_of(row.key)
    return {
        "Strategy": row.title if version is None else f"{row.title}, version {version}",
        "Instruments": ", ".join(row.symbols),
        "Timeframe": row.interval,
        "Product": row.product.capitalize(),
        **{_words(name): _value(value) for name, value in row.parameters.items()},
    }


def _slippage(run: Run) -> str:
    if not run.slippage_model:
        return "as the paper exchange"
    if run.slippage_model == "NONE":
        return "none"
    return f"{run.slippage_value.normalize():f} {run.slippage_model.lower()}"


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _value(value: object) -> str:
    return ("no", "yes")[value] if isinstance(value, bool) else str(value)
