/**
 * What refreshes itself keeps still while it is being used: a part is not swapped while a button in it is held down,
 * or the click would be lost or land on what has moved there; and a preview that was asked for before its form was
 * changed is not shown, or it would free the button for an order that nobody has checked.
 */
const changes = new WeakMap();
const answers = new WeakMap();
const held = new Set();
let pressed = null;

const controls = "button, a[href], summary, label, input, select, textarea";
const refreshes = (node) => /\b(?:refetch|every)\b/.test(node.getAttribute?.("hx-trigger") ?? "");
const changesOf = (node) => changes.get(node.closest("form")) ?? 0;

function press(target) {
  pressed = target instanceof Element ? target.closest(controls) : null;
}

/** The click comes right after the release, and what was held back after the click. */
function release() {
  if (!pressed) return;
  setTimeout(() => {
    pressed = null;
    for (const node of held) if (node.isConnected) window.htmx.trigger(node, "refetch");
    held.clear();
  });
}

addEventListener("pointerdown", ({ target }) => press(target), true);
for (const name of ["pointerup", "pointercancel", "dragend", "blur"]) addEventListener(name, release);
addEventListener("keydown", ({ key }) => { if (key === " " && !pressed) press(document.activeElement); }, true);
addEventListener("keyup", release);

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form");
  if (form) changes.set(form, (changes.get(form) ?? 0) + 1);
}, true);

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  const { elt } = detail.requestConfig;
  if (elt.matches(".preview")) answers.set(detail.requestConfig, changesOf(elt));
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const { requestConfig } = event.detail;
  const { elt } = requestConfig;
  if (!refreshes(elt)) return;
  if (event.target.contains(pressed)) {
    held.add(elt);
    event.preventDefault();
  } else if (answers.has(requestConfig) && answers.get(requestConfig) !== changesOf(elt)) {
    event.preventDefault();
  }
});
