import * as Sentry from "@sentry/react";
import { createRoot } from "react-dom/client";
import { Shop } from "./shop";

const asked = new URLSearchParams(window.location.search);

Sentry.init({
  dsn: asked.get("dsn") ?? undefined,
  release: asked.get("release") ?? undefined,
  beforeSend(event) {
    console.info(`sent ${event.tags?.scenario} ${event.event_id}`);
    return event;
  },
});

function start(scenario) {
  Sentry.setTag("scenario", scenario);
  const place = document.createElement("div");
  document.body.append(place);
  createRoot(place).render(<Shop scenario={scenario} />);
}

for (const scenario of ["receipt", "child", "payment"]) {
  const button = document.createElement("button");
  button.textContent = scenario;
  button.addEventListener("click", () => start(scenario));
  document.body.append(button);
}
