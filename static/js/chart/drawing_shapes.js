/** How drawings look and where they are touched: points on the screen in, lines and distances out. */
import { plain } from "../format.js";

export const HANDLE = 5;
const LEVELS = [0, 0.236, 0.382, 0.5, 0.618, 0.786, 1];

/** Segments `[x1, y1, x2, y2, dashed?]` of a drawing whose points are `a` and `b` on a canvas of `width` × `height`. */
export function segments({ kind, a, b, width, height }) {
  switch (kind) {
    case "TREND": return [[a.x, a.y, b.x, b.y]];
    case "HORIZONTAL": return [[0, a.y, width, a.y]];
    case "VERTICAL": return [[a.x, 0, a.x, height]];
    case "RECTANGLE": return [[a.x, a.y, b.x, a.y], [b.x, a.y, b.x, b.y], [b.x, b.y, a.x, b.y], [a.x, b.y, a.x, a.y]];
    case "FIBONACCI": return [[a.x, a.y, b.x, b.y, true], ...LEVELS.map((level) => {
      const y = b.y + (a.y - b.y) * level;
      return [Math.min(a.x, b.x), y, Math.max(a.x, b.x), y];
    })];
    default: return [];
  }
}

/** The distance of a point from a segment. */
function distance(x, y, [x1, y1, x2, y2]) {
  const length = (x2 - x1) ** 2 + (y2 - y1) ** 2;
  const along = length ? Math.max(0, Math.min(1, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length)) : 0;
  return Math.hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1));
}

/** What of a drawing lies within `reach` of a point: "a", "b", "whole" or nothing. */
export function touched(shape, x, y, reach) {
  if (shape.b && Math.hypot(x - shape.b.x, y - shape.b.y) <= reach + HANDLE) return "b";
  if (["TREND", "RECTANGLE", "FIBONACCI"].includes(shape.kind) && Math.hypot(x - shape.a.x, y - shape.a.y) <= reach + HANDLE) return "a";
  if (shape.kind === "TEXT") {
    const inside = x >= shape.a.x - 4 && x <= shape.a.x + shape.textWidth + 8 && y >= shape.a.y - 18 && y <= shape.a.y + 6;
    return inside ? "whole" : "";
  }
  return segments(shape).some((segment) => distance(x, y, segment) <= reach) ? "whole" : "";
}

/** Draw one. `prices` are those of the points, for the levels' labels. */
export function paint(context, shape, { colour, soft, selected, font, places }) {
  context.save();
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = selected ? 2 : 1.5;
  context.font = font;
  if (shape.kind === "RECTANGLE") {
    context.globalAlpha = 0.12;
    context.fillRect(shape.a.x, shape.a.y, shape.b.x - shape.a.x, shape.b.y - shape.a.y);
    context.globalAlpha = 1;
  }
  for (const [x1, y1, x2, y2, dashed] of segments(shape)) {
    context.setLineDash(dashed ? [3, 3] : []);
    context.beginPath();
    context.moveTo(x1, y1);
    context.lineTo(x2, y2);
    context.stroke();
  }
  context.setLineDash([]);
  if (shape.kind === "FIBONACCI") levels(context, shape, places);
  if (shape.kind === "TEXT") words(context, shape, soft);
  if (selected) handles(context, shape, soft);
  context.restore();
}

function levels(context, { a, b, prices }, places) {
  for (const level of LEVELS) {
    const y = b.y + (a.y - b.y) * level;
    const price = prices[1] + (prices[0] - prices[1]) * level;
    context.fillText(`${(level * 100).toFixed(1)}%  ${plain(price, places)}`, Math.min(a.x, b.x) + 4, y - 3);
  }
}

function words(context, shape, soft) {
  shape.textWidth = context.measureText(shape.text).width;
  const colour = context.fillStyle;
  context.fillStyle = soft;
  context.fillRect(shape.a.x - 4, shape.a.y - 15, shape.textWidth + 8, 20);
  context.fillStyle = colour;
  context.fillText(shape.text, shape.a.x, shape.a.y);
}

function handles(context, { a, b }, soft) {
  for (const point of [a, b].filter(Boolean)) {
    context.beginPath();
    context.arc(point.x, point.y, HANDLE, 0, 2 * Math.PI);
    context.fillStyle = soft;
    context.fill();
    context.stroke();
  }
}
