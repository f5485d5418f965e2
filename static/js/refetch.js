/** `data-refetch-on="orders positions"`: ask the server for the partial again when one of these streams moves. */
import { on, subscribe } from "./socket.js";

const MIN_GAP_MS = 400;
const last = new WeakMap();
const waiting = new WeakSet();

function refetch(node) {
  if (waiting.has(node)) return;
  waiting.add(node);
  const wait = Math.max(60, MIN_GAP_MS - (performance.now() - (last.get(node) ?? -MIN_GAP_MS)));
  setTimeout(() => {
    waiting.delete(node);
    last.set(node, performance.now());
    // Whoever is typing into the partial would lose what they typed; the next event comes soon enough.
    const typing = node.querySelector("input:focus, select:focus, textarea:focus");
    if (node.isConnected && !typing) window.htmx.trigger(node, "refetch");
  }, wait);
}

/** Re-fetch everything that depends on a stream. */
function refetchAll(stream) {
  document.querySelectorAll(`[data-refetch-on~="${stream}"]`).forEach(refetch);
}

const account = document.body.dataset.account;
if (account) {
  for (const stream of ["orders", "positions"]) {
    subscribe(stream, { account });
    on(stream, () => refetchAll(stream));
  }
}
document.addEventListener("desk:changed", (event) => event.detail.value.split(" ").forEach(refetchAll));
