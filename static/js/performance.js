/** Equity over drawdown, drawn from the JSON that the page carries (chart_data of the performance template tags). */
import { AreaSeries, ColorType, CrosshairMode, LineSeries, createChart } from "../vendor/lightweight-charts.mjs";
import { day, plain, signed } from "./format.js";
import { colour } from "./theme.js";

const WORTH = 1, GROWTH = 2, FALL = 3, FLOW = 4, INDEX = 5;
const LAKH = 100_000;
const LEAST_PER_CENT = 1;
const PAPER_WIDTH = 700, PAPER_HEIGHT = 300;
const rupees = (value) => (Math.abs(value) >= LAKH ? `₹${plain(value / LAKH, 2)} L` : `₹${plain(value, 0)}`);
const percent = (value) => `${plain(value, 1)}%`;
const axis = (formatter) => ({ type: "custom", minMove: 0.01, formatter });

/** A flat line would write one label again and again along its axis: it spans so much at least. */
const spanning = (least) => (read) => {
  const scale = read();
  if (!scale?.priceRange) return scale;
  const { minValue, maxValue } = scale.priceRange;
  const lack = Math.max(0, least - (maxValue - minValue)) / 2;
  return { ...scale, priceRange: { minValue: minValue - lack, maxValue: maxValue + lack } };
};

/** A drawdown hangs from zero, also where there was none. */
const fromZero = (read) => {
  const scale = read();
  return scale?.priceRange ? { ...scale, priceRange: { minValue: Math.min(scale.priceRange.minValue, -LEAST_PER_CENT), maxValue: 0 } } : scale;
};

function draw(panel) {
  const root = panel.querySelector("[data-performance-chart]");
  if (!root || root.dataset.drawn) return;
  root.dataset.drawn = "true";
  const data = JSON.parse(document.getElementById(panel.dataset.performance).textContent);
  const chart = createChart(root, {
    autoSize: true,
    // The logo would come with a style element, which the content-security policy forbids; the page credits in words.
    layout: { attributionLogo: false, panes: { enableResize: false } },
    crosshair: { mode: CrosshairMode.Magnet },
    handleScroll: { vertTouchDrag: false },
    timeScale: { rightOffset: 1, fixLeftEdge: true, fixRightEdge: true },
    localization: { locale: "en-IN" },
  });
  const equity = chart.addSeries(AreaSeries, { lineWidth: 2, priceLineVisible: false });
  const fall = chart.addSeries(AreaSeries, { lineWidth: 1, invertFilledArea: true, priceLineVisible: false, priceFormat: axis(percent), autoscaleInfoProvider: fromZero }, 1);
  const index = data.index ? chart.addSeries(LineSeries, { lineWidth: 1, priceLineVisible: false, lastValueVisible: false, visible: false, priceFormat: axis(percent) }) : null;
  // Above zero there is nothing to fill: without this an account that never fell would show a red band.
  fall.priceScale().applyOptions({ scaleMargins: { top: 0, bottom: 0.1 } });
  chart.panes()[0].setStretchFactor(7);
  chart.panes()[1].setStretchFactor(3);
  const points = (column) => data.rows.filter((row) => row[column] !== null).map((row) => ({ time: row[0], value: row[column] }));
  fall.setData(points(FALL));
  index?.setData(points(INDEX));
  const key = data.index ? panel.querySelector("[data-performance-index]") : null;
  key?.append(data.index);

  function show(mode) {
    const isReturn = mode === "growth";
    equity.applyOptions({
      priceFormat: axis(isReturn ? percent : rupees),
      autoscaleInfoProvider: spanning(isReturn ? LEAST_PER_CENT : (data.rows.at(-1)[WORTH] * LEAST_PER_CENT) / 100),
    });
    equity.setData(points(isReturn ? GROWTH : WORTH));
    index?.applyOptions({ visible: isReturn });
    if (key) key.hidden = !isReturn;
    for (const button of panel.querySelectorAll("[data-mode]")) button.setAttribute("aria-pressed", String(button.dataset.mode === mode));
    chart.timeScale().fitContent();
  }

  function paint() {
    const [base, line, strong, text, accent, soft, loss, lossSoft, buy] =
      ["panel", "line", "line-strong", "text-3", "accent", "accent-soft", "loss", "loss-soft", "buy"].map((name) => colour(`--${name}`));
    chart.applyOptions({
      layout: { background: { type: ColorType.Solid, color: base }, textColor: text, fontSize: 11, fontFamily: getComputedStyle(document.body).fontFamily, panes: { separatorColor: line } },
      grid: { vertLines: { visible: false }, horzLines: { color: line } },
      timeScale: { borderColor: line },
      rightPriceScale: { borderColor: line },
      crosshair: { vertLine: { color: text, labelBackgroundColor: strong }, horzLine: { color: text, labelBackgroundColor: strong } },
    });
    equity.applyOptions({ lineColor: accent, topColor: soft, bottomColor: "transparent" });
    fall.applyOptions({ lineColor: loss, topColor: lossSoft, bottomColor: lossSoft });
    index?.applyOptions({ color: buy });
  }

  const readout = panel.querySelector("[data-performance-readout]");
  const rows = new Map(data.rows.map((row) => [row[0], row]));
  function read(row) {
    const other = data.index && row[INDEX] !== null ? ` · ${data.index} ${signed(row[INDEX], 2, { unit: "%" })}` : "";
    readout.textContent = `${day(row[0])}  ₹${plain(row[WORTH], 0)} · ${signed(row[GROWTH], 2, { unit: "%" })} · drawdown ${plain(row[FALL], 2)}%${other}`;
  }
  chart.subscribeCrosshairMove(({ time }) => read(rows.get(time) ?? data.rows.at(-1)));
  panel.querySelector("[data-performance-mode]").addEventListener("click", (event) => {
    const button = event.target.closest("[data-mode]");
    if (button) show(button.dataset.mode);
  });
  document.addEventListener("desk:theme", paint);
  // Paper is narrower than the screen, and a canvas is not laid out anew for it.
  addEventListener("beforeprint", () => {
    chart.applyOptions({ autoSize: false });
    chart.resize(PAPER_WIDTH, PAPER_HEIGHT);
    chart.timeScale().fitContent();
  });
  addEventListener("afterprint", () => chart.applyOptions({ autoSize: true }));
  paint();
  // Where money came and went, worth alone would draw the deposits and not the trading.
  show(data.rows.slice(1).some((row) => row[FLOW]) ? "growth" : "worth");
  read(data.rows.at(-1));
}

const drawAll = () => document.querySelectorAll("[data-performance]").forEach(draw);
drawAll();
document.addEventListener("htmx:load", drawAll);
