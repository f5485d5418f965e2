/** The chart's header and tool strip: buttons call what the page does, and show what is in force. */
import { el, icon } from "../dom.js";

const all = (selector) => [...document.querySelectorAll(selector)];
const press = (nodes, chosen, name) => nodes.forEach((node) => node.setAttribute("aria-pressed", String(node.dataset[name] === chosen)));

/** `do` holds what each control does, by name. */
export function bindToolbar(acts) {
  const panel = document.querySelector(".panel.chart");
  const list = document.getElementById("chart-drawing-list");
  const undo = document.querySelector("[data-chart-undo]");
  const redo = document.querySelector("[data-chart-redo]");

  function show({ interval, style, scale }) {
    if (interval) press(all("button[data-interval]"), interval, "interval");
    for (const [name, value] of [["style", style], ["scale", scale]]) {
      const select = document.getElementById(`chart-${name}`);
      if (value) select.value = value;
    }
  }

  for (const button of all("button[data-interval]")) {
    button.addEventListener("click", () => {
      press(all("button[data-interval]"), button.dataset.interval, "interval");
      acts.interval(button.dataset.interval);
    });
  }
  for (const name of ["style", "scale"]) {
    document.getElementById(`chart-${name}`).addEventListener("change", (event) => acts[name](event.target.value));
  }
  for (const button of all("[data-chart-act]")) {
    button.addEventListener("click", () => {
      button.closest("details")?.removeAttribute("open");
      acts[button.dataset.chartAct]();
    });
  }
  for (const button of all("[data-tool]")) button.addEventListener("click", () => acts.tool(button.dataset.tool));
  undo.addEventListener("click", () => acts.drawings.undo());
  redo.addEventListener("click", () => acts.drawings.redo());
  document.querySelector("[data-chart-hide]").addEventListener("click", (event) => {
    const hide = !acts.drawings.isHidden();
    acts.drawings.hide(hide);
    event.currentTarget.setAttribute("aria-pressed", String(hide));
  });

  async function fullScreen() {
    if (document.fullscreenElement) await document.exitFullscreen();
    else await panel.requestFullscreen?.();
  }
  document.querySelector("[data-chart-full]").addEventListener("click", fullScreen);
  document.addEventListener("fullscreenchange", () => {
    document.querySelector("[data-chart-full]").setAttribute("aria-pressed", String(Boolean(document.fullscreenElement)));
  });

  function row({ id, label }) {
    const choose = el("button", { type: "button", className: "item clip" }, label);
    choose.addEventListener("click", () => acts.drawings.select(id));
    const remove = el("button", { type: "button", className: "btn s quiet" }, icon("trash", "s"), el("span", { className: "sr-only" }, `Delete ${label}`));
    remove.addEventListener("click", (event) => {
      // The row is gone before the click reaches the document, where a click outside would close the menu.
      event.stopPropagation();
      acts.drawings.remove(id);
    });
    return el("li", {}, choose, remove);
  }

  function drawingsChanged() {
    const drawn = acts.drawings.list();
    list.replaceChildren(...drawn.map(row));
    if (!drawn.length) list.replaceChildren(el("li", { className: "mute" }, "Nothing is drawn here."));
    document.getElementById("chart-drawing-count").textContent = drawn.length || "";
    undo.disabled = !acts.drawings.mayUndo();
    redo.disabled = !acts.drawings.mayRedo();
  }

  return {
    show, fullScreen, drawingsChanged,
    toolChanged: (kind) => press(all("[data-tool]"), kind, "tool"),
    replayChanged: (on) => all('[data-chart-act="replay"]').forEach((button) => button.setAttribute("aria-pressed", String(on))),
    act: (name) => acts[name](),
  };
}
