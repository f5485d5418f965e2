/** What the crosshair stands on: prices, change and volume of the bar, and a row for each indicator and comparison. */
import { el, icon } from "../dom.js";
import { plain, signed, tone } from "../format.js";
import { instrument } from "./instrument.js";

const ACTIONS = [["toggle", "eye", "Hide or show"], ["edit", "gear", "Settings of"], ["remove", "close", "Remove"]];

/** `legend.describe(bar, before)`; `legend.rows(list)` where each item is `{id, label, pane, hidden, actions, values()}`. */
export function createLegend({ root, chart, act }) {
  const box = document.getElementById("chart-legend");
  const list = document.getElementById("chart-rows");
  let items = [];

  function describe(bar, before) {
    if (!bar) return;
    const { places } = instrument;
    const change = before ? bar.close - before.close : 0;
    const percent = before ? (change / before.close) * 100 : 0;
    for (const node of box.querySelectorAll("[data-part]")) {
      const { part } = node.dataset;
      node.className = `num ${part === "change" ? tone(change) : ""}`;
      if (part === "volume") node.textContent = plain(bar.volume, 0);
      else if (part === "change") node.textContent = `${signed(change, places)} (${signed(percent, 2, { unit: "%" })})`;
      else node.textContent = plain(bar[part], places);
    }
  }

  function row(item) {
    const node = el("div", { className: `chart-row${item.hidden ? " off" : ""}` }, el("span", { className: "clip" }, item.label), el("span", { className: "chart-values num" }));
    node.dataset.row = item.id;
    const buttons = ACTIONS.filter(([name]) => item.actions.includes(name)).map(([name, symbol, words]) => {
      const button = el("button", { type: "button", title: `${words} ${item.label}` }, icon(symbol, "s"), el("span", { className: "sr-only" }, `${words} ${item.label}`));
      button.addEventListener("click", () => act(name, item.id));
      return button;
    });
    node.append(el("span", { className: "chart-row-acts" }, ...buttons));
    return node;
  }

  function rows(next) {
    items = next;
    const panes = new Map();
    for (const item of items) {
      if (!panes.has(item.pane)) panes.set(item.pane, el("div", { className: "chart-rows-pane" }));
      panes.get(item.pane).append(row(item));
    }
    for (const [pane, node] of panes) node.dataset.pane = pane;
    list.replaceChildren(...panes.values());
    place();
    values(null);
  }

  /** Rows of a pane of its own stand at that pane's top; panes are moved and resized by hand. */
  function place() {
    let top = 0;
    const tops = chart.panes().map((pane) => {
      const here = top;
      top += pane.getHeight() + 1;
      return here;
    });
    for (const node of list.children) {
      const pane = Number(node.dataset.pane);
      node.style.top = pane ? `${tops[pane] + 4}px` : "";
    }
  }

  /** The values at a bar's time; the latest ones without. */
  function values(time) {
    for (const item of items) {
      const node = list.querySelector(`[data-row="${CSS.escape(item.id)}"] .chart-values`);
      node?.replaceChildren(...item.values(time).map(({ text, colour }) => {
        const part = el("b", {}, text);
        part.style.color = colour;
        return part;
      }));
    }
  }

  new ResizeObserver(() => requestAnimationFrame(place)).observe(root);
  root.addEventListener("pointerup", () => requestAnimationFrame(place));
  return { describe, rows, values, place };
}
