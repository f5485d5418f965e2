/** The state of the connection, said where it can be seen, and the count on the bell. */
import { toast } from "./toasts.js";
import { on, subscribe } from "./socket.js";

const WORDS = {
  connecting: "Connecting to live prices",
  live: "Prices are live",
  stale: "No price has moved for a while",
  off: "Disconnected: prices are as of the last update",
};
const TONES = { trade_executed: "ok", order_rejected: "bad", risk: "warn" };

document.addEventListener("desk:socket", ({ detail: { state, code } }) => {
  document.documentElement.dataset.feed = state;
  for (const dot of document.querySelectorAll("[data-feed-dot]:not(.idle)")) {
    dot.className = `dot ${state === "live" ? "" : state}`;
  }
  for (const node of document.querySelectorAll("[data-feed-words]")) node.textContent = WORDS[state] ?? "";
  for (const node of document.querySelectorAll("[data-feed-state]")) node.title = WORDS[state] ?? "";
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
