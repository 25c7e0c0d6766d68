// Angular's own builder, as of `ng build`: its compiler and optimiser on esbuild, for a server.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCompilerHost, createProgram, readConfiguration } from '@angular/compiler-cli';
import { createEs2015LinkerPlugin } from '@angular/compiler-cli/linker/babel';
import babel from '@babel/core';

export const program = 'combinations/angular/program/main.ts';
export const conditions = ['es2020', 'es2015', 'import', 'module', 'default'];

const here = path.dirname(fileURLToPath(import.meta.url));

export async function build({ out }) {
  const made = path.join(here, 'dist');
  rmSync(made, { recursive: true, force: true });
  execFileSync(process.execPath, [path.join(here, 'node_modules/@angular/cli/bin/ng.js'), 'build'], { cwd: here, stdio: ['ignore', 'ignore', 'inherit'] });
  cpSync(path.join(made, 'server'), path.join(out, 'server'), { recursive: true });
  writeFileSync(path.join(out, 'main.mjs'), "import './server/server.mjs';\n");
}

let emitted;

// All of our own files at once: a component's code depends on those that its template uses.
async function compiled() {
  const { options, rootNames } = readConfiguration(path.join(here, 'tsconfig.json'), { supportTestBed: false, supportJitMode: false });
  const files = new Map();
  const host = createCompilerHost({ options });
  host.writeFile = (name, text) => files.set(path.resolve(name), text);
  createProgram({ rootNames, options, host }).emit();
  return files;
}

// What packages leave to the application's compiler, as the builder has it done.
async function linked(text, file) {
  const fileSystem = { resolve: path.resolve, exists: existsSync, dirname: path.dirname, relative: path.relative, readFile: readFileSync };
  const logger = { level: 1, debug() {}, info() {}, warn() {}, error() {} };
  const plugin = createEs2015LinkerPlugin({ linkerJitMode: false, sourceMapping: false, logger, fileSystem });
  const { code, map } = await babel.transformAsync(text, { filename: file, plugins: [plugin], babelrc: false, configFile: false, sourceMaps: true, compact: false });
  return { code, map: JSON.stringify(map) };
}

export async function transform(text, file) {
  if (file.startsWith(path.join(here, 'program'))) {
    const files = await (emitted ??= compiled());
    const made = file.replace(/\.ts$/, '.js');
    return { code: files.get(made), map: files.get(`${made}.map`) };
  }
  return text.includes('ɵɵngDeclare') ? linked(text, file) : undefined;
}
