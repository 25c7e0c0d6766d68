import path from "node:path";
import { fileURLToPath } from "node:url";
import { sentryVitePlugin } from "@sentry/vite-plugin";
import { defineConfig } from "vite";

const here = path.dirname(fileURLToPath(import.meta.url));
/** The folder names of the installed React: two are installed side by side. */
const react = process.env.APP_REACT ?? "react";

export default defineConfig({
  root: path.join(here, "src"),
  base: "./",
  resolve: { alias: { react: path.join(here, "node_modules", react), "react-dom": path.join(here, "node_modules", react.replace("react", "react-dom")) } },
  build: {
    outDir: process.env.APP_OUT,
    emptyOutDir: true,
    sourcemap: true,
    rolldownOptions: { input: path.join(here, "src/main.jsx"), output: { entryFileNames: "[name].js" } },
  },
  plugins: process.env.SENTRY_AUTH_TOKEN
    ? [
        sentryVitePlugin({
          org: process.env.SENTRY_ORG,
          project: process.env.SENTRY_PROJECT,
          authToken: process.env.SENTRY_AUTH_TOKEN,
          url: process.env.SENTRY_URL,
          telemetry: false,
        }),
      ]
    : [],
});
