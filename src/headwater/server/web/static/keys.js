// Keys, the palette, and what tells of news. Every page works without it.

const isTyping = (target) => target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog");

// --- Rows of a list: j and k go through them, x ticks, Enter opens.

const rows = [...document.querySelectorAll("[data-row]")];
let here = -1;

function goTo(place) {
  rows[here]?.classList.remove("here");
  here = Math.max(0, Math.min(rows.length - 1, place));
  const row = rows[here];
  row.classList.add("here");
  row.scrollIntoView({ block: "nearest" });
  row.querySelector("a[href]").focus({ preventScroll: true });
}

// Across pages: the next page goes on at its first row, the one before at its last.
const WAY = "headwater-way";

function turnPage(direction) {
  const link = document.querySelector(`.paging [rel=${direction}]`);
  if (link) {
    sessionStorage.setItem(WAY, direction);
    link.click();
  }
}

const way = sessionStorage.getItem(WAY);
sessionStorage.removeItem(WAY);
if (way && rows.length) {
  goTo(way === "next" ? 0 : rows.length - 1);
}

function tickHere() {
  const box = rows[here]?.querySelector("input[type=checkbox]");
  if (box) {
    box.checked = !box.checked;
    countTicked();
  }
}

// What takes two is offered when two are ticked.
const form = document.querySelector(".issues-form");
const isTicked = (row) => row.querySelector("input[type=checkbox]")?.checked;

function countTicked() {
  const ticked = rows.filter(isTicked).length;
  for (const button of document.querySelectorAll("[data-takes-two]")) {
    button.disabled = ticked < 2 && !form.elements.all?.checked;
  }
}

form?.addEventListener("change", countTicked);
addEventListener("pageshow", countTicked); // a browser that goes back ticks again what was ticked

// After a decision the list is read again: the row that the keys were at, or else what took its place.
const PLACE = "headwater-place";
const list = form?.elements.back.value;
const leadsTo = (row) => row?.querySelector("a[href]").getAttribute("href");

form?.addEventListener("submit", () => {
  if (here >= 0) {
    const place = here - rows.slice(0, here).filter(isTicked).length;
    sessionStorage.setItem(PLACE, JSON.stringify({ list, path: leadsTo(rows[here]), place }));
  }
});

const left = JSON.parse(sessionStorage.getItem(PLACE) ?? "{}");
if (list && left.list === list) {
  sessionStorage.removeItem(PLACE);
  const same = rows.findIndex((row) => leadsTo(row) === left.path);
  goTo(same < 0 ? left.place : same);
}

const actions = {
  j: () => (here + 1 < rows.length ? goTo(here + 1) : turnPage("next")),
  k: () => (here > 0 ? goTo(here - 1) : here < 0 && rows.length ? goTo(0) : turnPage("prev")),
  x: tickHere,
  "?": () => open("#keys"),
};

// --- Elements with data-shortcut are pressed, or a field is gone to, by their key.

const SEARCH = "headwater-search";

if (sessionStorage.getItem(SEARCH)) {
  sessionStorage.removeItem(SEARCH);
  document.querySelector("input[data-shortcut='/']")?.focus();
}

function press(key) {
  const found = document.querySelector(`[data-shortcut="${CSS.escape(key)}"]`);
  if (!found) {
    return false;
  }
  if (found.matches("input")) {
    found.focus();
    found.select();
    return true;
  }
  if (key === "/") {
    sessionStorage.setItem(SEARCH, "yes"); // the field is on the page that the link leads to
  }
  const boxes = found.form?.querySelectorAll("[data-row] input[type=checkbox]") ?? [];
  if (boxes.length && ![...boxes].some((box) => box.checked)) {
    if (here < 0) {
      return false;
    }
    tickHere(); // nothing is ticked: the row that the keys are at is meant
  }
  found.click();
  return true;
}

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    open("#palette");
    return;
  }
  if (document.documentElement.dataset.keys === "off") {
    return; // as chosen under Settings, Display
  }
  if (event.repeat && !["j", "k"].includes(event.key)) {
    return; // a key that is held down decides once
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) {
    return;
  }
  const act = actions[event.key];
  if (act && (rows.length || event.key === "?")) {
    act();
    event.preventDefault();
  } else if (press(event.key)) {
    event.preventDefault();
  }
});

document.querySelector("[data-tick-all]")?.addEventListener("change", (event) => {
  for (const row of rows) {
    row.querySelector("input[type=checkbox]").checked = event.target.checked;
  }
});

// --- The palette: places of this page's rail, and issues that are searched for.

const palette = document.querySelector("#palette");
const field = palette?.querySelector("input");
const found = palette?.querySelector("ul");
const nothing = palette?.querySelector("p");
const places = [...document.querySelectorAll("#rail li > a")].map((link) => ({
  name: placeName(link),
  path: link.getAttribute("href"),
  about: "",
}));
let asked = 0;

function placeName(link) {
  const outer = link.closest("ul").closest("li")?.querySelector("a");
  return outer && outer !== link ? `${outer.textContent.trim()}: ${link.textContent.trim()}` : link.textContent.trim();
}

function open(id) {
  const dialog = document.querySelector(id);
  if (dialog && !dialog.open) {
    dialog.showModal();
    if (dialog === palette) {
      field.value = "";
      void look();
    }
  }
}

async function look() {
  const words = field.value.trim();
  const number = ++asked;
  const fitting = places.filter((place) => place.name.toLowerCase().includes(words.toLowerCase()));
  show(fitting);
  if (!words) {
    return;
  }
  const answer = await fetch(`/palette?q=${encodeURIComponent(words)}`).catch(() => null);
  const more = answer?.ok && !answer.redirected ? await answer.json().catch(() => []) : [];
  if (number === asked) {
    show([...fitting, ...more]);
  }
}

function show(entries) {
  let number = 0;
  found.replaceChildren(
    ...entries.slice(0, 30).map(({ name, path, about }) => {
      const link = document.createElement("a");
      link.href = path;
      link.textContent = name;
      const beside = document.createElement("span");
      beside.className = "about";
      beside.textContent = about;
      link.append(beside);
      link.role = "option";
      link.id = `palette-${number++}`;
      link.tabIndex = -1; // the field keeps the focus
      const item = document.createElement("li");
      item.role = "none";
      item.append(link);
      return item;
    }),
  );
  nothing.textContent = entries.length ? "" : "Nothing is called that.";
  field.setAttribute("aria-expanded", String(entries.length > 0));
  choose(found.querySelector("a"));
}

function choose(link) {
  for (const each of found.querySelectorAll("a")) {
    each.classList.toggle("here", each === link);
    each.setAttribute("aria-selected", String(each === link));
  }
  field.setAttribute("aria-activedescendant", link?.id ?? "");
  link?.scrollIntoView({ block: "nearest" });
}

field?.addEventListener("input", () => void look());
field?.addEventListener("keydown", (event) => {
  const links = [...found.querySelectorAll("a")];
  const at = links.findIndex((link) => link.classList.contains("here"));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && links.length) {
    event.preventDefault();
    choose(links[(at + step + links.length) % links.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    links[at]?.click();
  }
});
for (const button of document.querySelectorAll("[data-opens]")) {
  button.addEventListener("click", () => open(button.dataset.opens));
}
for (const dialog of document.querySelectorAll("dialog.palette")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) {
      dialog.close();
    }
  });
}

// --- News: how many issues came since this page was made.

const news = document.querySelector("[data-news]");
const EVERY_MS = 5_000;
let isAsking = false;

async function tell() {
  if (document.hidden || isAsking) {
    return;
  }
  isAsking = true;
  await ask().catch(() => null); // an answer that was cut off is asked for again
  isAsking = false;
}

async function ask() {
  const answer = await fetch(news.dataset.news).catch(() => null);
  if (answer?.redirected) {
    clearInterval(telling); // the session is over
  }
  if (!answer?.ok || answer.redirected) {
    return;
  }
  const { count } = await answer.json();
  news.hidden = !count;
  news.textContent = `${count} new`;
}

const telling = news && setInterval(() => void tell(), EVERY_MS);
if (news) {
  document.addEventListener("visibilitychange", () => void tell());
}

// --- One menu at a time; a click elsewhere or Escape closes it.

addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) {
      menu.open = false;
    }
  }
});
addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
