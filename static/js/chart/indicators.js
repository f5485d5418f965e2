/** Indicators on the chart: their values are the server's, so that a chart, an alert and a strategy see the same. */
import { HistogramSeries, LineSeries, LineStyle, PriceScaleMode } from "../../vendor/lightweight-charts.mjs";
import { plain } from "../format.js";
import { on, subscribe, unsubscribe } from "../socket.js";
import { instrument } from "./instrument.js";
import { COLOURS } from "./view.js";
import { instantOf, onAxis } from "./times.js";

const ROTATION = ["BLUE", "ORANGE", "ACCENT", "GREEN", "RED", "GREY"];
const MOST = 12;
// Names that traders say as they are: EMA, MACD, VWAP.
const SHORT = 5;
// Bars that may come to be known while an answer is on its way, or by a replay.
const SPARE = 1010;
// Another style of the candles, not a line beside them; conditions that nobody draws.
const NOT_DRAWN = new Set(["none", "candle"]);

let known = null;
/** The server's catalogue, fetched once. */
export function catalogue() {
  known ??= fetch("/api/v1/indicators", { headers: { Accept: "application/json" } })
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`the server answered ${answer.status}`))))
    .then(({ results }) => new Map(results.filter((one) => one.outputs.some((output) => !NOT_DRAWN.has(output.style))).map((one) => [one.name, one])))
    .catch((error) => { known = null; throw error; });
  return known;
}

/**
 * The indicators of a chart. `changed()` is called after one was added, removed or moved. `replayed()` is null, or while
 * a past day is replayed `{last, end}`: the last bar that is shown, and the end of those that are loaded.
 */
export function createIndicators({ view, bars, changed, replayed, failed }) {
  const { chart } = view;
  const shown = [];
  let count = 0;

  const drawn = (one) => one.about.outputs.filter((output) => !NOT_DRAWN.has(output.style));
  const colourOf = (one, output, index) => one.colours[output.name] ?? ROTATION[(index + one.turn) % ROTATION.length];

  function lineOptions(output) {
    const { places } = instrument;
    const shared = { priceLineVisible: false, lastValueVisible: false, crosshairMarkerVisible: false, priceFormat: { type: "price", precision: places, minMove: 10 ** -places } };
    if (output.style === "markers") return { ...shared, lineVisible: false, pointMarkersVisible: true, pointMarkersRadius: 2 };
    if (output.style === "level") return { ...shared, lineWidth: 1, lineStyle: LineStyle.Dashed };
    return { ...shared, lineWidth: output.style === "band" ? 1 : 2 };
  }

  function paneOf(one) {
    if (one.about.pane === "overlay") return 0;
    const used = shown.filter((other) => other !== one && other.series.size && other.about.pane !== "overlay");
    return used.length ? Math.max(...used.map((other) => other.series.values().next().value.getPane().paneIndex())) + 1 : 1;
  }

  function build(one) {
    const pane = paneOf(one);
    drawn(one).forEach((output) => {
      const kind = output.style === "histogram" ? HistogramSeries : LineSeries;
      one.series.set(output.name, chart.addSeries(kind, lineOptions(output), pane));
    });
    const first = one.series.values().next().value;
    for (const price of pane ? one.about.levels ?? [] : []) {
      first.createPriceLine({ price, lineWidth: 1, lineStyle: LineStyle.Dotted, axisLabelVisible: false, color: view.palette["text-3"], title: "" });
    }
    if (pane) {
      first.getPane().setStretchFactor(0.3);
      first.priceScale().applyOptions({ mode: PriceScaleMode.Normal, scaleMargins: { top: 0.22, bottom: 0.08 } });
    }
    colour(one);
  }

  function colour(one) {
    drawn(one).forEach((output, index) => one.series.get(output.name)?.applyOptions({ color: view.colour(colourOf(one, output, index)), visible: !one.hidden }));
  }

  async function values(one, query) {
    const { interval, key } = bars;
    const answer = await fetch(`/api/v1/indicators/${one.name}?${new URLSearchParams({ symbol: key, interval, ...query, ...one.params })}`, { headers: { Accept: "application/json" } });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.detail ?? `the server answered ${answer.status}`);
    one.shifts = body.shifts ?? {};
    one.inForce = body.params ?? {};
    return body.outputs;
  }

  /** A place on the axis, moved by whole bars. */
  const moved = (time, steps) => (steps ? bars.timeAt(Math.round(bars.indexAt(time)) + steps) : time);

  function points(one, output, rows) {
    const steps = one.shifts?.[output.name] ?? 0;
    const tones = output.style === "histogram";
    return rows.map(([instant, value]) => {
      const at = onAxis(instant);
      const time = moved(at, steps);
      if (value === null) return { at, time };
      return tones ? { at, time, value, color: view.palette[value >= 0 ? "gain-bar" : "loss-bar"] } : { at, time, value };
    });
  }

  async function load(one) {
    if (!bars.rows.length) return;
    const first = bars.rows[0].time;
    const query = { limit: Math.min(20_000, bars.rows.length + SPARE), from: instantOf(first) };
    if (replayed()) query.to = instantOf(replayed().end);
    const ticket = (one.ticket = (one.ticket ?? 0) + 1);
    try {
      const outputs = await values(one, query);
      if (ticket !== one.ticket || !one.series.size) return;
      one.lines = new Map(drawn(one).map((output) => [output.name, points(one, output, outputs[output.name] ?? [])]));
      draw(one);
      one.error = "";
      follow(one);
    } catch (error) {
      one.error = error.message;
      failed(one.about.title, error.message);
    }
    changed();
  }

  /** What is loaded, as far as a replay has come. */
  function draw(one) {
    const last = replayed()?.last ?? Infinity;
    one.points = new Map();
    for (const [name, line] of one.lines ?? []) {
      const known = last === Infinity ? line : line.filter((point) => point.at <= last);
      one.points.set(name, new Map(known.map((each) => [each.time, each.value])));
      one.series.get(name).setData(known);
    }
  }

  /** Follow the running computation of what is loaded; the socket counts who shares one. */
  function follow(one) {
    const wanted = { symbol: bars.key, interval: bars.interval, indicator: one.name, params: one.inForce };
    if (JSON.stringify(wanted) === JSON.stringify(one.followed)) return;
    unfollow(one);
    one.followed = wanted;
    subscribe("indicators", wanted);
  }

  function unfollow(one) {
    if (one.followed) unsubscribe("indicators", one.followed);
    one.followed = null;
  }

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  on("indicators", (told) => {
    if (!told.values || replayed()) return;
    for (const one of shown) {
      if (one.name !== told.indicator || bars.interval !== told.interval || bars.key !== told.symbol || !same(one.inForce, told.params)) continue;
      for (const output of drawn(one)) extend(one, output, told);
      changed("values");
    }
  });

  function extend(one, output, { time, values }) {
    const line = one.lines?.get(output.name);
    const [point] = points(one, output, [[time, values[output.name] ?? null]]);
    const last = line?.at(-1);
    if (!line || (last && point.time < last.time)) return;
    if (last?.time === point.time) line[line.length - 1] = point;
    else line.push(point);
    one.points.set(output.name, one.points.get(output.name).set(point.time, point.value));
    one.series.get(output.name).update(point);
  }

  async function add({ name, params = {}, colours = {}, hidden = false }) {
    const about = (await catalogue()).get(name);
    if (!about || shown.length >= MOST) return null;
    count += 1;
    const one = { id: `i${count}`, name, about, params, colours, hidden, turn: about.pane === "overlay" ? shown.length : 0, series: new Map() };
    shown.push(one);
    build(one);
    await load(one);
    return one;
  }

  function remove(id) {
    const index = shown.findIndex((one) => one.id === id);
    if (index < 0) return;
    const [one] = shown.splice(index, 1);
    one.ticket = (one.ticket ?? 0) + 1;
    unfollow(one);
    for (const line of one.series.values()) chart.removeSeries(line);
    one.series.clear();
    changed();
  }

  async function update(id, parts) {
    const one = shown.find((each) => each.id === id);
    Object.assign(one, parts);
    colour(one);
    if (parts.params) await load(one);
    changed();
  }

  /** Each output's value at a bar, for the legend. */
  function valuesAt(one, time) {
    if (one.error) return [{ text: one.error, colour: view.palette.loss }];
    return drawn(one).flatMap((output, index) => {
      const line = one.points?.get(output.name);
      const value = time === null ? [...(line?.values() ?? [])].findLast((each) => each !== undefined) : line?.get(time);
      return value === undefined ? [] : [{ text: plain(value, Math.abs(value) >= 1e5 ? 0 : instrument.places), colour: view.colour(colourOf(one, output, index)) }];
    });
  }

  const labelOf = (one) => `${one.name.length <= SHORT ? one.name.toUpperCase() : one.about.title} ${Object.values(one.inForce ?? one.params).join(" ")}`.trim();

  return {
    add, remove, update,
    clear: () => shown.map((one) => one.id).forEach(remove),
    get: (id) => shown.find((one) => one.id === id),
    colourOf: (one, output) => colourOf(one, output, drawn(one).indexOf(output)),
    drawn,
    colours: Object.keys(COLOURS),
    /** As the layout keeps them. */
    kept: () => shown.map(({ name, params, colours, hidden }) => ({ name, params, colours, hidden })),
    reload: () => Promise.all(shown.map(load)),
    redraw: () => shown.forEach(draw),
    paint: () => shown.forEach(colour),
    rows: () => shown.map((one) => ({
      id: one.id, label: labelOf(one), hidden: one.hidden, actions: ["toggle", "edit", "remove"],
      pane: one.series.values().next().value?.getPane().paneIndex() ?? 0,
      values: (time) => valuesAt(one, time),
    })),
  };
}
