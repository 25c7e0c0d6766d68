// Uploads by hand: only what belongs to source maps is sent, folders can be dropped, and it is said how
// far it is. Without this, the form sends itself.

const form = document.querySelector("form[data-upload]");
const folder = form?.querySelector("#folder");
const zip = form?.querySelector("#zip");
const drop = form?.querySelector("[data-drop]");
const status = form?.querySelector("[data-chosen]");
const progress = form?.querySelector("progress");
const button = form?.querySelector("button[type=submit]");

const WANTED = /\.([cm]?js|bundle|jsbundle|map)$/i;
const NOT_WANTED = /\.css\.map$|(^|\/)(__MACOSX\/|\._)/i;
const MOST = 20000;

let chosen = []; // { path, file } of a folder
let archive = null;

function wanted(path) {
  return WANTED.test(path) && !NOT_WANTED.test(path);
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

function forgive() {
  form.querySelector(".note.wrong")?.remove();
}

// The server says the same, but only once all of it has been sent.
function tooMuch() {
  const { maxFile, maxBundle } = form.dataset;
  const large = chosen.find((each) => each.file.size > maxFile);
  const bytes = archive?.size ?? chosen.reduce((sum, each) => sum + each.file.size, 0);
  if (chosen.length > MOST) {
    return `It has ${chosen.length} scripts and maps; ${MOST} is the limit.`;
  }
  if (large) {
    return `${large.path} has ${size(large.file.size)}; ${size(maxFile)} is the limit.`;
  }
  return bytes > maxBundle ? `It has ${size(bytes)}; ${size(maxBundle)} is the limit.` : "";
}

function take(files) {
  forgive();
  archive = null;
  const total = files.length;
  chosen = files.filter((each) => wanted(each.path));
  const bytes = chosen.reduce((sum, each) => sum + each.file.size, 0);
  if (!chosen.length) {
    status.textContent = `None of the ${total} files is a script or a source map. Choose the folder that your build writes.`;
  } else {
    status.textContent = tooMuch() || `${chosen.length} of ${total} files will be sent, ${size(bytes)}.`;
  }
}

function takeNothing() {
  forgive();
  chosen = [];
  archive = null;
  status.textContent = "";
}

function takeArchive(file) {
  takeNothing();
  archive = file;
  status.textContent = tooMuch() || `${file.name} will be sent, ${size(file.size)}.`;
}

folder?.addEventListener("change", () => {
  zip.value = "";
  take([...folder.files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
});

zip?.addEventListener("change", () => {
  folder.value = "";
  if (zip.files.length) {
    takeArchive(zip.files[0]);
  } else {
    takeNothing();
  }
});

// --- what is dropped

function entries(reader) {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

function fileOf(entry) {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

async function walk(entry, found) {
  if (found.length > 4 * MOST) {
    return;
  }
  if (entry.isFile) {
    const path = entry.fullPath.replace(/^\//, "");
    found.push({ path, file: await fileOf(entry) });
    return;
  }
  const reader = entry.createReader();
  for (let some = await entries(reader); some.length; some = await entries(reader)) {
    for (const each of some) {
      await walk(each, found);
    }
  }
}

function over(event) {
  event.preventDefault();
  drop.classList.toggle("over", event.type === "dragover");
}

drop?.addEventListener("dragover", over);
drop?.addEventListener("dragleave", over);
drop?.addEventListener("drop", async (event) => {
  over(event);
  const dropped = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  const files = [...event.dataTransfer.files];
  folder.value = "";
  zip.value = "";
  takeNothing();
  if (files.length === 1 && /\.zip$/i.test(files[0].name)) {
    takeArchive(files[0]);
    return;
  }
  const found = [];
  status.textContent = "Reading the folder…";
  try {
    for (const each of dropped) {
      await walk(each, found);
    }
    if (found.length > 4 * MOST) {
      status.textContent = `It has more than ${4 * MOST} files. Drop only the folder that your build writes.`;
    } else {
      take(found);
    }
  } catch {
    status.textContent = "The browser could not read all of it. Choose the folder instead.";
  }
});

// --- sending

function body() {
  const data = new FormData();
  for (const name of ["release", "dist", "prefix"]) {
    data.append(name, form.elements[name].value);
  }
  if (archive) {
    data.append("zip", archive, archive.name);
  }
  for (const each of chosen) {
    data.append("folder", each.file, each.path);
  }
  return data;
}

function says(sentence) {
  let note = form.querySelector(".note.wrong");
  if (!note) {
    note = document.createElement("p");
    note.className = "note wrong";
    note.setAttribute("role", "alert");
    form.prepend(note);
  }
  note.textContent = sentence;
  note.scrollIntoView({ block: "nearest" });
}

// Back brings the page as it was left: while it was sending.
addEventListener("pageshow", (event) => {
  if (form && event.persisted) {
    button.disabled = false;
    progress.hidden = true;
  }
});

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  if ((!archive && !chosen.length) || tooMuch()) {
    says(status.textContent || "Choose the folder that your build writes, or a ZIP of it.");
    return;
  }
  const before = status.textContent;
  const failed = (sentence) => {
    button.disabled = false;
    progress.hidden = true;
    status.textContent = before;
    says(sentence);
  };
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "document";
  request.upload.addEventListener("progress", (sent) => {
    progress.value = sent.lengthComputable ? sent.loaded / sent.total : 0;
    status.textContent = progress.value < 1 ? `${size(sent.loaded)} of ${size(sent.total)} sent.` : "All is sent; it is being looked through.";
  });
  request.addEventListener("load", () => {
    if (request.status < 300 && request.responseURL !== form.action) {
      if (new URL(request.responseURL).pathname.startsWith("/bundles/")) {
        location.assign(request.responseURL);
      } else {
        failed("You are signed out, and nothing was kept. Sign in in another tab, then press Upload again.");
      }
      return;
    }
    const answer = request.response;
    if (request.status < 300 && answer) {
      document.querySelector("main").replaceWith(answer.querySelector("main"));
      return;
    }
    const said = answer?.querySelector(".note.wrong") ?? answer?.querySelector("main p");
    failed(said?.textContent || `The server did not take it (${request.status}), and nothing was kept. Try again; its log says why.`);
  });
  request.addEventListener("error", () => failed("The connection broke. Nothing of it was kept; send it again."));
  button.disabled = true;
  progress.hidden = false;
  progress.value = 0;
  request.send(body());
});
