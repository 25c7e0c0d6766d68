// Runs programs and tells what V8 called the function around each `mark(n)` in them.
//
// Standard input: a JSON list of programs. Standard output: for each an object from n to the
// function's name (null where it has none), or a string where the program can't be run.
import { readFileSync } from 'node:fs';

const called = new Set();
const worlds = new WeakSet();

// Whatever a program passes or assigns somewhere is called, with everything in it.
function run(value, depth = 0) {
  if (depth > 4 || value === null || called.has(value) || worlds.has(value)) return;
  if (typeof value === 'function') {
    called.add(value);
    for (const attempt of [() => value(world(depth), world(depth)), () => new value(), () => run(value.prototype, depth + 1)]) {
      try {
        Promise.resolve(attempt()).catch(() => {});
      } catch {}
    }
  }
  if (typeof value !== 'object' && typeof value !== 'function') return;
  called.add(value);
  for (const key of Reflect.ownKeys(value)) {
    try {
      run(value[key], depth + 1);
    } catch {}
  }
}

function world(depth = 0) {
  const made = new Proxy(function () {}, {
    get(_, key) {
      if (key === Symbol.toPrimitive) return () => '';
      return key === 'then' || typeof key === 'symbol' ? undefined : world(depth);
    },
    set: (_, key, value) => (run(value, depth), true),
    apply: (_, self, given) => (given.forEach((each) => run(each, depth)), world(depth)),
    construct: (_, given) => (given.forEach((each) => run(each, depth)), world(depth)),
  });
  worlds.add(made);
  return made;
}

let names;
globalThis.mark = (number) => {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = (_, sites) => sites;
  const holder = {};
  Error.captureStackTrace(holder, globalThis.mark);
  const site = holder.stack[0];
  Error.prepareStackTrace = prepare;
  names[number] = (site.isConstructor() ? 'new ' : '') + (site.getFunctionName() ?? '<anonymous>');
};
globalThis.keep = run;
globalThis.falsy = 0;
for (const name of ['each', 'app', 'Shop', 'cart']) globalThis[name] = world();

const found = [];
for (const program of JSON.parse(readFileSync(0, 'utf8'))) {
  names = {};
  called.clear();
  try {
    await import(`data:text/javascript,${encodeURIComponent(program)}`);
    found.push(names);
  } catch (error) {
    found.push(String(error));
  }
}
process.stdout.write(JSON.stringify(found), () => process.exit(0));
