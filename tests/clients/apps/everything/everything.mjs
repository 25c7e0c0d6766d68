// A program that uses all that the Node SDK has to say, and announces the events it sent.
import { createRequire } from "node:module";
const Sentry = createRequire(process.env.PACKAGES + "/")("@sentry/node");

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  release: "shop@1.4.2",
  environment: "production",
  tracesSampleRate: 1,
  sendDefaultPii: true,
  enableLogs: true,
});

// Spelled backwards, so that the source beside the frames does not say them: it is never scrubbed.
const [CARD, TOKEN] = ["1111111111111114", "73313_kot"].map((word) => [...word].reverse().join(""));

function charge(cart) {
  throw new RangeError(`no money for ${cart.lamp}, card ${CARD}`);
}

function pay(cart) {
  try {
    charge(cart);
  } catch (cause) {
    throw new Error("payment failed", { cause });
  }
}

Sentry.startSession();
Sentry.setTag("plan", "pro");
Sentry.setUser({ id: "42", email: "jane@example.com", username: "jane" });
Sentry.setContext("basket", { items: 3, currency: "EUR" });
Sentry.setExtra("attempt", 7);
Sentry.getIsolationScope().addAttachment({ filename: "note.txt", data: "a note" });
Sentry.addBreadcrumb({ category: "cart", message: "added a lamp", level: "info", data: { sku: "L-7" } });
Sentry.addBreadcrumb({
  category: "http",
  message: `GET https://bank.example/pay?token=${TOKEN}&amount=3`,
  data: { api_key: TOKEN, status_code: 402 },
});

await Sentry.startSpan({ op: "task", name: "checkout" }, async () => {
  try {
    pay({ lamp: 3 });
  } catch (error) {
    console.log("sent chained", Sentry.captureException(error));
  }
});
console.log("sent message", Sentry.captureMessage("the till is slow", "warning"));
console.log("sent feedback", Sentry.captureFeedback({ message: "it broke", name: "Jane", email: "jane@example.com" }));
Sentry.logger.warn("a log of structure");
Sentry.captureCheckIn({ monitorSlug: "nightly", status: "ok" });
Sentry.endSession();
await Sentry.flush(30000);
