/** The state of the connection, said where it can be seen, and the count on the bell. */
import { toast } from "./toasts.js";
import { on, subscribe } from "./socket.js";

const WORDS = {
  connecting: "Connecting to live prices",
  live: "Prices are live",
  stale: "No price has moved for a while",
  off: "Disconnected: prices are as of the last update",
};
const NOTE_AFTER_MS = 1500;
const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Kolkata", hour: "2-digit", minute: "2-digit", second: "2-digit" });
const note = document.getElementById("feed-note");
let since = 0;
let noteTimer = 0;

const NOTES = {
  stale: () => `No price has moved since ${clock.format(since)}.`,
  off: () => `Disconnected at ${clock.format(since)}: nothing here is live. Trying again …`,
};

/** Say what is wrong once it has lasted; a new attempt that has not succeeded changes nothing. */
function explain(state) {
  if (state === "connecting" && !note.hidden) return;
  clearTimeout(noteTimer);
  if (!(state in NOTES)) {
    note.hidden = state !== "connecting" || note.hidden;
    since = 0;
    return;
  }
  since ||= Date.now();
  noteTimer = setTimeout(() => {
    note.className = `feed-note ${state}`;
    note.textContent = NOTES[state]();
    note.hidden = false;
  }, NOTE_AFTER_MS);
}

const TONES = { trade_executed: "ok", order_rejected: "bad", risk: "warn" };

document.addEventListener("desk:socket", ({ detail: { state, code } }) => {
  document.documentElement.dataset.feed = state;
  for (const dot of document.querySelectorAll("[data-feed-dot]:not(.idle)")) {
    dot.className = `dot ${state === "live" ? "" : state}`;
  }
  for (const node of document.querySelectorAll("[data-feed-words]")) node.textContent = WORDS[state] ?? "";
  for (const node of document.querySelectorAll("[data-feed-state]")) node.title = WORDS[state] ?? "";
  explain(state);
  if (code === 4401) location.reload();
});

function count(step) {
  for (const badge of document.querySelectorAll("[data-unread]")) {
    const next = Math.max(0, Number(badge.dataset.count) + step);
    badge.dataset.count = next;
    badge.textContent = next > 99 ? "99+" : next;
  }
}

if (document.querySelector("[data-unread]")) {
  subscribe("notifications");
  on("notifications", (frame) => {
    if (!frame.data?.title) return;
    count(1);
    toast(frame.data.body || frame.data.title, { title: frame.data.body ? frame.data.title : "", tone: TONES[frame.event] ?? "" });
  });
}
