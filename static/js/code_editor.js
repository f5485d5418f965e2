// Line numbers beside the text, lines with faults marked, Tab indents, and a fault's button goes to its line.

const editor = document.querySelector("[data-editor]");
const text = editor.querySelector("textarea");
const gutter = editor.querySelector(".gutter");
const bad = new Set(editor.dataset.faults.trim().split(/\s+/).map(Number));
const INDENT = "    ";
let drawn = 0;

function number() {
  const count = text.value.split("\n").length;
  if (count === drawn) return;
  drawn = count;
  gutter.replaceChildren(
    ...Array.from({ length: count }, (_, place) => {
      const line = document.createElement("b");
      line.textContent = String(place + 1);
      line.classList.toggle("bad", bad.has(place + 1));
      return line;
    }),
  );
  follow();
}

function follow() {
  gutter.scrollTop = text.scrollTop;
}

function goTo(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  text.scrollTop = Math.max(0, (line - 6) * Number.parseFloat(getComputedStyle(text).lineHeight));
}

function indent(event) {
  // Escape first, then Tab leaves the field, so that the keyboard is not caught in it.
  if (event.key === "Escape") {
    text.dataset.leaves = "true";
    return;
  }
  if (event.key !== "Tab" || event.shiftKey || text.dataset.leaves) {
    delete text.dataset.leaves;
    return;
  }
  event.preventDefault();
  text.setRangeText(INDENT, text.selectionStart, text.selectionEnd, "end");
}

text.addEventListener("input", number);
text.addEventListener("scroll", follow, { passive: true });
text.addEventListener("keydown", indent);
document.querySelectorAll("[data-line]").forEach((button) => {
  button.addEventListener("click", () => goTo(Number(button.dataset.line)));
});
number();
const [first] = [...bad].filter(Boolean);
if (first) goTo(first);
