import path from "node:path";
import { withSentryConfig } from "@sentry/nextjs/config";
import type { NextConfig } from "next";

const config: NextConfig = {
  turbopack: { root: path.resolve("../..") },
  typescript: { ignoreBuildErrors: true },
};

export default withSentryConfig(config, {
  org: process.env.SENTRY_ORG,
  project: process.env.SENTRY_PROJECT,
  authToken: process.env.SENTRY_AUTH_TOKEN,
  sentryUrl: process.env.SENTRY_URL,
  release: { name: process.env.APP_RELEASE },
  sourcemaps: { deleteSourcemapsAfterUpload: false },
  telemetry: false,
});
