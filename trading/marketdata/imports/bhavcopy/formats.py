"""The columns of NSE's bhavcopies, and of plain files of daily bars. Prices are rupees."""

from dataclasses import dataclass
from decimal import Decimal

_RUPEE = Decimal(1)
_LAKH = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class BhavcopyFormat:
    """How a bhavcopy's columns are called; an empty name where it has no such column."""

    name: str
    symbol: str
    series: str
    date: str
    date_format: str
    open: str
    high: str
    low: str
    close: str
    previous_close: str
    volume: str
    turnover: str
    trades: str = ""
    isin: str = ""
    delivered: str = ""
    oi: str = ""
    settlement: str = ""
    kind: str = ""
    """The column that tells shares from futures and options; only the common format (UDiFF) has it."""
    turnover_unit: Decimal = _RUPEE
    is_official: bool = True
    """Whether the exchange itself wrote it; what others tell gives way to it."""

    @property
    def required(self) -> frozenset[str]:
        """Columns without which a file is not of this format."""
        optional = {self.trades, self.isin, self.delivered, ""}
        named = {value for name in self.__slots__ if isinstance(value := getattr(self, name), str)}
        terms = UDIFF_TERMS if self.kind else frozenset()
        return frozenset(named - optional - {self.name, self.date_format}) | terms


UDIFF_TERMS = frozenset({"XpryDt", "StrkPric", "OptnTp", "FinInstrmNm", "UndrlygPric", "NewBrdLotQty"})

FORMATS = (
    BhavcopyFormat(
        name="cm-legacy",
        symbol="SYMBOL",
        series="SERIES",
        date="TIMESTAMP",
        date_format="%d-%b-%Y",
        open="OPEN",
        high="HIGH",
        low="LOW",
        close="CLOSE",
        previous_close="PREVCLOSE",
        volume="TOTTRDQTY",
        turnover="TOTTRDVAL",
        trades="TOTALTRADES",
        isin="ISIN",
    ),
    BhavcopyFormat(
        name="cm-full",
        symbol="SYMBOL",
        series="SERIES",
        date="DATE1",
        date_format="%d-%b-%Y",
        open="OPEN_PRICE",
        high="HIGH_PRICE",
        low="LOW_PRICE",
        close="CLOSE_PRICE",
        previous_close="PREV_CLOSE",
        volume="TTL_TRD_QNTY",
        turnover="TURNOVER_LACS",
        trades="NO_OF_TRADES",
        delivered="DELIV_QTY",
        turnover_unit=_LAKH,
    ),
    BhavcopyFormat(
        name="udiff",
        symbol="TckrSymb",
        series="SctySrs",
        date="TradDt",
        date_format="%Y-%m-%d",
        open="OpnPric",
        high="HghPric",
        low="LwPric",
        close="ClsPric",
        previous_close="PrvsClsgPric",
        volume="TtlTradgVol",
        turnover="TtlTrfVal",
        trades="TtlNbOfTxsExctd",
        isin="ISIN",
        oi="OpnIntrst",
        settlement="SttlmPric",
        kind="FinInstrmTp",
    ),
    BhavcopyFormat(
        name="daily-bars",
        symbol="symbol",
        series="",
        date="date",
        date_format="%Y-%m-%d",
        open="open",
        high="high",
        low="low",
        close="close",
        previous_close="",
        volume="volume",
        turnover="",
        is_official=False,
    ),
)


def detect(header: list[str]) -> BhavcopyFormat | None:
    """The format whose columns a header has, None when there is none."""
    columns = frozenset(header)
    return next((each for each in FORMATS if each.required <= columns), None)
