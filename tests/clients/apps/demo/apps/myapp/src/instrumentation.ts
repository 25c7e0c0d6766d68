import * as Sentry from "@sentry/nextjs";
import { announce } from "./lib/announce";

export function register(): void {
  Sentry.init({
    dsn: process.env.SENTRY_DSN,
    release: process.env.APP_RELEASE,
    serverName: "web-1",
    beforeSend: announce,
  });
}

export const onRequestError = Sentry.captureRequestError;
