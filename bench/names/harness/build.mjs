// Runs the build of one combination: `node build.mjs <combination> <root> <entry> <out>`.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [combination, root, entry, out] = process.argv.slice(2);
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const { build } = await import(pathToFileURL(combination));
await build({ root, entry, out });
if (!existsSync(out)) throw new Error(`${combination} built nothing`);
process.exit(0);
