/** Dark or light: the reader's choice in a cookie, so that the server writes it and nothing flashes; else the system's. */
const system = matchMedia("(prefers-color-scheme: light)");

/** The theme in force, "dark" or "light". */
export function theme() {
  return document.documentElement.dataset.theme || (system.matches ? "light" : "dark");
}

/** The computed colour of a token such as "--gain", as an rgb() string that a canvas understands. */
export function colour(token) {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const value = getComputedStyle(probe).color;
  probe.remove();
  return value;
}

const announce = () => document.dispatchEvent(new CustomEvent("desk:theme", { detail: theme() }));

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  const chosen = theme() === "light" ? "dark" : "light";
  document.documentElement.dataset.theme = chosen;
  document.cookie = `theme=${chosen}; path=/; max-age=31536000; samesite=lax`;
  announce();
});
system.addEventListener("change", announce);
