/** Drawing on the chart: a tool is taken, points are set; what is drawn can be moved, recoloured and deleted. */
import { el, icon } from "../dom.js";
import { instrument } from "./instrument.js";
import { COLOURS } from "./view.js";
import { createDrawingStore } from "./drawing_store.js";
import { paint, touched } from "./drawing_shapes.js";

const REACH = { mouse: 6, pen: 10, touch: 16 };
const ONE_POINT = new Set(["HORIZONTAL", "VERTICAL", "TEXT"]);
const NAMES = { TREND: "Trend line", HORIZONTAL: "Horizontal line", VERTICAL: "Vertical line", RECTANGLE: "Rectangle", FIBONACCI: "Fibonacci", TEXT: "Text" };
const DRAG = 4;

/** `tool(kind)` takes a tool ("" for none); `toolChanged(kind)` tells which one is in hand. */
export function createDrawings({ view, bars, root, toolChanged, changed }) {
  const { chart, price } = view;
  const acts = document.getElementById("chart-drawing-acts");
  const textDialog = document.getElementById("chart-text");
  const store = createDrawingStore({ changed: refresh });
  let kind = "";
  let draft = null;
  let selected = "";
  let moving = null;
  let request = () => {};
  let hidden = false;

  // ---- from the market to the screen and back
  // Other lines may have bars of their own on the axis, so a place among ours is not yet one on the axis.
  const onAxisAt = (index) => chart.timeScale().timeToIndex(bars.rows[index].time, true);
  function logicalOf(time) {
    const index = bars.indexAt(time);
    const last = bars.rows.length - 1;
    if (index <= 0) return onAxisAt(0) + index;
    if (index >= last) return onAxisAt(last) + index - last;
    const left = Math.floor(index);
    return onAxisAt(left) + (index - left) * (onAxisAt(left + 1) - onAxisAt(left));
  }
  const xOf = (time) => chart.timeScale().logicalToCoordinate(logicalOf(time));
  const place = ({ time, price: value }) => ({ x: time === null ? 0 : xOf(time), y: value === null ? 0 : price.priceToCoordinate(value) });
  function shapeOf(drawing, { width, height }) {
    const [a, b] = drawing.points.map(place);
    return { kind: drawing.kind, text: drawing.text, a, b, width, height, prices: drawing.points.map((point) => point.price), textWidth: drawing.textWidth ?? 60 };
  }
  const paneHeight = () => chart.panes()[0].getHeight();
  const plotWidth = () => root.clientWidth - chart.priceScale("right").width();
  const size = () => ({ width: plotWidth(), height: paneHeight() });
  function spot(event) {
    const box = root.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }
  /** The time of the bar at a place of the screen, counted on beyond the last one. */
  function timeUnder(x) {
    const known = chart.timeScale().coordinateToTime(x);
    const last = bars.rows.length - 1;
    if (known !== null && known <= bars.rows[last].time) return known;
    return bars.timeAt(Math.round(last + chart.timeScale().coordinateToLogical(x) - onAxisAt(last)));
  }
  function anchor({ x, y }) {
    return { time: timeUnder(x), price: Number(price.coordinateToPrice(y).toFixed(Math.min(4, instrument.places))) };
  }
  const trimmed = (point, of) => ({ time: of === "HORIZONTAL" ? null : point.time, price: of === "VERTICAL" ? null : point.price });

  // ---- the primitive that the library calls to draw
  const renderer = {
    draw: (target) => target.useMediaCoordinateSpace(({ context, mediaSize }) => {
      if (hidden || !bars.rows.length) return;
      const font = `12px ${getComputedStyle(document.body).fontFamily}`;
      for (const drawing of [...store.list(), ...(draft ? [draft] : [])]) {
        const shown = moving && moving.id === drawing.id ? moving.now : drawing;
        const shape = shapeOf(shown, mediaSize);
        if ([shape.a, shape.b].some((point) => point && (point.x === null || point.y === null))) continue;
        paint(context, shape, { colour: view.palette[COLOURS[shown.colour]], soft: view.palette.panel, selected: shown.id === selected, font, places: instrument.places });
        drawing.textWidth = shape.textWidth;
      }
    }),
  };
  price.attachPrimitive({
    attached: (parts) => { request = parts.requestUpdate; },
    updateAllViews: () => {},
    paneViews: () => [{ renderer: () => renderer, zOrder: () => "top" }],
  });

  function refresh() {
    if (selected && !store.get(selected)) select("");
    request();
    changed();
  }

  // ---- tools
  function tool(next) {
    kind = next === kind ? "" : next;
    draft = null;
    root.classList.toggle("drawing", Boolean(kind));
    if (kind) select("");
    toolChanged(kind);
    request();
  }

  function finish(drawing) {
    draft = null;
    const id = store.add(drawing);
    tool("");
    select(id);
  }

  function begin(event) {
    const point = trimmed(anchor(spot(event)), kind);
    const drawing = { kind, text: "", colour: "ACCENT", points: [point] };
    if (kind === "TEXT") askText("", (text) => finish({ ...drawing, text }));
    else if (ONE_POINT.has(kind)) finish(drawing);
    else draft = { ...drawing, points: [point, { ...point }], from: spot(event) };
  }

  function askText(text, then) {
    const input = textDialog.querySelector("input");
    input.value = text;
    textDialog.showModal();
    input.select();
    textDialog.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      textDialog.close();
      if (input.value.trim()) then(input.value.trim());
    };
  }

  // ---- selection
  function under(event) {
    const { x, y } = spot(event);
    if (x > plotWidth() || y > paneHeight() || hidden) return null;
    for (const drawing of store.list().reverse()) {
      const part = touched(shapeOf(drawing, size()), x, y, REACH[event.pointerType] ?? REACH.mouse);
      if (part) return { drawing, part };
    }
    return null;
  }

  function select(id) {
    selected = id;
    acts.hidden = !id;
    const drawing = store.get(id);
    if (drawing) acts.replaceChildren(...actions(drawing));
    request();
  }

  function actions(drawing) {
    const swatches = Object.keys(COLOURS).map((name) => {
      const button = el("button", { type: "button", className: "swatch", title: name[0] + name.slice(1).toLowerCase() }, el("span", { className: "sr-only" }, `Colour ${name.toLowerCase()}`));
      button.style.color = view.palette[COLOURS[name]];
      button.setAttribute("aria-pressed", String(name === drawing.colour));
      button.addEventListener("click", () => replace(drawing.id, { colour: name }));
      return button;
    });
    const remove = el("button", { type: "button", className: "btn s quiet", title: "Delete (Del)" }, icon("trash", "s"), el("span", { className: "sr-only" }, `Delete the ${NAMES[drawing.kind].toLowerCase()}`));
    remove.addEventListener("click", () => store.remove(drawing.id));
    const edit = el("button", { type: "button", className: "btn s quiet" }, icon("edit", "s"), el("span", { className: "sr-only" }, "Change the text"));
    edit.addEventListener("click", () => askText(drawing.text, (text) => replace(drawing.id, { text })));
    return [el("span", { className: "mute" }, NAMES[drawing.kind]), ...swatches, ...(drawing.kind === "TEXT" ? [edit] : []), remove];
  }

  function replace(id, parts) {
    const before = store.get(id);
    store.change(id, before, { ...before, ...parts });
    select(id);
  }

  // ---- moving
  function drag(event) {
    const { drawing, part, from } = moving;
    const to = spot(event);
    const points = drawing.points.map((point, index) => {
      if (part === "a" && index !== 0) return point;
      if (part === "b" && index !== 1) return point;
      const at = place(point);
      const moved = anchor(part === "whole" ? { x: at.x + to.x - from.x, y: at.y + to.y - from.y } : to);
      return { time: point.time === null ? null : moved.time, price: point.price === null ? null : moved.price };
    });
    moving.now = { ...drawing, points };
    moving.far ||= Math.hypot(to.x - from.x, to.y - from.y) > DRAG;
    request();
  }

  const hold = (event) => {
    event.preventDefault();
    event.stopPropagation();
    chart.applyOptions({ handleScroll: false, handleScale: false });
    root.setPointerCapture(event.pointerId);
  };
  const release = () => chart.applyOptions({ handleScroll: true, handleScale: true });

  // The lines of orders come first: they have taken the event where one lies under the pointer.
  root.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.defaultPrevented || !bars.rows.length) return;
    const { x, y } = spot(event);
    if (kind) {
      if (x > plotWidth() || y > paneHeight()) return;
      hold(event);
      if (draft) finish({ ...draft, points: [draft.points[0], anchor({ x, y })] });
      else begin(event);
      return;
    }
    const found = under(event);
    select(found?.drawing.id ?? "");
    if (!found) return;
    hold(event);
    moving = { id: found.drawing.id, drawing: found.drawing, now: found.drawing, part: found.part, from: { x, y }, far: false };
  }, { capture: true });
  root.addEventListener("pointermove", (event) => {
    if (draft) {
      draft.points[1] = anchor(spot(event));
      request();
    } else if (moving) drag(event);
    else if (!kind) root.classList.toggle("over-drawing", Boolean(under(event)));
  }, { capture: true });
  root.addEventListener("pointerup", (event) => {
    if (moving) {
      const { id, drawing, now, far } = moving;
      moving = null;
      if (far) store.change(id, drawing, now);
      select(id);
      release();
    } else if (draft) {
      const { x, y } = spot(event);
      // A press that moved has set both points; one that did not waits for the second.
      if (Math.hypot(x - draft.from.x, y - draft.from.y) > DRAG) finish({ kind: draft.kind, text: "", colour: draft.colour, points: [draft.points[0], anchor({ x, y })] });
      release();
    } else release();
  }, { capture: true });

  return {
    tool, load: store.load,
    /** Nothing of the instrument that was shown before. */
    clear: () => {
      tool("");
      select("");
      store.clear();
    },
    undo: store.undo, redo: store.redo, mayUndo: store.mayUndo, mayRedo: store.mayRedo,
    list: () => store.list().map((drawing) => ({ id: drawing.id, label: drawing.text || NAMES[drawing.kind], colour: drawing.colour })),
    select, remove: store.remove,
    removeSelected: () => selected && store.remove(selected),
    cancel: () => {
      if (kind) tool("");
      else select("");
    },
    hide: (next) => { hidden = next; request(); },
    isHidden: () => hidden,
    paint: () => { request(); if (selected) select(selected); },
  };
}
