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

const BUILTINS = [
  [Array.prototype, 'push pop shift unshift map forEach filter reduce some every find findIndex indexOf includes join slice splice concat sort reverse keys entries flat flatMap fill at'],
  [Array, 'isArray from of'],
  [Object, 'keys values entries assign defineProperty freeze create getPrototypeOf setPrototypeOf getOwnPropertyDescriptor is fromEntries'],
  [Object.prototype, 'hasOwnProperty toString'],
  [String.prototype, 'replace replaceAll slice charCodeAt charAt split indexOf includes startsWith endsWith trim toLowerCase toUpperCase substring match matchAll concat padStart repeat codePointAt localeCompare'],
  [String, 'fromCharCode raw'],
  [RegExp.prototype, 'test exec'],
  [Number.prototype, 'toString toFixed'],
  [Number, 'isFinite isInteger isNaN parseFloat'],
  [Map.prototype, 'get set has delete forEach clear'],
  [Set.prototype, 'add has delete forEach'],
  [WeakMap.prototype, 'get set has'],
  [WeakSet.prototype, 'add has'],
  [Math, 'min max floor ceil round sqrt abs sin cos tan atan2 acos pow log log10 random hypot sign trunc'],
  [JSON, 'stringify parse'],
  [Promise.prototype, 'then'],
  [Promise, 'resolve all'],
  [Reflect, 'get set ownKeys defineProperty has'],
  [Date, 'now'],
  [Date.prototype, 'getTime getFullYear setFullYear setMonth setDate setHours getDay getDate getMonth'],
  [Symbol, 'for'],
  [globalThis, 'parseInt parseFloat isNaN isFinite queueMicrotask setTimeout'],
];

// A package asks for it if it is there; bundlers make that a condition. Node 20 has none.
const load = Module._load;
Module._load = (wanted, ...more) => (wanted === 'node:sqlite' ? {} : load(wanted, ...more));

if (isMainThread) {
  for (const [owner, names] of BUILTINS) for (const name of names.split(' ')) hook(owner, name);
  process.on('exit', () => {
    busy = true;
    writeFileSync(process.env.FRAMES, JSON.stringify([...frames.values()]));
  });
}
