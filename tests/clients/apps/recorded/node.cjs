// Fails in the ways that the Node SDK knows.
const Sentry = require("@sentry/node");
const http = require("node:http");

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  release: "shop@1.4.2",
  environment: "production",
  serverName: "till-3",
  tracesSampleRate: 1,
  sendDefaultPii: true,
  includeLocalVariables: true,
  attachStacktrace: true,
  enableLogs: true,
  beforeSend: ({ modules, ...event }) => event,
});

function charge(cart) {
  const password = "hunter2";
  throw new RangeError(`no money for ${cart.lamp} ${password.length}`);
}

function pay(cart) {
  try {
    charge(cart);
  } catch (cause) {
    throw new Error("payment failed", { cause });
  }
}

function report(call) {
  try {
    call();
  } catch (error) {
    Sentry.captureException(error);
  }
}

function askWeb() {
  const server = http.createServer((request, response) => {
    request.on("data", () => {});
    request.on("end", () => {
      report(() => pay({ lamp: 2 }));
      response.end("no");
    });
  });
  return new Promise((done) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      const headers = { Authorization: "Bearer abc", Cookie: "session=xyz", "Content-Type": "application/json" };
      const sent = http.request({ port, host: "127.0.0.1", method: "POST", path: "/pay?token=t", headers }, (answer) => {
        answer.resume();
        answer.on("end", () => server.close(done));
      });
      sent.end('{"card":"4111","pin":1}');
    });
  });
}

async function main() {
  Sentry.setTag("plan", "pro");
  Sentry.setUser({ id: "42", email: "jane@example.com", ip_address: "203.0.113.7" });
  Sentry.setContext("basket", { items: 3, currency: "EUR", deep: { er: [1, [2, [3]]] } });
  Sentry.setExtra("attempt", 7);
  Sentry.addBreadcrumb({ category: "cart", message: "added", data: { sku: "L-7", api_key: "k" } });
  console.warn("the till is slow");
  report(() => pay({ lamp: 3 }));
  report(() => { throw new AggregateError([new Error("a"), new TypeError("b")], "both"); });
  report(() => { throw "a text"; });
  report(() => { throw { plain: ["object"], token: "t" }; });
  report(() => (function deep() { deep(); })());
  report(() => JSON.parse("{oops"));
  await askWeb();
  Sentry.startSpan({ op: "task", name: "checkout" }, () => Sentry.captureMessage("in a span", "warning"));
  Sentry.withScope((scope) => {
    scope.setFingerprint(["{{ default }}", "till"]);
    scope.addAttachment({ filename: "note.txt", data: "a note" });
    report(() => charge({ lamp: 1 }));
  });
  Sentry.captureFeedback({ message: "it broke", name: "Jane", email: "jane@example.com" });
  Sentry.logger.warn("a log of structure");
  Sentry.captureCheckIn({ monitorSlug: "nightly", status: "ok" });
  await Sentry.flush(30000);
}

main();
