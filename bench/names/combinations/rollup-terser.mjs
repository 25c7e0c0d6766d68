// Rollup with terser; types and JSX go by swc.
import path from 'node:path';
import commonjs from '@rollup/plugin-commonjs';
import json from '@rollup/plugin-json';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import replace from '@rollup/plugin-replace';
import terser from '@rollup/plugin-terser';
import { transform } from '@swc/core';
import { rollup } from 'rollup';

const typescript = {
  name: 'typescript',
  transform: (code, id) =>
    /\.tsx?$/.test(id)
      ? transform(code, { filename: id, sourceMaps: true, jsc: { target: 'esnext', parser: { syntax: 'typescript', tsx: true }, transform: { react: { runtime: 'automatic' } } } })
      : null,
};

export async function bundle({ entry, out }, minifier) {
  const made = await rollup({
    input: entry,
    onwarn() {},
    plugins: [
      replace({ 'process.env.NODE_ENV': '"production"', preventAssignment: true }),
      nodeResolve({ mainFields: ['module', 'main'], exportConditions: ['node', 'import', 'module', 'default'], extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'], preferBuiltins: true }),
      json(),
      typescript,
      commonjs({ extensions: ['.js', '.cjs'], ignore: ['node:sqlite'] }),
      minifier,
    ],
  });
  await made.write({ file: path.join(out, 'main.mjs'), format: 'es', sourcemap: true, inlineDynamicImports: true });
}

export const build = (given) => bundle(given, terser());
