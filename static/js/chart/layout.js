/** How this chart looks, kept for the member: each change is saved a moment later. */
import { toast } from "../toasts.js";

const WAIT_MS = 500;

/** Headers of a write: what HTMX sends too. */
export const writeHeaders = () => ({ Accept: "application/json", "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) });

/** The layout the page came with; `change({style: "LINE"})` keeps it for this instrument. */
export function createLayout(root) {
  const layout = { look: written() };
  let timer = 0;

  function written() {
    const { saved_for: _, ...look } = JSON.parse(root.dataset.layout);
    return look;
  }

  async function send(target) {
    const answer = await fetch(`/api/v1/chart-layouts/${encodeURIComponent(target)}`, { method: "PUT", headers: writeHeaders(), body: JSON.stringify(layout.look), keepalive: true }).catch(() => null);
    if (!answer?.ok) toast("How this chart looks could not be kept.", { tone: "bad" });
    return Boolean(answer?.ok);
  }

  /** Keep at once what waits to be kept. */
  function flush() {
    if (!timer) return;
    clearTimeout(timer);
    timer = 0;
    send(root.dataset.key);
  }

  layout.change = (parts) => {
    Object.assign(layout.look, parts);
    clearTimeout(timer);
    timer = setTimeout(flush, WAIT_MS);
  };
  /** For every chart that has no layout of its own. */
  layout.saveAsDefault = async () => {
    if (await send("default")) toast("Charts without a look of their own now look like this one.", { tone: "ok" });
  };
  /** Back to the default. */
  layout.forget = async () => {
    clearTimeout(timer);
    timer = 0;
    await fetch(`/api/v1/chart-layouts/${encodeURIComponent(root.dataset.key)}`, { method: "DELETE", headers: writeHeaders() });
    location.reload();
  };
  layout.flush = flush;
  /** The look of the instrument that the page shows now. */
  layout.read = () => { layout.look = written(); };
  window.addEventListener("pagehide", flush);
  return layout;
}
