// Stands for the SDK where the truth is learnt: what it is given to report, V8 describes itself.

Error.stackTraceLimit = 50;
Error.prepareStackTrace = (error, sites) => {
  error.frames = sites.map((site) => ({
    file: site.getFileName() ?? "",
    line: site.getLineNumber(),
    function: site.getFunctionName(),
    constructed: site.isConstructor(),
  }));
  return String(error);
};

let scenario;

function described(error) {
  void error.stack;
  return { type: error.name, value: error.message, frames: error.frames };
}

function report(error, name = scenario) {
  const exceptions = [];
  for (let each = error; each; each = each.cause) {
    exceptions.unshift(described(each));
  }
  console.info(`truth ${JSON.stringify({ scenario: name, exceptions })}`);
}

export function init() {
  if (globalThis.process) {
    process.on("uncaughtException", (error) => report(error));
  } else {
    window.addEventListener("error", (event) => report(event.error));
    window.addEventListener("unhandledrejection", (event) => report(event.reason));
  }
}

export function setTag(_, value) {
  scenario = value;
}

export function captureException(error, { tags }) {
  report(error, tags.scenario);
}

export async function flush() {}
