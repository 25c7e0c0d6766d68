// The hooks of `native.mjs`: files are found as bundlers find them, and types and JSX taken out.
//
// Nothing is bundled or renamed. The map of a file whose text had to change is written into MAPS.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import resolver from 'enhanced-resolve';
import typescript from 'typescript';

const given = process.env.TRANSFORM ? await import(process.env.TRANSFORM) : {};
const custom = given.transform;
const find = resolver.create.sync({
  conditionNames: given.conditions ?? ['svelte', 'node', 'import', 'module', 'default'],
  mainFields: ['module', 'main'],
  extensions: given.extensions ?? ['.ts', '.tsx', '.mjs', '.js', '.json'],
});
const MODULE = /^\s*(import\b(?!\s*\()|export\b)/m;
const OLDER = /\b(exports|require)\b/;

export async function resolve(specifier, context, next) {
  if (isBuiltin(specifier) || !context.parentURL?.startsWith('file:')) return next(specifier, context);
  if (context.conditions.includes('require')) return next(specifier, context);
  const from = path.dirname(fileURLToPath(context.parentURL));
  const found = specifier.startsWith('file:') ? fileURLToPath(specifier) : find({}, from, specifier);
  return { url: pathToFileURL(found).href, shortCircuit: true };
}

async function changed(file, text) {
  const ours = await custom?.(text, file);
  if (ours) return ours;
  if (!/\.[mc]?tsx?$/.test(file)) return undefined;
  const { outputText, sourceMapText } = typescript.transpileModule(text, {
    fileName: file,
    compilerOptions: {
      target: typescript.ScriptTarget.ESNext,
      module: typescript.ModuleKind.ESNext,
      jsx: typescript.JsxEmit.ReactJSX,
      useDefineForClassFields: true,
      sourceMap: true,
      inlineSources: true,
    },
  });
  return { code: outputText, map: sourceMapText };
}

// What a module of the older kind exports is known once it ran: here, in the thread of these hooks.
function required(file) {
  const names = Object.keys(createRequire(import.meta.url)(file)).filter((name) => /^[\w$]+$/.test(name));
  const kept = names.filter((name) => name !== 'default');
  return `import { createRequire } from 'node:module';
const found = createRequire(import.meta.url)(${JSON.stringify(file)});
export default found.__esModule && 'default' in found ? found.default : found;
${kept.map((name, at) => `const e${at} = found.${name}; export { e${at} as ${name} };`).join('\n')}`;
}

export async function load(url, context, next) {
  if (!url.startsWith('file:')) return next(url, context);
  const file = fileURLToPath(url);
  if (file.endsWith('.json')) {
    return { format: 'module', source: `export default ${readFileSync(file)}`, shortCircuit: true };
  }
  const text = readFileSync(file, 'utf8');
  const other = await changed(file, text);
  if (other) {
    mkdirSync(process.env.MAPS, { recursive: true });
    const name = createHash('sha1').update(file).digest('hex');
    writeFileSync(path.join(process.env.MAPS, name), other.map);
    return { format: 'module', source: other.code, shortCircuit: true };
  }
  if (/\.cjs$/.test(file) || (!/\.(mjs|esm\.js)$/.test(file) && !MODULE.test(text) && OLDER.test(text))) {
    return { format: 'module', source: required(file), shortCircuit: true };
  }
  return { format: 'module', source: text, shortCircuit: true };
}
