/** Several runs as growth on one chart; the data stands in the page. */
import { ColorType, LineSeries, createChart } from "../vendor/lightweight-charts.mjs";
import { day, plain, signed } from "./format.js";
import { colour } from "./theme.js";

const COLOURS = ["accent", "buy", "sell", "gain", "loss", "text-2"];
const root = document.querySelector("[data-compare]");
const data = JSON.parse(document.getElementById(root.dataset.compare).textContent);
const readout = document.querySelector("[data-compare-readout]");
const format = { type: "custom", minMove: 0.01, formatter: (value) => `${plain(value, 1)}%` };
const chart = createChart(root, {
  autoSize: true,
  // The logo would come with a style element, which the content-security policy forbids.
  layout: { attributionLogo: false },
  handleScroll: { vertTouchDrag: false },
  timeScale: { fixLeftEdge: true, fixRightEdge: true },
  localization: { locale: "en-IN" },
});
const lines = data.names.map((_, place) => {
  const line = chart.addSeries(LineSeries, { lineWidth: 2, priceLineVisible: false, priceFormat: format });
  line.setData(data.rows.filter((row) => row[place + 1] !== null).map((row) => ({ time: row[0], value: row[place + 1] })));
  return line;
});

function paint() {
  chart.applyOptions({
    layout: { background: { type: ColorType.Solid, color: colour("--panel") }, textColor: colour("--text-3"), fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily },
    grid: { vertLines: { visible: false }, horzLines: { color: colour("--line") } },
    timeScale: { borderColor: colour("--line") },
    rightPriceScale: { borderColor: colour("--line") },
  });
  lines.forEach((line, place) => line.applyOptions({ color: colour(`--${COLOURS[place % COLOURS.length]}`) }));
}

const byDay = new Map(data.rows.map((row) => [row[0], row]));
chart.subscribeCrosshairMove(({ time }) => {
  const row = byDay.get(time) ?? data.rows.at(-1);
  if (row) readout.textContent = [day(row[0]), ...row.slice(1).map((value) => (value === null ? "–" : signed(value, 2, { unit: "%" })))].join("  ");
});
document.addEventListener("desk:theme", paint);
paint();
chart.timeScale().fitContent();
