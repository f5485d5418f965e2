/** Prices with a run's fills on them; drawn when its tab is opened. */
import { CandlestickSeries, ColorType, createChart, createSeriesMarkers } from "../vendor/lightweight-charts.mjs";
import { plain } from "./format.js";
import { colour } from "./theme.js";

async function draw(panel) {
  const root = panel.querySelector("[data-chart]");
  if (root.dataset.drawn) return;
  root.dataset.drawn = "true";
  const note = panel.querySelector("[data-chart-note]");
  const chart = createChart(root, {
    autoSize: true,
    // The logo would come with a style element, which the content-security policy forbids.
    layout: { attributionLogo: false },
    handleScroll: { vertTouchDrag: false },
    timeScale: { timeVisible: true, secondsVisible: false },
    localization: { locale: "en-IN" },
  });
  const series = chart.addSeries(CandlestickSeries, { borderVisible: false });
  const markers = createSeriesMarkers(series, []);
  let marks = [];

  function paint() {
    const [up, down] = [colour("--gain"), colour("--loss")];
    chart.applyOptions({
      layout: { background: { type: ColorType.Solid, color: colour("--panel") }, textColor: colour("--text-3"), fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { vertLines: { visible: false }, horzLines: { color: colour("--line") } },
      timeScale: { borderColor: colour("--line") },
      rightPriceScale: { borderColor: colour("--line") },
    });
    series.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
    markers.setMarkers(marks.map((mark) => ({
      time: mark.time,
      position: mark.side === "BUY" ? "belowBar" : "aboveBar",
      shape: mark.side === "BUY" ? "arrowUp" : "arrowDown",
      color: colour(mark.side === "BUY" ? "--buy" : "--sell"),
      text: `${mark.side === "BUY" ? "B" : "S"} ${mark.quantity}${mark.name ? ` ${mark.name}` : ""}`,
    })));
  }

  async function show(symbol) {
    note.textContent = "Loading …";
    const answer = await fetch(`${panel.dataset.runChart}?symbol=${encodeURIComponent(symbol)}`);
    if (!answer.ok) {
      note.textContent = "The prices could not be read.";
      return;
    }
    const data = await answer.json();
    marks = data.marks;
    series.setData(data.bars.map(([time, open, high, low, close]) => ({ time, open, high, low, close })));
    paint();
    note.textContent = `${plain(data.bars.length, 0)} bars of ${data.interval}, ${plain(marks.length, 0)} fills`;
    // The last month first: a year of five-minute bars would be a smear.
    chart.timeScale().setVisibleLogicalRange({ from: Math.max(0, data.bars.length - 400), to: data.bars.length + 4 });
  }

  panel.addEventListener("click", (event) => {
    const button = event.target.closest("[data-symbol]");
    if (!button) return;
    for (const one of panel.querySelectorAll("[data-symbol]")) one.setAttribute("aria-pressed", String(one === button));
    show(button.dataset.symbol);
  });
  document.addEventListener("desk:theme", paint);
  const first = panel.querySelector("[data-symbol]");
  if (first) await show(first.dataset.symbol);
  else note.textContent = "The run has no instrument of its own.";
}

const drawAll = () => document.querySelectorAll("[data-run-chart]").forEach(draw);
drawAll();
document.addEventListener("htmx:load", drawAll);
