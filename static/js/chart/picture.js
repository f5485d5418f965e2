/** The chart as a picture: what the library paints, drawings among it, under a line that says what it shows. */
const HEAD = 24;
const PAD = 8;
const QUALITY = 0.9;

/** A canvas with the chart as it is seen; `words` are what the page writes over it in HTML. */
export function pictureOf({ chart, palette }, words) {
  // The top layer holds the drawings; the crosshair is only where the pointer happens to be.
  const shot = chart.takeScreenshot(true, false);
  const ratio = window.devicePixelRatio || 1;
  const canvas = document.createElement("canvas");
  canvas.width = shot.width;
  canvas.height = shot.height + HEAD * ratio;
  const context = canvas.getContext("2d");
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(shot, 0, HEAD * ratio);
  context.scale(ratio, ratio);
  context.fillStyle = palette["text-2"];
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  context.textBaseline = "middle";
  context.fillText(words, PAD, HEAD / 2, canvas.width / ratio - 2 * PAD);
  return canvas;
}

/** The picture as a data address of at most `most` bytes where that can be had: a large screen's may need JPEG. */
export function packed(canvas, most) {
  const png = canvas.toDataURL("image/png");
  return bytesOf(png) <= most ? png : canvas.toDataURL("image/jpeg", QUALITY);
}

const bytesOf = (address) => (contentOf(address).length * 3) / 4;
/** The base64 of a data address. */
export const contentOf = (address) => address.slice(address.indexOf(",") + 1);
