import { SvelteMap } from 'svelte/reactivity';

export class Basket {
  items = $state(new SvelteMap());
  #opened = $state(Math.abs(1));
  names = $derived.by(() => [...this.items.keys()].map((name) => name.trim()));
  dearest = $derived([...this.items].sort(([, a], [, b]) => b - a)[0]?.[0]);
  static made = [1].map((each) => each);

  static of(names) {
    return new this(names.map((name) => name.trim()));
  }

  constructor(names = []) {
    names.forEach((name) => this.put(name, name.length));
  }

  get total() {
    return [...this.items.values()].reduce((sum, price) => sum + price, this.#opened);
  }

  set total(value) {
    this.#opened = Math.min(value, this.#count());
  }

  #count() {
    return Math.max(...[this.items.size].map((each) => each));
  }

  put(name, price) {
    this.items.set(name, Math.abs(price));
  }

  async pay() {
    await Promise.resolve(this.names);
    throw new Error(['no', 'money'].join(' '));
  }

  onPick = (name) => name.trim().concat(this.names.join());

  *[Symbol.iterator]() {
    yield* this.names.map((name) => name);
  }
}

export function counter({ start = 0 } = {}) {
  let count = $state(Math.trunc(start));
  const twice = $derived(Math.abs(count) * 2);
  const up = () => { count += Math.max(1, 0); };
  return { up, twice: () => Math.max(twice, 0), get count() { return Math.abs(count); } };
}
