/** Numbers as the server's template tags write them: Indian grouping, a true minus, an explicit plus. */
const formats = new Map();

function grouped(value, places) {
  if (!formats.has(places)) {
    formats.set(places, new Intl.NumberFormat("en-IN", { minimumFractionDigits: places, maximumFractionDigits: places }));
  }
  return formats.get(places).format(Math.abs(value));
}

const isZero = (value, places) => Math.abs(value) < 0.5 / 10 ** places;

/** A plain number: "1,515.20", "−75". */
export function plain(value, places = 2) {
  return (value < 0 && !isZero(value, places) ? "−" : "") + grouped(value, places);
}

/** A change: "+7.25", "−0.40", "0.00"; `unit` goes behind, `currency` between sign and number. */
export function signed(value, places = 2, { unit = "", currency = "" } = {}) {
  const sign = isZero(value, places) ? "" : value > 0 ? "+" : "−";
  return sign + currency + grouped(value, places) + unit;
}

const dates = new Intl.DateTimeFormat("en-IN", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });

/** A calendar day given as "2026-11-20": "20 Nov 2026". */
export function day(iso) {
  return dates.format(new Date(`${iso}T00:00:00Z`));
}

/** The CSS class of a gain or a loss. */
export function tone(value) {
  return value > 0 ? "gain" : value < 0 ? "loss" : "";
}
