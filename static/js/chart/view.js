/** The library's chart with its price and volume series, in the page's colours. */
import {
  AreaSeries, BarSeries, CandlestickSeries, ColorType, CrosshairMode, HistogramSeries, LineSeries, PriceScaleMode, createChart,
} from "../../vendor/lightweight-charts.mjs";
import { plain } from "../format.js";
import { colour } from "../theme.js";
import { heikinAshi } from "./bars.js";
import { instrument } from "./instrument.js";
import { isIntraday } from "./times.js";

const TOKENS = ["panel", "line", "line-strong", "text", "text-2", "text-3", "gain", "loss", "gain-bar", "loss-bar", "buy", "sell", "raised", "accent", "accent-soft", "buy-soft"];
const MODES = { LINEAR: PriceScaleMode.Normal, LOG: PriceScaleMode.Logarithmic, PERCENT: PriceScaleMode.Percentage };
const CLEAR = "transparent";
const WIDE = 7;
const RIGHT_OFFSET = 6;
/** Colours that lines and drawings take, by their names in the API; each theme has its own. */
export const COLOURS = { ACCENT: "accent", BLUE: "buy", ORANGE: "sell", GREEN: "gain", RED: "loss", GREY: "text-3" };

/** The chart over `root`. `price` always holds the prices, so that lines and marks have one series to hang on. */
export function createView(root) {
  const chart = createChart(root, {
    autoSize: true,
    // The logo would come with a style element, which the content-security policy forbids; the page credits in words.
    layout: { attributionLogo: false },
    crosshair: { mode: CrosshairMode.Normal },
    timeScale: { timeVisible: true, secondsVisible: false, rightOffset: RIGHT_OFFSET, barSpacing: WIDE },
    rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.22 } },
    localization: { priceFormatter: (price) => plain(price, instrument.places), locale: "en-IN" },
  });
  const format = () => ({ type: "price", precision: instrument.places, minMove: instrument.tick });
  const price = chart.addSeries(CandlestickSeries, { priceFormat: format() });
  const volume = chart.addSeries(HistogramSeries, { priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false });
  chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
  const view = { chart, price, palette: {}, style: "CANDLES", scale: "LINEAR" };
  let dress = null;
  let tallest = Infinity;

  const shown = (rows) => (view.style === "HEIKIN_ASHI" ? heikinAshi(rows) : rows);
  const tint = (bar) => ({ time: bar.time, value: Math.min(bar.volume, tallest), color: view.palette[bar.close >= bar.open ? "gain-bar" : "loss-bar"] });
  const point = (bar) => (dress?.seriesType() === "Bar" ? bar : { time: bar.time, value: bar.close });

  /** One opening auction must not flatten the rest: volumes are drawn up to a little over the 97th percentile. */
  function ceiling(rows) {
    const sorted = rows.map((bar) => bar.volume).sort((a, b) => a - b);
    return (sorted[Math.floor(sorted.length * 0.97)] || Infinity) * 1.25;
  }

  view.draw = (rows) => {
    tallest = ceiling(rows);
    price.setData(shown(rows));
    dress?.setData(rows.map(point));
    volume.setData(rows.map(tint));
  };

  view.drawTail = (rows) => {
    const last = rows.at(-1);
    // The average behind a Heikin-Ashi candle settles within a few bars; the tail needs no more.
    price.update(view.style === "HEIKIN_ASHI" ? heikinAshi(rows.slice(-60)).at(-1) : last);
    dress?.update(point(last));
    volume.update(tint(last));
  };

  /** The newest bars at a readable width. */
  view.toEnd = () => {
    chart.timeScale().applyOptions({ barSpacing: WIDE });
    chart.timeScale().scrollToPosition(RIGHT_OFFSET, false);
  };

  view.setInterval = (interval) => chart.timeScale().applyOptions({ timeVisible: isIntraday(interval) });

  /** The prices of another instrument have another tick. */
  view.reformat = () => price.applyOptions({ priceFormat: format() });

  view.setScale = (scale) => {
    view.scale = scale;
    // Panes of indicators count in their own units, whatever the prices' scale.
    chart.panes().forEach((_, pane) => chart.priceScale("right", pane).applyOptions({ mode: pane ? PriceScaleMode.Normal : MODES[scale] }));
  };

  view.setStyle = (style) => {
    view.style = style;
    if (dress) chart.removeSeries(dress);
    const kind = { BARS: BarSeries, LINE: LineSeries, AREA: AreaSeries }[style];
    dress = kind ? chart.addSeries(kind, { priceFormat: format(), priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false }) : null;
    dress?.setSeriesOrder(0);
    paintSeries();
  };

  function paintSeries() {
    const { gain, loss, accent, buy } = view.palette;
    const hidden = dress !== null;
    const up = hidden || view.style === "HOLLOW" ? CLEAR : gain;
    price.applyOptions({
      upColor: up, downColor: hidden ? CLEAR : loss, wickUpColor: hidden ? CLEAR : gain, wickDownColor: hidden ? CLEAR : loss,
      borderVisible: view.style === "HOLLOW", borderUpColor: gain, borderDownColor: loss, priceLineColor: view.palette["text-3"],
    });
    if (view.style === "BARS") dress.applyOptions({ upColor: gain, downColor: loss, thinBars: false });
    if (view.style === "LINE") dress.applyOptions({ color: buy, lineWidth: 2 });
    if (view.style === "AREA") dress.applyOptions({ lineColor: accent, topColor: view.palette["accent-soft"], bottomColor: CLEAR, lineWidth: 2 });
  }

  view.paint = (rows) => {
    view.palette = Object.fromEntries(TOKENS.map((name) => [name, colour(`--${name}`)]));
    const { panel, line } = view.palette;
    const label = { color: view.palette["text-3"], labelBackgroundColor: view.palette["line-strong"] };
    chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: panel }, textColor: view.palette["text-3"], fontSize: 11,
        fontFamily: getComputedStyle(document.body).fontFamily, panes: { separatorColor: view.palette["line-strong"], separatorHoverColor: view.palette["accent-soft"] },
      },
      grid: { vertLines: { visible: false }, horzLines: { color: line } },
      timeScale: { borderColor: line },
      rightPriceScale: { borderColor: line },
      crosshair: { vertLine: label, horzLine: label },
    });
    paintSeries();
    volume.setData(rows.map(tint));
  };

  /** The colour of a name of the API. */
  view.colour = (name) => view.palette[COLOURS[name] ?? "accent"];
  return view;
}
