// Writes the sources as JavaScript that stands where the TypeScript stood: types become blanks,
// so that V8 itself says the true line and function of every frame.
//
//   node blank.mjs OUT
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import blankTypes from "ts-blank-space";

const source = path.join(path.dirname(fileURLToPath(import.meta.url)), "src");
const out = path.resolve(process.argv[2]);

for (const name of fs.readdirSync(source, { recursive: true })) {
  if (!/\.[tj]s$/.test(name)) {
    continue;
  }
  const text = fs.readFileSync(path.join(source, name), "utf8");
  const plain = name.endsWith(".ts") ? blankTypes(text) : text;
  const written = path.join(out, "src", name.replace(/\.ts$/, ".js"));
  fs.mkdirSync(path.dirname(written), { recursive: true });
  const up = "../".repeat(name.split(path.sep).length);
  const imports = plain
    .replace(/(from |import\()"(\.[^"]*)"/g, '$1"$2.js"')
    .replace(/ from "@sentry\/\w+"/g, ` from "${up}stub.mjs"`);
  fs.writeFileSync(written, imports);
}
fs.copyFileSync(new URL("stub.mjs", import.meta.url), path.join(out, "stub.mjs"));
fs.writeFileSync(path.join(out, "package.json"), '{ "type": "module" }');
