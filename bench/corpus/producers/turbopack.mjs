// Builds the Next.js app and takes the chunks with maps, browser's and server's, largest first.
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { order } from "./order.mjs";

const { entry, js, options } = order();
const next = createRequire(import.meta.url).resolve("next/dist/bin/next");
await rm(join(entry, ".next"), { recursive: true, force: true });
const built = spawnSync(process.execPath, [next, "build", "--turbopack"], {
  cwd: entry,
  env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1" },
  encoding: "utf8",
});
if (built.status !== 0) throw new Error(built.stdout + built.stderr);

const chunks = [];
for (const part of ["static", "server"]) {
  const files = await readdir(join(entry, ".next", part), { recursive: true, withFileTypes: true });
  for (const file of files.filter((found) => found.name.endsWith(".js"))) {
    const path = join(file.parentPath, file.name);
    // The map is not named after its chunk: only the comment knows it.
    const [, url] = (await readFile(path, "utf8")).match(/\/\/# sourceMappingURL=(\S+)\s*$/) ?? [];
    const map = url && join(dirname(path), decodeURIComponent(url));
    if (!map) continue;
    const document = JSON.parse(await readFile(map, "utf8"));
    chunks.push({ part, path, map, size: (await stat(map)).size, sections: document.sections?.length });
  }
}
chunks.sort((a, b) => b.size - a.size);
const chosen = {
  browser: chunks.filter((c) => c.part === "static" && !c.sections).slice(0, options.each),
  server: chunks.filter((c) => c.part === "server" && !c.sections).slice(0, options.each),
  index: chunks.filter((c) => c.sections).slice(0, options.each),
};
for (const [kind, some] of Object.entries(chosen)) {
  for (const [n, chunk] of some.entries()) {
    const to = js.replace(/\.js$/, `-${kind}-${n + 1}.js`);
    await copyFile(chunk.path, to);
    await copyFile(chunk.map, `${to}.map`);
  }
}
