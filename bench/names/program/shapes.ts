// Ways to write a function, each run once.
const mark = (): number => Math.abs(1);

const table: Record<string, () => number> = {
  arrow: () => mark(),
  method() { return mark(); },
  'quoted key'() { return mark(); },
  ['computed' + 'Key']: () => mark(),
};
table.assigned = () => mark();
table['in brackets'] = function () { return mark(); };

function Legacy(this: { own: () => number }) { this.own = () => mark(); }
Legacy.prototype.inherited = function () { return mark(); };
Legacy.make = () => mark();

class Shape {
  static made = mark();
  field = mark();
  arrow = () => mark();
  static staticArrow = () => mark();
  static { mark(); }
  #hidden() { return mark(); }
  get area() { return mark(); }
  set area(_value: number) { mark(); }
  hidden() { return this.#hidden(); }
  async later() { await null; return mark(); }
  *counted() { yield mark(); }
  async *laterCounted() { await null; yield mark(); }
}

const Expression = class { run() { return mark(); } };
const list = [() => mark(), function () { return mark(); }, function named() { return mark(); }];
const nested = { deep: { er: { still: () => mark() } } };
const picked = 'x'.length ? () => mark() : null;
const curried = (_a: number) => (_b: number) => () => mark();
const [first = () => mark()] = [] as Array<() => number>;
const { second = () => mark() } = {} as { second?: () => number };
const third = ((parameter = () => mark()) => parameter)();
let later: (() => number) | undefined;
later ??= () => mark();

async function shapes(): Promise<void> {
  Object.values(table).forEach((each) => each());
  const legacy = new (Legacy as never as new () => Record<string, () => number>)();
  legacy.own!(), legacy.inherited!(), Legacy.make();
  const shape = new Shape();
  shape.arrow(), Shape.staticArrow(), shape.hidden(), (shape.area = shape.area), await shape.later(), [...shape.counted()];
  for await (const _each of shape.laterCounted()) mark();
  new Expression().run(), list.forEach((each) => each()), nested.deep.er.still(), picked?.(), curried(1)(2)(), first(), second(), third(), later?.();
  (() => mark())(), (function () { mark(); })(), (function own() { mark(); })(), new (class { constructor() { mark(); } })(), new (class Own { constructor() { mark(); } })();
  await (async () => { await null; mark(); })();
  [1].map((each) => [each].map(() => mark()));
}

export const steps = { shapes };
