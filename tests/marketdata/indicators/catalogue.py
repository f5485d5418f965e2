"""The catalogue in docs/indicators.md: `python -m tests.marketdata.indicators.catalogue` writes it anew."""

from pathlib import Path

from trading.marketdata.domain.indicators import Indicator, registry
from trading.marketdata.domain.indicators.definition import Group, Output
from trading.marketdata.domain.indicators.parameters import Kind, Parameter

DOCUMENT = Path(__file__).parents[3] / "docs" / "indicators.md"
BEGIN, END = "<!-- catalogue: begin -->", "<!-- catalogue: end -->"


def catalogue() -> str:
    """Every indicator by group: what it draws, its parameters with bounds, its formula and where it is from."""
    parts = []
    for group in Group:
        parts.append(f"### {group.value.capitalize()}\n")
        parts += [_entry(each) for each in registry.all() if each.group is group]
    return "\n".join(parts)


def _entry(indicator: Indicator) -> str:
    lines = [
        f"**`{indicator.name}`** {indicator.title} · {'over the candles' if indicator.overlay else 'own pane'} · of"
        f" {', '.join(indicator.inputs)}\n",
        f"{indicator.doc} *{indicator.origin}*\n",
    ]
    if indicator.parameters:
        lines.append("Parameters: " + "; ".join(_parameter(each) for each in indicator.parameters) + ".  ")
    lines.append("Outputs: " + ", ".join(_output(each) for each in indicator.outputs) + ".\n")
    return "\n".join(lines)


def _parameter(parameter: Parameter) -> str:
    if parameter.name == "source":
        return "`source`"
    match parameter.kind:
        case Kind.CHOICE:
            return f"`{parameter.name}` {', '.join(f'*{each}*' for each in parameter.choices)}"
        case Kind.SYMBOL:
            return f"`{parameter.name}` an instrument, {parameter.default}"
    return f"`{parameter.name}` {parameter.default:g} ({parameter.minimum:g} to {parameter.maximum:g})"


def _output(output: Output) -> str:
    shift = f", shifted by {output.shift}" if output.shift else ""
    return f"`{output.name}` ({output.style.value}{shift})"


def written(document: str) -> str:
    """The document with today's catalogue in its place."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{catalogue()}\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
