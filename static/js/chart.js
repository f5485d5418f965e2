/** The chart page: bars, indicators, comparisons, drawings, the account's marks and a replay, put together. */
import { createBars } from "./chart/bars.js";
import { createCompare } from "./chart/compare.js";
import { createDrawings } from "./chart/drawings.js";
import { editIndicator, pickIndicator } from "./chart/indicator_dialog.js";
import { createIndicators } from "./chart/indicators.js";
import { createJournal } from "./chart/journal.js";
import { bindKeys } from "./chart/keys.js";
import { createLayout } from "./chart/layout.js";
import { createLegend } from "./chart/legend.js";
import { createMarks } from "./chart/marks.js";
import { createReplay } from "./chart/replay.js";
import { addressOf, instrument, keyAt, pageAt, take } from "./chart/instrument.js";
import { findSymbol } from "./chart/symbol_search.js";
import { createTable } from "./chart/table.js";
import { bindToolbar } from "./chart/toolbar.js";
import { onAxis, timeText } from "./chart/times.js";
import { createView } from "./chart/view.js";
import { latest } from "./live.js";
import { on, subscribe, unsubscribe } from "./socket.js";
import { toast } from "./toasts.js";

const EDGE = 40;
const MARKS_WAIT_MS = 250;
const MOST_PAGES_BACK = 40;
const BARS_BEFORE = 90;
const BARS_AFTER = 30;

const root = document.getElementById("chart");
const note = document.getElementById("chart-note");

const layout = createLayout(root);
const view = createView(root);
const { chart } = view;
const bars = createBars(instrument, barsChanged);
const replayed = () => replay.state();
const failed = (name, reason) => toast(reason, { tone: "bad", title: name });
const parts = { view, bars, replayed, failed };
const legend = createLegend({ root, chart, act: actOnRow });
const indicators = createIndicators({ ...parts, changed: rowsChanged });
const compare = createCompare({ ...parts, changed: rowsChanged });
const marks = createMarks({ view, bars, root });
const drawings = createDrawings({ view, bars, root, toolChanged: (kind) => toolbar.toolChanged(kind), changed: () => toolbar.drawingsChanged() });
const table = createTable({ interval: () => bars.interval });
const replay = createReplay({ bars, start: replayStarted, show: replayShown, loaded: reloadLines, end: replayEnded, failed: (reason) => failed("Replay", reason) });
const journal = createJournal({ view, seen });
let pointing = null;
let restoring = true;
let turns = 0;
let ticketUrl = "";

// ---- what the bars do
function barsChanged(what) {
  if (what === "tail") view.drawTail(bars.rows);
  else if (what === "closed") view.drawTail(bars.rows);
  else drawAll(what === "older");
  describe();
  if (what !== "tail") table.draw(bars.rows);
}

/** All bars anew; the reader's place on the axis stays where it was. */
function drawAll(keep) {
  const range = keep ? chart.timeScale().getVisibleRange() : null;
  view.draw(bars.rows);
  if (range) chart.timeScale().setVisibleRange(range);
  if (keep) reloadLines();
  marks.drawFills();
  drawings.paint();
}

/** What the chart shows, in one line, and until when: the last bar that is in sight. */
function seen() {
  const until = Math.min(chart.timeScale().getVisibleRange()?.to ?? Infinity, bars.rows.at(-1)?.time ?? 0);
  const lines = [...compare.rows(), ...indicators.rows()].filter((row) => !row.hidden).map((row) => row.label);
  return { until, words: [instrument.key, bars.interval, `to ${timeText(until, bars.interval)}`, ...lines].join(" · ") };
}

/** The bars around a moment of the past, as far back as they are stored. */
async function goTo(moment) {
  for (let page = 0; page < MOST_PAGES_BACK && !bars.complete && bars.rows[0]?.time > moment; page += 1) await bars.older();
  const index = Math.round(bars.indexAt(moment) ?? 0);
  if (bars.rows.length) chart.timeScale().setVisibleLogicalRange({ from: index - BARS_BEFORE, to: index + BARS_AFTER });
}

function describe() {
  const { rows } = bars;
  const index = pointing === null ? rows.length - 1 : Math.round(bars.indexAt(pointing));
  legend.describe(rows[index], rows[index - 1]);
  legend.values(pointing);
}

async function load(interval) {
  note.textContent = "Loading …";
  note.hidden = false;
  view.setInterval(interval);
  try {
    await bars.load(interval);
    view.toEnd();
    note.hidden = bars.rows.length > 0;
    note.textContent = "No candles yet: they are built from the first tick on.";
    await reloadLines();
    marks.load();
  } catch (error) {
    note.textContent = `The candles did not load: ${error.message}.`;
  }
}

function reloadLines() {
  return Promise.all([indicators.reload(), compare.reload()]);
}

// ---- indicators and comparisons
function rowsChanged(what) {
  if (what !== "values") legend.rows([...compare.rows(), ...indicators.rows()]);
  else legend.values(pointing);
  if (!restoring && what !== "values") keep({ indicators: indicators.kept(), compare: compare.keys() });
}

function keep(change) {
  const before = JSON.stringify(layout.look);
  if (before !== JSON.stringify({ ...layout.look, ...change })) layout.change(change);
}

function actOnRow(action, id) {
  if (action === "edit") editIndicator(indicators, id);
  else if (action === "toggle") indicators.update(id, { hidden: !indicators.get(id).hidden });
  else if (id.startsWith("c-")) removeCompared(id);
  else indicators.remove(id);
}

async function addCompared(other) {
  await compare.add(other);
  subscribe("quotes", { symbols: [other] });
  view.setScale("PERCENT");
}

function removeCompared(id) {
  compare.remove(id);
  unsubscribe("quotes", { symbols: [id.slice(2)] });
  if (!compare.keys().length) view.setScale(layout.look.scale);
}

// ---- replay
function replayStarted() {
  ({ ticketUrl } = document.body.dataset);
  // Without it neither a key nor the palette opens a ticket.
  document.body.dataset.ticketUrl = "";
  for (const node of document.querySelectorAll("[data-replay-off]")) node.inert = true;
  // With its ticket off the column has nothing left that takes the focus, yet it scrolls.
  document.querySelector(".side-column").tabIndex = 0;
  for (const node of document.querySelectorAll("[data-replay-note]")) node.hidden = false;
  toolbar.replayChanged(true);
}

function replayShown(rows) {
  const follows = bars.frozen;
  bars.freeze(rows);
  view.draw(rows);
  indicators.redraw();
  compare.redraw();
  if (!follows) view.toEnd();
  marks.hide(true, rows.at(-1).time + 1);
  pointing = null;
  describe();
  table.draw(rows);
}

async function replayEnded() {
  document.body.dataset.ticketUrl = ticketUrl;
  for (const node of document.querySelectorAll("[data-replay-off]")) node.inert = false;
  document.querySelector(".side-column").removeAttribute("tabindex");
  for (const node of document.querySelectorAll("[data-replay-note]")) node.hidden = true;
  toolbar.replayChanged(false);
  await marks.hide(false);
  await load(bars.interval);
}

// ---- the page's controls
const toolbar = bindToolbar({
  interval: (interval) => {
    keep({ interval });
    history.replaceState(null, "", `?interval=${interval}`);
    if (!replay.isOn()) return load(interval);
    bars.interval = interval;
    view.setInterval(interval);
    return replay.again();
  },
  style: (style) => {
    keep({ style });
    view.setStyle(style);
    view.draw(bars.rows);
  },
  scale: (scale) => {
    keep({ scale });
    view.setScale(scale);
  },
  indicators: () => pickIndicator((name) => indicators.add({ name })),
  compare: () => findSymbol("Compare with", addCompared),
  symbol: () => findSymbol("Show the chart of", (other) => show(addressOf(other))),
  replay: () => (replay.isOn() ? replay.leave() : replay.begin()),
  journal: () => journal.open(),
  tool: drawings.tool,
  drawings,
  saveAsDefault: layout.saveAsDefault,
  forget: layout.forget,
});
bindKeys({ chart, toolbar, drawings, replay, root });

chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
  if (range && range.from < EDGE) bars.older();
});
chart.subscribeCrosshairMove((move) => {
  pointing = move.time ?? null;
  describe();
});
document.addEventListener("desk:theme", () => {
  view.paint(bars.rows);
  indicators.paint();
  compare.paint();
  legend.rows([...compare.rows(), ...indicators.rows()]);
  drawings.paint();
  marks.load();
});
document.addEventListener("desk:quotes", ({ detail }) => {
  for (const other of compare.keys()) if (detail.has(other)) compare.follow(other, latest(other));
});
let wasOff = false;
document.addEventListener("desk:socket", ({ detail: { state } }) => {
  wasOff ||= state === "off";
  if (!wasOff || state !== "live") return;
  wasOff = false;
  if (!replay.isOn()) load(bars.interval);
});
for (const stream of ["orders", "positions"]) on(stream, () => setTimeout(marks.load, MARKS_WAIT_MS));

// ---- which instrument is shown
/** The look that is kept for the instrument: style, scale, interval, comparisons and indicators; then its drawings. */
async function begin() {
  view.setStyle(layout.look.style);
  view.setScale(layout.look.scale);
  toolbar.show({ ...layout.look, interval: root.dataset.interval });
  const turn = turns;
  await load(root.dataset.interval);
  if (turn !== turns) return;
  const drawn = drawings.load();
  const kept = [
    ...layout.look.compare.map((other) => () => addCompared(other)),
    ...layout.look.indicators.map((one) => () => indicators.add(one).catch((error) => failed(one.name, error.message))),
  ];
  for (const restore of kept) {
    await restore();
    if (turn !== turns) return;
  }
  await drawn;
  if (turn !== turns) return;
  restoring = false;
  root.dataset.ready = "";
}

/** Another instrument in the place of this one: the address and the way back are those of its own page. */
async function show(address, { isBack = false } = {}) {
  const turn = ++turns;
  if (replay.isOn()) await replay.leave();
  layout.flush();
  note.textContent = "Loading …";
  note.hidden = false;
  const page = await pageAt(address);
  if (turn !== turns) return;
  if (!page) {
    location.assign(address);
    return;
  }
  if (!isBack) history.pushState(null, "", address);
  restoring = true;
  delete root.dataset.ready;
  indicators.clear();
  for (const other of compare.keys()) removeCompared(`c-${other}`);
  drawings.clear();
  marks.clear();
  bars.clear();
  pointing = null;
  take(page);
  layout.read();
  view.reformat();
  await begin();
}

/** Whether the page can show the address itself; it does so then. */
function follow(address) {
  const key = keyAt(address);
  if (key && key !== instrument.key) show(address);
  return Boolean(key);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  const isPlain = !event.button && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (link && isPlain && !link.target && !event.defaultPrevented && follow(link.href)) event.preventDefault();
});
document.addEventListener("desk:go", (event) => {
  if (follow(event.detail)) event.preventDefault();
});
addEventListener("popstate", () => {
  if (keyAt(location.href) !== instrument.key) show(location.href, { isBack: true });
});

view.paint([]);
await begin();
if (journal?.at) await goTo(onAxis(journal.at));
