import * as Sentry from "@sentry/node";
import { announce } from "./announce";
import { act } from "./scenarios";

Sentry.init({
  dsn: process.env.SENTRY_DSN,
  release: process.env.APP_RELEASE,
  dist: process.env.APP_DIST,
  beforeSend: announce,
});

async function actAll(names: string[]): Promise<void> {
  await Promise.resolve();
  for (const name of names) {
    try {
      const outcome = await act(name);
      if (outcome !== undefined) {
        console.info(outcome);
      }
    } catch (error) {
      Sentry.captureException(error, { tags: { scenario: name } });
    }
  }
  await Sentry.flush(5000);
}

function crash(): void {
  Sentry.setTag("scenario", "crash");
  act("method");
}

if (process.argv[2] === "crash") {
  setImmediate(crash);
} else {
  void actAll(process.argv.slice(2));
}
