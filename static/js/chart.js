/** The candle chart: history from the candles API, the last bar from the quotes stream, own trades on top. */
import {
  CandlestickSeries, ColorType, CrosshairMode, HistogramSeries, LineStyle, createChart, createSeriesMarkers,
} from "../vendor/lightweight-charts.mjs";
import { orderLines } from "./chart_orders.js";
import { plain, tone } from "./format.js";
import { latest } from "./live.js";
import { on } from "./socket.js";
import { colour } from "./theme.js";

// The library knows UTC only: times are moved by India's offset so that its axis reads in IST.
const IST_SECONDS = 19_800;
const DAY = 86_400;
const SECONDS = { "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "1d": DAY };
const SESSION_START = 9 * 3600 + 15 * 60;
const TABLE_ROWS = 60;

const root = document.getElementById("chart");
const { key } = root.dataset;
const legend = document.getElementById("chart-legend");
const note = document.getElementById("chart-note");
let interval = root.dataset.interval;
let bars = [];
let volumes = [];
let lines = [];
let lastTotal = null;
let tallest = Infinity;

const chart = createChart(root, {
  autoSize: true,
  // The logo would come with a style element, which the content-security policy forbids; the page credits in words.
  layout: { attributionLogo: false },
  crosshair: { mode: CrosshairMode.Normal },
  timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 6, barSpacing: 7 },
  rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.22 } },
  localization: { priceFormatter: (price) => plain(price, Number(root.dataset.places)), locale: "en-IN" },
});
const candles = chart.addSeries(CandlestickSeries, {
  priceFormat: { type: "price", precision: Number(root.dataset.places), minMove: Number(root.dataset.tick) },
});
const volume = chart.addSeries(HistogramSeries, {
  priceScaleId: "volume", priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false
});
chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.84, bottom: 0 } });
const markers = createSeriesMarkers(candles, []);

const working = orderLines({ chart, series: candles, root, reload: () => marks() });

let palette = {};
function paint() {
  palette = Object.fromEntries(["panel", "line", "line-strong", "text-3", "gain", "loss", "gain-bar", "loss-bar", "buy", "sell", "raised"]
    .map((name) => [name, colour(`--${name}`)]));
  chart.applyOptions({
    layout: { background: { type: ColorType.Solid, color: palette.panel }, textColor: palette["text-3"], fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { vertLines: { visible: false }, horzLines: { color: palette.line } },
    timeScale: { borderColor: palette.line },
    rightPriceScale: { borderColor: palette.line },
    crosshair: { vertLine: { color: palette["text-3"], labelBackgroundColor: palette["line-strong"] }, horzLine: { color: palette["text-3"], labelBackgroundColor: palette["line-strong"] } },
  });
  candles.applyOptions({ upColor: palette.gain, downColor: palette.loss, wickUpColor: palette.gain, wickDownColor: palette.loss, borderVisible: false, priceLineColor: palette["text-3"] });
  volume.setData(volumes.map(tint));
}

/** One opening auction must not flatten the rest: bars are drawn up to a little over the 97th percentile. */
function ceiling() {
  const sorted = volumes.map((bar) => bar.value).sort((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * 0.97)] || Infinity) * 1.25;
}

const tint = (bar) => ({ time: bar.time, value: Math.min(bar.value, tallest), color: palette[bar.up ? "gain-bar" : "loss-bar"] });

function barStart(seconds) {
  const size = SECONDS[interval];
  const local = seconds + IST_SECONDS;
  const day = local - (local % DAY);
  if (size >= DAY) return day;
  const since = local - day - SESSION_START;
  return day + SESSION_START + Math.floor(since / size) * size;
}

const instant = (time) => (typeof time === "number" ? time : Date.parse(time) / 1000);

async function load() {
  note.textContent = "Loading …";
  note.hidden = false;
  try {
    const answer = await fetch(`${root.dataset.candlesUrl}?${new URLSearchParams({ interval })}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    const rows = (await answer.json()).candles;
    bars = rows.map(([time, open, high, low, close]) => ({ time: instant(time) + IST_SECONDS, open: Number(open), high: Number(high), low: Number(low), close: Number(close) }));
    volumes = rows.map(([, open, , , close, traded], index) => ({ time: bars[index].time, value: Number(traded), up: Number(close) >= Number(open) }));
    tallest = ceiling();
    candles.setData(bars);
    volume.setData(volumes.map(tint));
    chart.timeScale().applyOptions({ timeVisible: interval !== "1d" });
    const visible = Math.floor(root.clientWidth / 7);
    chart.timeScale().setVisibleLogicalRange({ from: bars.length - visible, to: bars.length + 6 });
    note.hidden = bars.length > 0;
    note.textContent = "No candles yet: they are built from the first tick on.";
    describe(bars.at(-1));
    table();
  } catch (error) {
    note.textContent = `The candles did not load: ${error.message}.`;
  }
}

function describe(bar) {
  if (!bar) return;
  const digits = Number(root.dataset.places);
  const index = bars.findIndex((one) => one.time === bar.time);
  const before = bars[index - 1]?.close;
  const change = before ? (bar.close / before - 1) * 100 : 0;
  legend.querySelectorAll("[data-part]").forEach((node) => {
    const part = node.dataset.part;
    node.className = `num ${part === "change" ? tone(change) : ""}`;
    if (part === "volume") node.textContent = plain(volumes[index]?.value ?? 0, 0);
    else if (part === "change") node.textContent = `${change > 0 ? "+" : ""}${plain(change, 2)}%`;
    else node.textContent = plain(bar[part], digits);
  });
}

function follow(quote) {
  const price = Number(quote.ltp);
  const time = barStart(instant(quote.timestamp));
  const last = bars.at(-1);
  if (!Number.isFinite(price) || !bars.length || time < last.time) return;
  const total = Number(quote.volume);
  const traded = lastTotal === null ? 0 : Math.max(0, total - lastTotal);
  lastTotal = total;
  if (time > last.time) {
    bars.push({ time, open: price, high: price, low: price, close: price });
    volumes.push({ time, value: traded, up: true });
  } else {
    Object.assign(last, { close: price, high: Math.max(last.high, price), low: Math.min(last.low, price) });
    const bar = volumes.at(-1);
    Object.assign(bar, { value: bar.value + traded, up: price >= last.open });
  }
  candles.update(bars.at(-1));
  volume.update(tint(volumes.at(-1)));
  if (!pointing) describe(bars.at(-1));
}

let pointing = false;
chart.subscribeCrosshairMove((move) => {
  const bar = move.seriesData?.get(candles);
  pointing = Boolean(bar);
  describe(bar ? { ...bar } : bars.at(-1));
});

async function marks() {
  if (!root.dataset.marksUrl) return;
  const answer = await fetch(root.dataset.marksUrl, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { fills, orders, triggers, positions } = await answer.json();
  const first = bars[0]?.time ?? Infinity;
  markers.setMarkers(fills
    .map((fill) => ({ ...fill, time: barStart(instant(fill.at)) }))
    .filter((fill) => fill.time >= first)
    .sort((a, b) => a.time - b.time)
    .map((fill) => ({ time: fill.time, position: fill.side === "BUY" ? "belowBar" : "aboveBar", shape: fill.side === "BUY" ? "arrowUp" : "arrowDown", color: palette[fill.side.toLowerCase()], text: `${plain(fill.quantity, 0)}` })));
  lines.forEach((line) => candles.removePriceLine(line));
  working.show(orders, triggers, palette);
  lines = [
    ...positions.map((position) => ({ price: Number(position.average_price), color: palette[position.quantity > 0 ? "buy" : "sell"], lineStyle: LineStyle.Dotted, title: `Avg · ${plain(position.quantity, 0)}` })),
  ].map((line) => candles.createPriceLine({ lineWidth: 1, axisLabelVisible: true, ...line }));
}

const clock = new Intl.DateTimeFormat("en-IN", { timeZone: "UTC", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
function table() {
  const target = document.getElementById("chart-table");
  if (target.closest("[hidden]")) return;
  const digits = Number(root.dataset.places);
  target.replaceChildren(...bars.slice(-TABLE_ROWS).reverse().map((bar, index) => {
    const row = document.createElement("tr");
    const cells = [clock.format(bar.time * 1000), ...["open", "high", "low", "close"].map((part) => plain(bar[part], digits)), plain(volumes[volumes.length - 1 - index].value, 0)];
    cells.forEach((text, column) => {
      const cell = document.createElement(column ? "td" : "th");
      if (column) cell.className = "num";
      else cell.scope = "row";
      cell.textContent = text;
      row.append(cell);
    });
    return row;
  }));
}

document.querySelectorAll("[data-interval]").forEach((button) => button.addEventListener("click", async () => {
  interval = button.dataset.interval;
  document.querySelectorAll("[data-interval]").forEach((other) => other.setAttribute("aria-pressed", String(other === button)));
  history.replaceState(null, "", `?interval=${interval}`);
  lastTotal = null;
  await load();
  marks();
}));
document.getElementById("chart-table-switch").addEventListener("click", (event) => {
  const box = document.getElementById("chart-table-box");
  box.hidden = !box.hidden;
  event.currentTarget.setAttribute("aria-pressed", String(!box.hidden));
  table();
});
document.addEventListener("desk:theme", () => {
  paint();
  marks();
});
document.addEventListener("desk:quotes", (event) => {
  if (event.detail.has(key)) follow(latest(key));
});
let wasOff = false;
document.addEventListener("desk:socket", async ({ detail: { state } }) => {
  wasOff ||= state === "off";
  if (!wasOff || state !== "live") return;
  wasOff = false;
  lastTotal = null;
  await load();
  marks();
});
for (const stream of ["orders", "positions"]) on(stream, () => setTimeout(marks, 250));

paint();
await load();
marks();
