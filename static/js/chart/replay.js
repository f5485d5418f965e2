/** Replay: a past day is shown bar by bar, as if it were happening. Nothing can be ordered from it. */
import { fetchBars } from "./bars.js";
import { DAY, SECONDS, instantOf, isIntraday, timeText } from "./times.js";

const BEFORE = 300;
const MOST = 2000;

/** `start()` and `end()` switch the page; `loaded()` after a day was read; `show(rows)` draws what is known by then. */
export function createReplay({ bars, start, show, loaded, end, failed }) {
  const bar = document.getElementById("chart-replay");
  const date = bar.querySelector("[name=date]");
  const slider = bar.querySelector("[name=position]");
  const speed = bar.querySelector("[name=speed]");
  const play = bar.querySelector("[data-play]");
  const clock = bar.querySelector("[data-clock]");
  let rows = [];
  let first = 0;
  let position = 0;
  let timer = 0;
  let active = false;

  const midnight = (text) => Date.parse(`${text}T00:00:00Z`) / 1000;
  const dayText = (time) => new Date(time * 1000).toISOString().slice(0, 10);

  async function choose(day) {
    pause();
    const span = isIntraday(bars.interval) ? DAY : SECONDS[bars.interval] * 60;
    try {
      const found = await fetchBars(bars.key, { interval: bars.interval, limit: MOST, to: instantOf(day + span) });
      const at = found.findIndex((each) => each.time >= day);
      if (at < 0) throw new Error("there are no bars on that day");
      first = Math.min(at, BEFORE);
      rows = found.slice(at - first);
    } catch (error) {
      failed(error.message);
      return false;
    }
    slider.max = String(rows.length - first - 1);
    go(0);
    loaded();
    return true;
  }

  function go(next) {
    position = Math.max(0, Math.min(rows.length - first - 1, next));
    slider.value = String(position);
    const seen = rows.slice(0, first + position + 1);
    clock.textContent = timeText(seen.at(-1).time, bars.interval);
    slider.setAttribute("aria-valuetext", clock.textContent);
    show(seen);
    if (position >= rows.length - first - 1) pause();
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    play.setAttribute("aria-pressed", "false");
    play.querySelector("span").textContent = "Play";
  }

  function run() {
    pause();
    play.setAttribute("aria-pressed", "true");
    play.querySelector("span").textContent = "Pause";
    timer = setInterval(() => go(position + 1), 1000 / Number(speed.value));
  }

  /** Begin with the last day that has bars. */
  async function begin() {
    const last = bars.rows.at(-1);
    if (!last) return;
    date.max = dayText(last.time);
    const days = [...new Set(bars.rows.map((each) => each.time - (each.time % DAY)))];
    const day = isIntraday(bars.interval) ? days.at(-2) ?? days.at(-1) : bars.rows.at(-60)?.time ?? bars.rows[0].time;
    date.value = dayText(day);
    active = true;
    bar.hidden = false;
    start();
    if (!(await choose(day))) leave();
    else play.focus();
  }

  function leave() {
    pause();
    active = false;
    rows = [];
    bar.hidden = true;
    return end();
  }

  date.addEventListener("change", () => date.value && choose(midnight(date.value)));
  slider.addEventListener("input", () => { pause(); go(Number(slider.value)); });
  speed.addEventListener("change", () => timer && run());
  play.addEventListener("click", () => (timer ? pause() : run()));
  bar.querySelector("[data-back]").addEventListener("click", () => { pause(); go(position - 1); });
  bar.querySelector("[data-next]").addEventListener("click", () => { pause(); go(position + 1); });
  bar.querySelector("[data-leave]").addEventListener("click", leave);

  return {
    begin, leave,
    isOn: () => active,
    /** While a day is replayed: the last bar that is shown, and the end of those that are loaded. */
    state: () => (active && rows.length ? { last: rows[first + position].time, end: rows.at(-1).time + SECONDS[bars.interval] } : null),
    /** Another interval: the same day again. */
    again: () => active && choose(midnight(date.value)),
    step: (by) => { pause(); go(position + by); },
  };
}
