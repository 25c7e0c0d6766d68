// Fails in the ways that the browser SDK knows.
import * as Sentry from "SDK";

Sentry.init({ dsn: window.DSN, release: "shop@1.4.2", environment: "production", tracesSampleRate: 1 });

function charge(cart) {
  throw new RangeError(`no money for ${cart.lamp}`);
}

function report(call) {
  try {
    call();
  } catch (error) {
    Sentry.captureException(error);
  }
}

Sentry.setUser({ id: "42", email: "jane@example.com" });
Sentry.setTag("plan", "pro");
Sentry.setContext("basket", { items: 3, secret: "s" });
Sentry.addBreadcrumb({ category: "cart", message: "added", data: { sku: "L-7" } });
console.warn("the till is slow", { token: "t" });
report(() => charge({ lamp: 3 }));
report(() => { throw new Error("payment failed", { cause: new TypeError("no card") }); });
report(() => null.nothing);
report(() => { throw new DOMException("aborted", "AbortError"); });
report(() => (function deep() { deep(); })());
Sentry.captureMessage("hello", "info");
setTimeout(() => charge({ lamp: 4 }));
Promise.reject({ plain: "object" });
fetch("/missing").then(() => Sentry.captureException(new Error("after a fetch")));
setTimeout(() => Sentry.flush(5000).then(() => { document.title = "done"; }), 500);
