// Loaded before a program: writes down every distinct stack frame that V8 prints inside of builtins.
//
// Builtins that programs call all the time are replaced by functions that take the stack first.
// FRAMES names the file that is written at the end: a JSON list of frames, lines and columns from 1
// as V8 counts them. CAPTURES says how many stacks are taken inside of each
// builtin in each step of the program.
'use strict';
const { writeFileSync } = require('node:fs');
const Module = require('node:module');
const { isMainThread } = require('node:worker_threads');
const BUILTINS = require('./builtins.json');

const LIMIT = Number(process.env.CAPTURES || 1000);
const frames = new Map();
const { captureStackTrace } = Error;
const apply = Reflect.apply;
const seen = Map.prototype.get;
const remember = Map.prototype.set;
let busy = false;
let step = 0;

globalThis.nextStep = () => void step++;

Error.stackTraceLimit = 60;

function noted(site) {
  const file = site.getFileName() || site.getScriptNameOrSourceURL();
  if (!file || file === __filename || file.startsWith('node:')) return;
  const line = site.getLineNumber();
  const column = site.getColumnNumber();
  const place = file + ':' + line + ':' + column;
  const called = site.getFunctionName();
  const type = site.getTypeName();
  const made = site.isConstructor();
  const key = place + '|' + called + '|' + type + '|' + made;
  if (apply(seen, frames, [key])) return;
  apply(remember, frames, [
    key,
    {
      file,
      line,
      column,
      function: called,
      type,
      method: site.getMethodName(),
      constructs: made,
      async: site.isAsync(),
      toplevel: site.isToplevel(),
      begins: [site.getEnclosingLineNumber?.() ?? null, site.getEnclosingColumnNumber?.() ?? null],
      text: String(site),
    },
  ]);
}

function capture(hook) {
  busy = true;
  const prepare = Error.prepareStackTrace;
  try {
    Error.prepareStackTrace = (_, sites) => sites;
    const holder = {};
    captureStackTrace(holder, hook);
    const sites = holder.stack;
    for (let index = 0; index < sites.length; index++) noted(sites[index]);
  } finally {
    Error.prepareStackTrace = prepare;
    busy = false;
  }
}

function hook(owner, name) {
  const property = Object.getOwnPropertyDescriptor(owner, name);
  if (!property || typeof property.value !== 'function') return;
  const original = property.value;
  let count = 0;
  let counted = 0;
  const hooked = {
    [name](...given) {
      if (counted !== step) {
        counted = step;
        count = 0;
      }
      if (!busy && count++ < LIMIT) capture(hooked);
      return apply(original, this, given);
    },
  }[name];
  Object.defineProperty(hooked, 'length', { value: original.length });
  Object.defineProperty(owner, name, { ...property, value: hooked });
}

// A package asks for it if it is there; bundlers make that a condition. Node 20 has none.
const load = Module._load;
Module._load = (wanted, ...more) => (wanted === 'node:sqlite' ? {} : load(wanted, ...more));

if (isMainThread) {
  const all = Object.entries(BUILTINS).map(([path, names]) => [path.split('.').reduce((owner, name) => owner[name], globalThis), names.split(' ')]);
  for (const [owner, names] of all) for (const name of names) hook(owner, name);
  process.on('exit', () => {
    busy = true;
    writeFileSync(process.env.FRAMES, JSON.stringify([...frames.values()]));
  });
}
