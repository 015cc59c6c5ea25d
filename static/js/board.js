// The board: cards are dragged, or lifted with M and carried by arrows; both send what the form of the move sends.
// Where the move needs an answer (exit criteria, a reason), the form opens in the dialog. The server draws the result.
import Sortable from "../vendor/sortablejs/sortable.esm.js";

const words = document.querySelector("[data-board-words]");
const narrow = matchMedia("(max-width: 719px)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
let lifted = null;
let aim = null;
let focusOn = null;
let changed = false;

const board = () => document.getElementById("results");
const columns = () => [...board().querySelectorAll("[data-column]")];
const places = () => [...columns(), ...board().querySelectorAll("[data-drops] [data-stage]")];
const columnOf = (card) => card.closest("[data-column]");
const say = (key, values) => {
  words.textContent = Object.entries(values).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words.dataset[key]);
};

// --- a move, however it was asked for ---

function asksSomething(from, place) {
  if (place.dataset.kind === "lost") return true;
  return "asks" in from.dataset && places().indexOf(place) > places().indexOf(from);
}

async function move(card, from, place, putBack) {
  const values = { stage: place.dataset.stage, version: card.dataset.version };
  if (asksSomething(from, place)) {
    putBack();
    const query = new URLSearchParams({ to: values.stage, version: values.version });
    const detail = { href: `${card.dataset.move}?${query}`, opener: card.querySelector("h3 a") };
    document.dispatchEvent(new CustomEvent("dialog:open", { detail }));
    return;
  }
  changed = false;
  card.setAttribute("aria-busy", "true");
  await window.htmx.ajax("POST", card.dataset.move, { source: card, target: "#dialog-body", swap: "innerHTML", values });
  card.removeAttribute("aria-busy");
  if (!changed) putBack();
}

document.addEventListener("deals:changed", (event) => {
  changed = true;
  focusOn = event.detail.deal;
  window.htmx.trigger(board(), "deals:refresh");
});

// --- dragging ---

function sortable(list) {
  return new Sortable(list, {
    group: "deals",
    draggable: ".deal[data-version]",
    sort: false,
    animation: calm.matches ? 0 : 120,
    delay: 150,
    delayOnTouchOnly: true,
    onStart: () => board().classList.add("is-moving"),
    onEnd: ({ item, from, to, oldIndex }) => {
      board().classList.remove("is-moving");
      if (to === from) return;
      const putBack = () => from.insertBefore(item, from.children[oldIndex] ?? null);
      move(item, columnOf(from), to.closest("[data-stage]"), putBack);
    },
  });
}

// --- keys ---

function lift(card) {
  lifted = card;
  aim = columnOf(card);
  card.classList.add("is-lifted");
  board().classList.add("is-moving");
  say("lifted", { name: card.querySelector("h3").textContent });
}

function letGo() {
  lifted.classList.remove("is-lifted");
  aim.classList.remove("is-aimed");
  board().classList.remove("is-moving");
  lifted = null;
}

function carry(step) {
  const all = places();
  const next = all[all.indexOf(aim) + step];
  if (!next) return;
  aim.classList.remove("is-aimed");
  aim = next;
  aim.classList.toggle("is-aimed", aim !== columnOf(lifted));
  aim.scrollIntoView({ block: "nearest", inline: "nearest" });
  say("over", { stage: aim.dataset.name, place: all.indexOf(aim) + 1, count: all.length });
}

function put() {
  const [card, place, from] = [lifted, aim, columnOf(lifted)];
  letGo();
  if (place !== from) move(card, from, place, () => {});
}

function leave() {
  say("back", { name: lifted.querySelector("h3").textContent });
  letGo();
}

function beside(card, key) {
  const cards = [...columnOf(card).querySelectorAll(".deal")];
  const at = cards.indexOf(card);
  if (key === "ArrowUp") return cards[at - 1];
  if (key === "ArrowDown") return cards[at + 1];
  const all = key === "ArrowRight" ? columns() : columns().reverse();
  const others = all.slice(all.indexOf(columnOf(card)) + 1).map((column) => [...column.querySelectorAll(".deal")]);
  const found = others.find((one) => one.length);
  return found?.[Math.min(at, found.length - 1)];
}

function carrying(key) {
  const acts = { ArrowLeft: () => carry(-1), ArrowRight: () => carry(1), Enter: put, Escape: leave };
  acts[key]?.();
  return key !== "Tab";
}

function choosing(card, key) {
  if (key.startsWith("Arrow")) {
    beside(card, key)?.querySelector("h3 a").focus();
    return true;
  }
  if (key.toLowerCase() !== "m" || !card.dataset.version) return false;
  lift(card);
  return true;
}

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".deal");
  if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.documentElement.dataset.keys === "off") return;
  if (lifted ? carrying(event.key) : choosing(card, event.key)) event.preventDefault();
});
document.addEventListener("focusout", (event) => {
  if (lifted && !lifted.contains(event.relatedTarget)) leave();
});

// --- after each drawing by the server ---

function markStage(entries) {
  const shown = entries.find((entry) => entry.isIntersecting);
  if (!shown) return;
  for (const link of board().querySelectorAll(".board-stages a")) {
    if (link.hash === `#${shown.target.id}`) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

function setUp() {
  if (board().dataset.ready) return;
  board().dataset.ready = "yes";
  if (board().querySelector(".deal[data-version]")) {
    for (const part of board().querySelectorAll("[data-drops], [data-board-keys]")) part.hidden = false;
  }
  if (narrow.matches) {
    const observer = new IntersectionObserver(markStage, { root: board().querySelector(".board-columns"), threshold: 0.6 });
    columns().forEach((column) => observer.observe(column));
  } else board().querySelectorAll("[data-cards]").forEach(sortable);
}

document.addEventListener("htmx:afterSettle", () => {
  setUp();
  if (!focusOn || document.querySelector("dialog[open]")) return;
  document.querySelector(`#deal-${focusOn} h3 a`)?.focus();
  focusOn = null;
});
setUp();
