// The little that needs a script. Every page works without it.

document.documentElement.classList.add("script");

// --- Original | Minified: the style sheet does the switching; this keeps it in the address.

const minified = document.querySelector("#show-minified");
const original = document.querySelector("#show-original");

function showAsAddressed() {
  if (minified && original) {
    (location.hash === "#minified" ? minified : original).checked = true;
  }
}

showAsAddressed();
addEventListener("hashchange", showAsAddressed);
for (const radio of [original, minified]) {
  radio?.addEventListener("change", () => {
    const place = location.pathname + location.search;
    history.replaceState(null, "", minified.checked ? `${place}#minified` : place);
  });
}

// --- A page that answers a form says where a reload leads, so that nothing is done twice.

const answer = document.querySelector("[data-address]");
if (answer) {
  history.replaceState(null, "", answer.dataset.address);
}

// --- A list that fills as things arrive: it is asked for again until it is full.

const LIVE_MS = 2000;

async function refill() {
  const list = document.querySelector("[data-live]");
  if (!list) {
    return;
  }
  const answer = document.hidden ? null : await fetch(location.href).catch(() => null);
  if (answer?.redirected) {
    return; // the session is over
  }
  if (answer?.ok) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(list.id);
    if (fresh && fresh.textContent !== list.textContent) {
      list.replaceChildren(...fresh.childNodes); // the same list, whose changes are read out
      list.toggleAttribute("data-live", fresh.hasAttribute("data-live"));
    }
  }
  setTimeout(() => void refill(), LIVE_MS);
}

void refill();

// --- Copy buttons: data-copy names the element that holds the text.

async function copy(text) {
  if (navigator.clipboard && isSecureContext) {
    await navigator.clipboard.writeText(text);
    return;
  }
  // Over plain http browsers offer no clipboard, only this older way.
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "unseen";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) {
    throw new Error("The browser did not let us copy.");
  }
}

function says(button, word) {
  const name = button.dataset.name ?? button.textContent;
  button.dataset.name = name;
  button.textContent = word;
  setTimeout(() => {
    button.textContent = name;
  }, 1500);
}

// A link with data-copy-from leads to the text; with a script, the text comes here.
for (const link of document.querySelectorAll("[data-copy-from]")) {
  link.addEventListener("click", async (click) => {
    if (click.ctrlKey || click.metaKey || click.shiftKey) {
      return;
    }
    click.preventDefault();
    try {
      const found = await fetch(link.href);
      if (!found.ok) {
        throw new Error(`The server answered ${found.status}.`);
      }
      await copy(await found.text());
      says(link, "Copied");
    } catch {
      location.assign(link.href);
    }
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const isMinified = minified?.checked && button.dataset.copyMinified;
    const source = document.getElementById(isMinified ? button.dataset.copyMinified : button.dataset.copy);
    try {
      await copy(source.textContent);
      says(button, "Copied");
    } catch {
      says(button, "Not copied");
    }
  });
}

// --- Charts: a bar that is pointed at or focused is read out above; arrow keys go from bar to bar.

for (const chart of document.querySelectorAll("[data-chart]")) {
  const line = chart.querySelector("[data-reading]");
  const usual = line.textContent;
  const bars = [...chart.querySelectorAll("g")];

  const read = (bar) => {
    line.textContent = bar ? bar.getAttribute("aria-label") : usual;
    line.classList.toggle("read", Boolean(bar));
  };

  for (const [place, bar] of bars.entries()) {
    bar.addEventListener("pointerenter", () => read(bar));
    bar.addEventListener("pointerleave", () => read(bars.find((each) => each === document.activeElement)));
    bar.addEventListener("focus", () => read(bar));
    bar.addEventListener("blur", () => read(null));
    bar.addEventListener("keydown", (key) => {
      const goal = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: bars.length - 1 }[key.key];
      if (bars[goal]) {
        key.preventDefault();
        bar.setAttribute("tabindex", "-1");
        bars[goal].setAttribute("tabindex", "0");
        bars[goal].focus();
      }
    });
  }
}
