/**
 * The bars of one instrument at one interval: loaded, extended into the past as the reader scrolls, and kept up with
 * the market by the current bar that the socket sends. Once a bar has closed it is read again: of a bar's last moments
 * the socket may have left some out.
 */
import { on, subscribe, unsubscribe } from "../socket.js";
import { SECONDS, instantOf, onAxis } from "./times.js";

const PAGE = 1000;
const SETTLE_MS = 2_500;

/** Candles over REST as `{time, open, high, low, close, volume}`; throws with words for the reader. */
export async function fetchBars(key, query) {
  const answer = await fetch(`/api/v1/candles/${encodeURIComponent(key)}?${new URLSearchParams(query)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail ?? `the server answered ${answer.status}`);
  return (await answer.json()).candles.map(barOf);
}

/** A candle of the API or the socket as a bar. */
const barOf = ([time, open, high, low, close, volume]) => ({
  time: onAxis(time), open: Number(open), high: Number(high), low: Number(low), close: Number(close), volume: Number(volume),
});

/** A store of bars. `changed(what)` is called with "all", "older", "tail" (the last bar moved) or "closed". */
export function createBars(instrument, changed) {
  const store = { get key() { return instrument.key; }, interval: "", rows: [], complete: false, frozen: false };
  let asked = 0;
  let loading = null;
  let settling = 0;
  let followed = null;

  store.load = async (interval) => {
    const ticket = ++asked;
    store.interval = interval;
    store.frozen = false;
    follow(interval);
    const rows = await fetchBars(store.key, { interval, limit: PAGE });
    if (ticket !== asked) return;
    store.rows = rows;
    store.complete = rows.length === 0;
    changed("all");
  };

  /** A page further back; nothing once the beginning is reached. */
  store.older = () => {
    if (loading || store.complete || !store.rows.length) return loading;
    const ticket = asked;
    loading = fetchBars(store.key, { interval: store.interval, limit: PAGE, to: instantOf(store.rows[0].time) }).then((rows) => {
      const earlier = rows.filter((bar) => bar.time < store.rows[0].time);
      if (ticket !== asked) return;
      store.complete = earlier.length === 0;
      if (!earlier.length) return;
      store.rows = [...earlier, ...store.rows];
      changed("older");
    }).finally(() => { loading = null; });
    return loading;
  };

  /** No bars at all: those of another instrument are not on the screen for a moment. */
  store.clear = () => {
    asked += 1;
    store.rows = [];
    store.complete = true;
    changed("all");
  };

  /** Show these rows and nothing newer, until the next `load`. */
  store.freeze = (rows) => {
    if (!store.frozen) asked += 1;
    store.frozen = true;
    store.complete = true;
    store.rows = rows;
  };

  function follow(interval) {
    if (followed?.interval === interval && followed.symbols[0] === store.key) return;
    if (followed) unsubscribe("candles", followed);
    followed = { symbols: [store.key], interval };
    subscribe("candles", followed);
  }

  on("candles", ({ symbol, interval, candle }) => {
    const last = store.rows.at(-1);
    if (store.frozen || symbol !== store.key || interval !== store.interval || !last) return;
    const bar = barOf(candle);
    if (bar.time < last.time) return;
    if (bar.time > last.time) {
      store.rows.push(bar);
      changed("closed");
      settle();
      return;
    }
    Object.assign(last, bar);
    changed("tail");
  });

  function settle() {
    clearTimeout(settling);
    const ticket = asked;
    settling = setTimeout(async () => {
      const fresh = await fetchBars(store.key, { interval: store.interval, limit: 4 }).catch(() => []);
      if (ticket !== asked || !fresh.length) return;
      const forming = store.rows.at(-1)?.time;
      const known = new Map(fresh.filter((bar) => bar.time < forming).map((bar) => [bar.time, bar]));
      store.rows = store.rows.map((bar) => known.get(bar.time) ?? bar);
      changed("settled");
    }, SETTLE_MS);
  }

  /** The place of a time among the bars, with fractions between them and beyond the ends. */
  store.indexAt = (time) => {
    const { rows } = store;
    if (!rows.length) return null;
    const size = SECONDS[store.interval];
    if (time <= rows[0].time) return (time - rows[0].time) / size;
    const last = rows.length - 1;
    if (time >= rows[last].time) return last + (time - rows[last].time) / size;
    let [low, high] = [0, last];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (rows[middle].time <= time) low = middle;
      else high = middle;
    }
    // A night or a weekend is one step on the axis.
    return low + (time - rows[low].time) / (rows[high].time - rows[low].time);
  };

  /** The time at a whole place, counted on behind the last bar. */
  store.timeAt = (index) => {
    const { rows } = store;
    const last = rows.length - 1;
    const size = SECONDS[store.interval];
    if (index < 0) return rows[0].time + index * size;
    return index <= last ? rows[index].time : rows[last].time + (index - last) * size;
  };
  return store;
}

/** Heikin-Ashi candles: each is drawn from the averages of its own bar and of the candle before. */
export function heikinAshi(rows) {
  let before = null;
  return rows.map((bar) => {
    const close = (bar.open + bar.high + bar.low + bar.close) / 4;
    const open = before ? (before.open + before.close) / 2 : (bar.open + bar.close) / 2;
    before = { ...bar, open, close, high: Math.max(bar.high, open, close), low: Math.min(bar.low, open, close) };
    return before;
  });
}
