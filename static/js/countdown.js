/** The market's clock and what remains of its session. In a replay, market time runs at its own speed. */
const loaded = Date.now();
const MINUTE = 60_000;

/** Market time now, in milliseconds since 1970. */
function marketNow() {
  const { marketNow: origin, marketSpeed: speed } = document.body.dataset;
  return origin ? Date.parse(origin) + (Date.now() - loaded) * Number(speed || 1) : Date.now();
}

function left(ms) {
  const minutes = Math.floor(ms / MINUTE);
  if (ms < MINUTE) return `${Math.max(0, Math.ceil(ms / 1000))} s`;
  if (minutes < 60) return `${minutes} m`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} m` : `${Math.floor(hours / 24)} d`;
}

const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Kolkata", hour: "2-digit", minute: "2-digit", second: "2-digit" });

function tick() {
  const now = marketNow();
  for (const node of document.querySelectorAll("[data-countdown]")) node.textContent = left(Date.parse(node.dataset.countdown) - now);
  for (const node of document.querySelectorAll("[data-market-clock]")) node.textContent = clock.format(now);
}

setInterval(tick, 1000);
tick();
