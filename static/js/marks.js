/** The day of an account or strategy: P&L against zero, and under it the drawdown from the day's best. */
import { AreaSeries, BaselineSeries, ColorType, CrosshairMode, createChart } from "../vendor/lightweight-charts.mjs";
import { plain, signed, tone } from "./format.js";
import { colour } from "./theme.js";

// The library knows UTC only: times are moved by India's offset so that its axis reads in IST.
const IST_SECONDS = 19_800;
const REFRESH_MS = 30_000;

const root = document.getElementById("marks-chart");
const rupees = (value) => (Math.abs(value) < 0.5 ? "₹0" : `${value < 0 ? "−" : ""}₹${plain(Math.abs(value), 0)}`);

const chart = createChart(root, {
  autoSize: true,
  // The logo would come with a style element, which the content-security policy forbids; the page credits in words.
  layout: { attributionLogo: false, panes: { enableResize: false } },
  crosshair: { mode: CrosshairMode.Magnet },
  handleScroll: false,
  handleScale: false,
  timeScale: { timeVisible: true, secondsVisible: false, rightOffset: 1, fixLeftEdge: true },
  localization: { priceFormatter: rupees, locale: "en-IN" },
});
const pnl = chart.addSeries(BaselineSeries, { baseValue: { type: "price", price: 0 }, lineWidth: 2, title: "P&L" });
// Without its zero a loss looks like whatever the scale makes of it.
const withZero = (original) => {
  const found = original();
  if (!found?.priceRange) return found;
  const { minValue, maxValue } = found.priceRange;
  return { ...found, priceRange: { minValue: Math.min(minValue, 0), maxValue: Math.max(maxValue, 0) } };
};
const drawdown = chart.addSeries(AreaSeries, { lineWidth: 1, invertFilledArea: true, title: "Drawdown", priceLineVisible: false }, 1);
for (const series of [pnl, drawdown]) series.applyOptions({ autoscaleInfoProvider: withZero });
chart.panes()[0].setStretchFactor(2);
chart.panes()[1].setStretchFactor(1);

function paint() {
  const [panel, line, strong, text, gain, loss, gainSoft, lossSoft] =
    ["panel", "line", "line-strong", "text-3", "gain", "loss", "gain-soft", "loss-soft"].map((name) => colour(`--${name}`));
  chart.applyOptions({
    layout: { background: { type: ColorType.Solid, color: panel }, textColor: text, fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily, panes: { separatorColor: line } },
    grid: { vertLines: { visible: false }, horzLines: { color: line } },
    timeScale: { borderColor: line },
    rightPriceScale: { borderColor: line },
    crosshair: { vertLine: { color: text, labelBackgroundColor: strong }, horzLine: { color: text, labelBackgroundColor: strong } },
  });
  pnl.applyOptions({ topLineColor: gain, topFillColor1: gainSoft, topFillColor2: gainSoft, bottomLineColor: loss, bottomFillColor1: lossSoft, bottomFillColor2: lossSoft, priceLineColor: text });
  drawdown.applyOptions({ lineColor: loss, topColor: lossSoft, bottomColor: lossSoft });
}

function tell(last, worst) {
  const result = document.querySelector('[data-last="day_pnl"]');
  result.textContent = signed(Number(last.day_pnl), 0, { currency: "₹" });
  result.className = `num ${tone(Number(last.day_pnl))}`;
  document.querySelector('[data-last="drawdown"]').textContent = rupees(Number(last.drawdown));
  document.querySelector("[data-worst]").textContent = rupees(Number(worst));
}

async function load() {
  const answer = await fetch(root.dataset.url, { headers: { Accept: "application/json" } });
  if (!answer.ok) return;
  const { results, worst_drawdown: worst } = await answer.json();
  const at = (mark) => Date.parse(mark.minute) / 1000 + IST_SECONDS;
  pnl.setData(results.map((mark) => ({ time: at(mark), value: Number(mark.day_pnl) })));
  drawdown.setData(results.map((mark) => ({ time: at(mark), value: -Number(mark.drawdown) })));
  chart.timeScale().fitContent();
  if (results.length) tell(results.at(-1), worst);
}

document.getElementById("marks-switch").addEventListener("click", (event) => {
  const table = document.getElementById("marks-table");
  table.hidden = !table.hidden;
  event.currentTarget.setAttribute("aria-pressed", String(!table.hidden));
});
document.addEventListener("desk:theme", paint);

paint();
await load();
setInterval(() => {
  if (!document.hidden) load();
}, REFRESH_MS);
