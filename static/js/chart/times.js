/** Times on the chart's axis: Unix seconds moved by India's offset, because the library knows UTC only. */
export const IST_SECONDS = 19_800;
export const DAY = 86_400;
const WEEK = 7 * DAY;
// 1 January 1970 was a Thursday: weeks begin on Monday.
const MONDAY = 3 * DAY;
export const SECONDS = { "1m": 60, "3m": 180, "5m": 300, "15m": 900, "30m": 1800, "1h": 3600, "1d": DAY, "1w": WEEK };
const SESSION_START = 9 * 3600 + 15 * 60;

/** An instant (RFC 3339, or Unix seconds) on the axis. */
export const onAxis = (instant) => (typeof instant === "number" ? instant : Date.parse(instant) / 1000) + IST_SECONDS;
/** A place on the axis as RFC 3339. */
export const instantOf = (time) => new Date((time - IST_SECONDS) * 1000).toISOString();
/** Whether bars of this interval lie inside a session. */
export const isIntraday = (interval) => SECONDS[interval] < DAY;

/** The start of the bar that a place on the axis belongs to; intraday bars count from the session's open. */
export function barStart(time, interval) {
  const size = SECONDS[interval];
  if (size === WEEK) return Math.floor((time + MONDAY) / WEEK) * WEEK - MONDAY;
  const day = time - (time % DAY);
  if (size === DAY) return day;
  return day + SESSION_START + Math.floor((time - day - SESSION_START) / size) * size;
}

const formats = {
  moment: new Intl.DateTimeFormat("en-IN", { timeZone: "UTC", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  day: new Intl.DateTimeFormat("en-IN", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" }),
};
/** A place on the axis in words, in Indian time. */
export const timeText = (time, interval) => formats[isIntraday(interval) ? "moment" : "day"].format(time * 1000);
