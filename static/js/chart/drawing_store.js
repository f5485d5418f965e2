/** A member's drawings on one instrument, kept by the server; each change can be undone and done again. */
import { toast } from "../toasts.js";
import { instrument } from "./instrument.js";
import { writeHeaders } from "./layout.js";
import { instantOf, onAxis } from "./times.js";

const URL = "/api/v1/chart-drawings";

/** An id without `crypto.randomUUID`, which a desk served over plain HTTP in a house's network has not. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const read = (row) => ({
  id: row.id, kind: row.kind, text: row.text, colour: row.colour,
  points: ["first", "second"].map((which) => ({
    time: row[`${which}_time`] === null ? null : onAxis(row[`${which}_time`]),
    price: row[`${which}_price`] === null ? null : Number(row[`${which}_price`]),
  })).filter((point) => point.time !== null || point.price !== null),
});

function written(drawing, { symbol, places }) {
  const row = { symbol, kind: drawing.kind, text: drawing.text, colour: drawing.colour };
  drawing.points.forEach((point, index) => {
    const which = index ? "second" : "first";
    row[`${which}_time`] = point.time === null ? null : instantOf(point.time);
    row[`${which}_price`] = point.price === null ? null : Math.max(point.price, 0).toFixed(Math.min(4, places));
  });
  return row;
}

/** `changed()` after each change. Drawings are `{id, kind, text, colour, points: [{time, price}]}`. */
export function createDrawingStore({ changed }) {
  const all = new Map();
  const done = [];
  const undone = [];
  let queue = Promise.resolve();

  async function send(id, drawing, of) {
    const answer = await fetch(`${URL}/${id}`, drawing
      ? { method: "PUT", headers: writeHeaders(), body: JSON.stringify(written(drawing, of)) }
      : { method: "DELETE", headers: writeHeaders() }).catch(() => null);
    if (answer?.ok || (!drawing && answer?.status === 404)) return;
    const problem = await answer?.json().catch(() => null);
    toast(problem?.detail ?? "The server cannot be reached.", { tone: "bad", title: "The drawing was not kept" });
  }

  /** Put a state in force, and tell the server in the order of the changes. */
  function put(id, drawing) {
    if (drawing) all.set(id, drawing);
    else all.delete(id);
    // The page may show another instrument by the time that it is sent.
    const of = { symbol: instrument.key, places: instrument.places };
    queue = queue.then(() => send(id, drawing, of));
    changed();
  }

  function act(id, before, after) {
    done.push({ id, before, after });
    undone.length = 0;
    put(id, after);
  }

  return {
    load: async () => {
      const symbol = instrument.key;
      const answer = await fetch(`${URL}?${new URLSearchParams({ symbol })}`, { headers: { Accept: "application/json" } }).catch(() => null);
      if (!answer?.ok) return;
      const { results } = await answer.json();
      if (symbol !== instrument.key) return;
      results.map(read).forEach((drawing) => all.set(drawing.id, drawing));
      changed();
    },
    clear: () => {
      all.clear();
      done.length = 0;
      undone.length = 0;
      changed();
    },
    list: () => [...all.values()],
    get: (id) => all.get(id),
    add: (drawing) => {
      const id = newId();
      act(id, null, { ...drawing, id });
      return id;
    },
    change: (id, before, after) => act(id, before, after),
    remove: (id) => act(id, all.get(id), null),
    undo: () => {
      const step = done.pop();
      if (!step) return;
      undone.push(step);
      put(step.id, step.before);
    },
    redo: () => {
      const step = undone.pop();
      if (!step) return;
      done.push(step);
      put(step.id, step.after);
    },
    mayUndo: () => done.length > 0,
    mayRedo: () => undone.length > 0,
  };
}
