/** Other instruments as lines in per cent beside this one. */
import { LineSeries } from "../../vendor/lightweight-charts.mjs";
import { signed } from "../format.js";
import { fetchBars } from "./bars.js";
import { instantOf, onAxis, barStart } from "./times.js";

const ROTATION = ["ORANGE", "BLUE", "ACCENT", "GREEN"];
const MOST = 4;
const SPARE = 1010;

/** Lines of other instruments; the page puts the scale in per cent while there are any. */
export function createCompare({ view, bars, changed, replayed, failed }) {
  const lines = [];

  async function load(line) {
    if (!bars.rows.length) return;
    const query = { interval: bars.interval, limit: Math.min(20_000, bars.rows.length + SPARE), from: instantOf(bars.rows[0].time) };
    if (replayed()) query.to = instantOf(replayed().end);
    const rows = await fetchBars(line.key, query).catch((error) => {
      failed(line.key, error.message);
      return [];
    });
    if (!lines.includes(line)) return;
    line.rows = rows;
    draw(line);
    changed();
  }

  /** What is loaded, as far as a replay has come. */
  function draw(line) {
    const last = replayed()?.last ?? Infinity;
    const known = line.rows.filter((bar) => bar.time <= last);
    line.points = new Map(known.map((bar) => [bar.time, bar.close]));
    line.series.setData(known.map((bar) => ({ time: bar.time, value: bar.close })));
  }

  async function add(key) {
    if (key === bars.key || lines.length >= MOST || lines.some((line) => line.key === key)) return;
    const line = { id: `c-${key}`, key, name: ROTATION[lines.length % ROTATION.length], points: new Map(), rows: [] };
    line.series = view.chart.addSeries(LineSeries, { color: view.colour(line.name), lineWidth: 2, priceLineVisible: false, title: key.split(":")[1] });
    lines.push(line);
    await load(line);
  }

  function remove(id) {
    const index = lines.findIndex((line) => line.id === id);
    if (index < 0) return;
    view.chart.removeSeries(lines.splice(index, 1)[0].series);
    changed();
  }

  /** Per cent since the left edge of the screen, as the scale counts. */
  function percent(line, time) {
    const range = view.chart.timeScale().getVisibleRange();
    const times = [...line.points.keys()];
    const first = line.points.get(times.find((each) => each >= (range?.from ?? 0)));
    const value = time === null ? line.points.get(times.at(-1)) : line.points.get(time);
    return first && value ? [{ text: signed((value / first - 1) * 100, 2, { unit: "%" }), colour: view.colour(line.name) }] : [];
  }

  return {
    add, remove,
    keys: () => lines.map((line) => line.key),
    reload: () => Promise.all(lines.map(load)),
    redraw: () => lines.forEach(draw),
    paint: () => lines.forEach((line) => line.series.applyOptions({ color: view.colour(line.name) })),
    follow: (key, quote) => {
      const line = lines.find((each) => each.key === key);
      const time = line && barStart(onAxis(quote.timestamp), bars.interval);
      if (!line || replayed() || time < ([...line.points.keys()].at(-1) ?? 0)) return;
      line.points.set(time, Number(quote.ltp));
      line.series.update({ time, value: Number(quote.ltp) });
    },
    rows: () => lines.map((line) => ({ id: line.id, label: line.key, pane: 0, hidden: false, actions: ["remove"], values: (time) => percent(line, time) })),
  };
}
