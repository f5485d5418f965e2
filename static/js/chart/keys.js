/** Keys of the chart. Those without a modifier fire only where nothing is typed; the desk's own keys come first. */
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");
const PAN = { ArrowLeft: -5, ArrowRight: 5 };
const ZOOM = { "+": 0.8, "=": 0.8, "-": 1.25 };

/** Arrows, zoom and Home/End move a focused chart; the rest works on the whole page. */
export function bindKeys({ chart, toolbar, drawings, replay, root }) {
  const focus = root.closest("[data-chart-focus]");

  function zoom(by) {
    const range = chart.timeScale().getVisibleLogicalRange();
    if (range) chart.timeScale().setVisibleLogicalRange({ from: range.to - (range.to - range.from) * by, to: range.to });
  }

  focus.addEventListener("keydown", (event) => {
    if (event.target !== focus || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key in PAN) {
      if (replay.isOn()) replay.step(Math.sign(PAN[event.key]));
      else chart.timeScale().scrollToPosition(chart.timeScale().scrollPosition() + PAN[event.key], false);
    } else if (event.key in ZOOM) zoom(ZOOM[event.key]);
    else if (event.key === "End") chart.timeScale().scrollToRealTime();
    else return;
    event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (typing(event.target) || document.querySelector("dialog[open]")) return;
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
      event.preventDefault();
      if (key === "y" || event.shiftKey) drawings.redo();
      else drawings.undo();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { i: () => toolbar.act("indicators"), f: toolbar.fullScreen, Escape: drawings.cancel, Delete: drawings.removeSelected, Backspace: drawings.removeSelected }[event.key];
    if (!act) return;
    if (event.key !== "Escape") event.preventDefault();
    act();
  });
}
