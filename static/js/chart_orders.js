/** Lines of an account's live orders and triggers on the chart: drag one, or move it by the arrow keys, to change it.
 *
 * The line goes where it is put at once; it comes back if the server refuses, with the reason in a toast.
 */
import { LineStyle } from "../vendor/lightweight-charts.mjs";
import { instrument } from "./chart/instrument.js";
import { el } from "./dom.js";
import { plain } from "./format.js";
import { openSheet } from "./sheet.js";
import { toast } from "./toasts.js";

const REACH = { mouse: 6, pen: 10, touch: 16 };
const LEAP = 10;

/** Lines over `series`; `show(orders, triggers, palette)` draws them, `reload` asks for the marks again. */
export function orderLines({ chart, series, root, reload }) {
  const chips = document.getElementById("chart-orders");
  const news = document.getElementById("chart-orders-news");
  let lines = [];
  let moving = null;
  let waiting = null;

  const snap = (price) => Math.max(instrument.tick, Math.round(price / instrument.tick) * instrument.tick);
  const text = (price) => plain(price, instrument.places);

  function show(orders, triggers, palette) {
    if (moving) {
      waiting = [orders, triggers, palette];
      return;
    }
    const focused = document.activeElement?.closest?.("#chart-orders button")?.dataset.line;
    lines.forEach(({ drawn }) => series.removePriceLine(drawn));
    lines = [...orders.flatMap(ofOrder), ...triggers.map(ofTrigger)].map((line) => ({ ...line, drawn: series.createPriceLine({
      price: line.price, color: palette[line.side.toLowerCase()], lineWidth: 1, axisLabelVisible: true, lineStyle: line.style, title: line.title,
    }) }));
    chips?.replaceChildren(...lines.map(chip));
    if (focused) chips.querySelector(`[data-line="${focused}"]`)?.focus();
  }

  const named = ({ side, quantity }) => `${side} ${plain(quantity, 0)}`;
  const kept = (price, moved) => snap(Number(price) + moved).toFixed(instrument.places);

  function ofOrder(order) {
    const line = (field, title, style) => ({
      key: `${order.id}-${field}`, side: order.side, mayModify: order.may_modify, price: Number(order[field]), title, style,
      url: `/api/v1/orders/${order.id}`, sheet: [`/orders/${order.id}/modify/`, "Modify order"],
      // The limit of a stop keeps its distance from the trigger.
      body: (price, moved) => ({
        [field]: price.toFixed(instrument.places),
        ...(field === "trigger_price" && order.price !== null ? { price: kept(order.price, moved) } : {}),
      }),
    });
    const found = [];
    if (order.trigger_price !== null) found.push(line("trigger_price", `${named(order)} stop`, LineStyle.LargeDashed));
    if (order.price !== null) found.push(line("price", order.trigger_price === null ? named(order) : `${named(order)} limit`, LineStyle.Dashed));
    return found;
  }

  function ofTrigger(leg) {
    return {
      key: `${leg.id}-${leg.role}`, side: leg.side, mayModify: leg.may_modify, price: Number(leg.trigger_price), style: LineStyle.SparseDotted,
      title: `${named(leg)} ${leg.label}`, url: `/api/v1/triggers/${leg.id}`, sheet: [`/triggers/${leg.id}/modify/`, "Modify trigger"],
      body: (price, moved) => ({ legs: [{ role: leg.role, ...legTerms(leg, price, moved) }] }),
    };
  }

  /** A trailing stop has no price of its own: its gap to the best price changes. */
  function legTerms(leg, price, moved) {
    const gap = Math.abs(Number(leg.peak_price) - price);
    if (leg.trail_points !== null) return { trail_points: gap.toFixed(instrument.places) };
    if (leg.trail_percent !== null) return { trail_percent: ((gap / Number(leg.peak_price)) * 100).toFixed(2) };
    return { trigger_price: price.toFixed(instrument.places), ...(leg.price === null ? {} : { price: kept(leg.price, moved) }) };
  }

  function chip(line) {
    const button = el("button", { type: "button", className: `btn s ${line.side.toLowerCase()}-text` }, `${line.title} · `, el("b", { className: "num" }, text(line.price)));
    button.dataset.line = line.key;
    button.disabled = !line.mayModify;
    button.title = "Arrow keys move it, Enter sends, Escape puts it back; a click opens it";
    button.addEventListener("click", () => { if (!moving) openSheet(...line.sheet); });
    button.addEventListener("keydown", (event) => byKey(event, line, button));
    button.addEventListener("blur", () => { if (moving?.line === line && !moving.sent) back(); });
    return button;
  }

  function byKey(event, line, button) {
    const steps = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (steps) {
      event.preventDefault();
      moving ??= { line, from: line.price };
      put(line, line.price + steps * instrument.tick * (event.shiftKey ? LEAP : 1));
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
    let problem = null;
    try {
      const answer = await fetch(line.url, {
        method: "PUT",
        headers: { Accept: "application/json", "Content-Type": "application/json", ...JSON.parse(document.body.getAttribute("hx-headers")) },
        body: JSON.stringify(line.body(line.price, line.price - from)),
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
      .filter(({ mayModify }) => mayModify)
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
