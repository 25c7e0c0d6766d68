// tsc makes one CommonJS file of each source, terser minifies each; nothing is bundled.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import resolver from 'enhanced-resolve';
import { minify } from 'terser';
import typescript from 'typescript';

const found = (conditionNames) => resolver.create.sync({ conditionNames, mainFields: ['module', 'main'], extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json'] });
const imported = found(['node', 'import', 'module', 'default']);
const required = found(['node', 'require', 'default']);

// For ES2015 tsc makes `**` a `Math.pow`, which refuses a BigInt, and moves private methods out of
// their class, where V8 refuses a `super`.
const isNewer = (file, text) => /\b(BigInt|\d+n)\b/.test(text) || /\/undici\/lib\//.test(file);

const isModule = (text) => /^\s*(import\b(?!\s*\()|export\b)/m.test(text);

// Every `require` of what tsc made leads to the file that a bundler would take; `import.meta` is
// what bundlers make of it.
const requiring = (find) => (context) => (file) => {
  const visit = (node) => {
    const [wanted] = node.arguments ?? [];
    if (typescript.isCallExpression(node) && node.expression.text === 'require' && wanted && typescript.isStringLiteral(wanted)) {
      return context.factory.updateCallExpression(node, node.expression, undefined, [context.factory.createStringLiteral(find(wanted.text))]);
    }
    if (typescript.isMetaProperty(node)) return context.factory.createObjectLiteralExpression();
    return typescript.visitEachChild(node, visit, context);
  };
  return visit(file);
};

function compiled(file, find) {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.json')) return { code: `module.exports = ${text}` };
  const { outputText, sourceMapText } = typescript.transpileModule(text, {
    fileName: file.replace(/\.[mc]js$/, '.js'),
    transformers: { after: [requiring((wanted) => find(wanted, isModule(text) ? imported : required))] },
    compilerOptions: { target: isNewer(file, text) ? typescript.ScriptTarget.ES2022 : typescript.ScriptTarget.ES2015, module: typescript.ModuleKind.CommonJS, jsx: typescript.JsxEmit.ReactJSX, allowJs: true, esModuleInterop: true, sourceMap: true, inlineSources: true },
  });
  return { code: outputText.replace(/^\/\/# sourceMappingURL.*/m, ''), map: { ...JSON.parse(sourceMapText), sources: [file] } };
}

export async function build({ root, entry, out }) {
  const waiting = [entry];
  const known = new Set(waiting);
  const outputOf = (file) => path.join(out, file === entry ? 'main.cjs' : `${path.relative(root, file)}.cjs`);
  while (waiting.length) {
    const file = waiting.pop();
    const output = outputOf(file);
    const { code, map } = compiled(file, (wanted, find) => {
      let other;
      try {
        other = isBuiltin(wanted) ? false : find({}, path.dirname(file), wanted);
      } catch {}
      if (!other || !existsSync(other)) return wanted;
      if (!known.has(other)) waiting.push(other), known.add(other);
      return path.relative(path.dirname(output), outputOf(other)).replace(/^(?!\.)/, './');
    });
    mkdirSync(path.dirname(output), { recursive: true });
    const made = map ? await minify({ [path.basename(output)]: code }, { compress: true, mangle: true, toplevel: true, sourceMap: { content: map, includeSources: true, filename: path.basename(output), url: `${path.basename(output)}.map` } }) : { code };
    writeFileSync(output, made.code);
    if (made.map) writeFileSync(`${output}.map`, made.map);
  }
}
