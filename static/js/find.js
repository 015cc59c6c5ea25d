// Find: arrows go from the line through what was found and back, Enter in the line opens the first thing.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-find], #found");
  const list = document.getElementById("found");
  if (!form || !list) return;
  const line = document.getElementById("id_find");
  const stops = [line, ...list.querySelectorAll("a")];
  const at = stops.indexOf(document.activeElement);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    stops[Math.max(0, Math.min(stops.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)))].focus();
  } else if (event.key === "Enter" && event.target === line && list.firstElementChild?.dataset.text === line.value.trim()) {
    event.preventDefault();
    stops[1]?.click();
  }
});
