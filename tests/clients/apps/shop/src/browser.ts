import * as Sentry from "@sentry/browser";
import { announce } from "./announce";
import { act, scenarios } from "./scenarios";

const asked = new URLSearchParams(window.location.search);

Sentry.init({
  dsn: asked.get("dsn") ?? undefined,
  release: asked.get("release") ?? undefined,
  dist: asked.get("dist") ?? undefined,
  beforeSend: announce,
});

for (const name of Object.keys(scenarios)) {
  const button = document.createElement("button");
  button.textContent = name;
  button.addEventListener("click", function handleClick() {
    Sentry.setTag("scenario", name);
    void act(name);
  });
  document.body.append(button);
}
