/** Lines of an account's live orders on the chart: drag one, or move it by the arrow keys, to change the order.
 *
 * The line goes where it is put at once; it comes back if the server refuses, with the reason in a toast.
 */
import { LineStyle } from "../vendor/lightweight-charts.mjs";
import { el } from "./dom.js";
import { plain } from "./format.js";
import { openSheet } from "./sheet.js";
import { toast } from "./toasts.js";

const REACH = { mouse: 6, pen: 10, touch: 16 };
const LEAP = 10;

/** Order lines over `series`; `show(orders, palette)` draws them, `reload` asks for the marks again. */
export function orderLines({ chart, series, root, reload }) {
  const tick = Number(root.dataset.tick);
  const places = Number(root.dataset.places);
  const chips = document.getElementById("chart-orders");
  const news = document.getElementById("chart-orders-news");
  let lines = [];
  let moving = null;
  let waiting = null;

  const snap = (price) => Math.max(tick, Math.round(price / tick) * tick);
  const text = (price) => plain(price, places);

  function show(orders, palette) {
    if (moving) {
      waiting = [orders, palette];
      return;
    }
    const focused = document.activeElement?.closest?.("#chart-orders button")?.dataset.line;
    lines.forEach(({ drawn }) => series.removePriceLine(drawn));
    lines = orders.flatMap(linesOf).map((line) => ({ ...line, drawn: series.createPriceLine({
      price: line.price, color: palette[line.order.side.toLowerCase()], lineWidth: 1, axisLabelVisible: true,
      lineStyle: line.field === "trigger_price" ? LineStyle.LargeDashed : LineStyle.Dashed, title: line.title,
    }) }));
    chips?.replaceChildren(...lines.map(chip));
    if (focused) chips.querySelector(`[data-line="${focused}"]`)?.focus();
  }

  function linesOf(order) {
    const name = `${order.side} ${plain(order.quantity, 0)}`;
    const found = [];
    if (order.trigger_price !== null) found.push({ order, field: "trigger_price", price: Number(order.trigger_price), title: `${name} stop` });
    if (order.price !== null) found.push({ order, field: "price", price: Number(order.price), title: order.trigger_price === null ? name : `${name} limit` });
    return found;
  }

  function chip(line) {
    const button = el("button", { type: "button", className: `btn s ${line.order.side.toLowerCase()}-text` }, `${line.title} · `, el("b", { className: "num" }, text(line.price)));
    button.dataset.line = `${line.order.id}-${line.field}`;
    button.disabled = !line.order.may_modify;
    button.title = "Arrow keys move it, Enter sends, Escape puts it back; a click opens the order";
    button.addEventListener("click", () => { if (!moving) openSheet(`/orders/${line.order.id}/modify/`, "Modify order"); });
    button.addEventListener("keydown", (event) => byKey(event, line, button));
    button.addEventListener("blur", () => { if (moving?.line === line && !moving.sent) back(); });
    return button;
  }

  function byKey(event, line, button) {
    const steps = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (steps) {
      event.preventDefault();
      moving ??= { line, from: line.price };
      put(line, line.price + steps * tick * (event.shiftKey ? LEAP : 1));
      button.querySelector("b").textContent = text(line.price);
      news.textContent = `${line.title} at ${text(line.price)}, not sent yet`;
    } else if (moving?.line === line && event.key === "Enter") {
      event.preventDefault();
      send();
    } else if (moving?.line === line && event.key === "Escape") {
      event.stopPropagation();
      back();
      button.querySelector("b").textContent = text(line.price);
      news.textContent = `${line.title} is back at ${text(line.price)}`;
    }
  }

  function put(line, price) {
    line.price = snap(price);
    line.drawn.applyOptions({ price: line.price });
  }

  function release() {
    moving = null;
    root.classList.remove("dragging");
    chart.applyOptions({ handleScroll: true, handleScale: true });
    if (waiting) show(...waiting);
    waiting = null;
  }

  function back() {
    put(moving.line, moving.from);
    release();
  }

  async function send() {
    const { line, from } = moving;
    if (line.price === from) {
      release();
      return;
    }
    moving.sent = true;
    const { order, field } = line;
    const body = { [field]: line.price.toFixed(places) };
    // The limit of a stop keeps its distance from the trigger.
    if (field === "trigger_price" && order.price !== null) body.price = snap(Number(order.price) + line.price - from).toFixed(places);
    let problem = null;
    try {
      const answer = await fetch(`/api/v1/orders/${order.id}`, {
        method: "PUT",
        headers: { Accept: "application/json", "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) },
        body: JSON.stringify(body),
      });
      if (!answer.ok) problem = (await answer.json().catch(() => ({}))).detail ?? `The server answered ${answer.status}.`;
    } catch {
      problem = "The server cannot be reached.";
    }
    if (problem) {
      toast(problem, { tone: "bad", title: `${line.title} stays at ${text(from)}` });
      back();
    } else {
      toast(`Moved ${line.title} from ${text(from)} to ${text(line.price)}.`, { tone: "ok" });
      release();
    }
    reload();
  }

  const at = (event) => event.clientY - root.getBoundingClientRect().top;

  function under(event) {
    if (event.clientX - root.getBoundingClientRect().left > root.clientWidth - chart.priceScale("right").width()) return null;
    const y = at(event);
    const near = lines
      .filter(({ order }) => order.may_modify)
      .map((line) => ({ line, away: Math.abs((series.priceToCoordinate(line.price) ?? Infinity) - y) }))
      .sort((a, b) => a.away - b.away)[0];
    return near && near.away <= (REACH[event.pointerType] ?? REACH.mouse) ? near.line : null;
  }

  // Before the chart sees it, or it would scroll along.
  root.addEventListener("pointerdown", (event) => {
    const line = event.button === 0 && !moving ? under(event) : null;
    if (!line) return;
    event.preventDefault();
    event.stopPropagation();
    moving = { line, from: line.price, pointer: event.pointerId };
    chart.applyOptions({ handleScroll: false, handleScale: false });
    root.setPointerCapture(event.pointerId);
    root.classList.add("dragging");
  }, { capture: true });
  root.addEventListener("pointermove", (event) => {
    if (moving?.pointer === event.pointerId && !moving.sent) put(moving.line, series.coordinateToPrice(at(event)) ?? moving.line.price);
    else if (!moving) root.classList.toggle("over-line", Boolean(under(event)));
  }, { capture: true });
  root.addEventListener("pointerup", (event) => { if (moving?.pointer === event.pointerId && !moving.sent) send(); }, { capture: true });
  root.addEventListener("pointercancel", (event) => { if (moving?.pointer === event.pointerId && !moving.sent) back(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape" && moving?.pointer !== undefined && !moving.sent) back(); });

  return { show };
}
