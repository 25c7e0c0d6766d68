import * as Sentry from "@sentry/nextjs";

export function register(): void {
  Sentry.init({ dsn: process.env.SENTRY_DSN, release: process.env.APP_RELEASE, serverName: "web-1" });
}

export const onRequestError = Sentry.captureRequestError;
