// What every build is told from outside: which client uploads, where to, and for which SDK.
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));

/** "browser" or "node". */
export const target = process.env.APP_TARGET;
export const out = process.env.APP_OUT;
export const entry = path.join(here, "src", `${target}.ts`);
/** The folder name of the installed SDK, for the browser: several are installed side by side. */
export const alias = { "@sentry/browser": process.env.APP_SDK ?? "browser-11" };

/** Whether the maps are hidden, and deleted when they are uploaded, as the manual advises. */
export const hidden = Boolean(process.env.APP_HIDDEN);

/** The options as a user writes them, with the names that the manual uses. */
export const sentry = {
  org: process.env.SENTRY_ORG,
  project: process.env.SENTRY_PROJECT,
  authToken: process.env.SENTRY_AUTH_TOKEN,
  url: process.env.SENTRY_URL,
  telemetry: false,
  release: process.env.APP_RELEASE ? { name: process.env.APP_RELEASE } : undefined,
  sourcemaps: hidden ? { filesToDeleteAfterUpload: [`${out}/**/*.map`] } : undefined,
};

/** The plugin of the generation asked for, or none: then the command line uploads. */
export async function plugin(bundler, factory) {
  const generation = process.env.APP_PLUGIN;
  if (!generation) {
    return [];
  }
  const module = await import(`${bundler}-plugin-${generation}`);
  return [module[factory](sentry)].flat();
}
