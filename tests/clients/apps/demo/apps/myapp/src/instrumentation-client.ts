import * as Sentry from "@sentry/nextjs";
import { announce } from "./lib/announce";

Sentry.init({ dsn: process.env.NEXT_PUBLIC_SENTRY_DSN, beforeSend: announce });

export const onRouterTransitionStart = Sentry.captureRouterTransitionStart;
