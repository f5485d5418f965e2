/** A button that prints the page it stands on; paper is light, whatever the screen. */
const root = document.documentElement;
let before;

function dress(theme) {
  if (theme === undefined) delete root.dataset.theme;
  else root.dataset.theme = theme;
  document.dispatchEvent(new CustomEvent("desk:theme"));
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
addEventListener("beforeprint", () => {
  before = root.dataset.theme;
  dress("light");
});
addEventListener("afterprint", () => dress(before));
