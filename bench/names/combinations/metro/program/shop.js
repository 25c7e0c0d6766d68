/**
 * Flow's annotations where they differ from TypeScript's.
 * @flow strict
 */
import type { Item, Visitor } from './types';

export opaque type Sku: string = string;
type Exact = {| +sku: Sku, -price?: ?number |};
export type Handler = (?string, ...rest: Array<number>) => void;
declare var missing: ?number;
declare function other(x: number): string;

const trimmed = (name: ?string): string => (name ?? 'none').trim();
export const sizes: $ReadOnly<{ small: number, ... }> = { small: Math.abs(1) };

class Cart<+T: { +price: number, ... } = Item> implements Visitor {
  +items: Array<T>;
  static made: number = Math.max(1, 2);
  #seen: Set<string> = new Set(['a']);
  onTick = (at: number): void => void Math.sqrt(at);

  constructor(items: $ReadOnlyArray<T>) {
    this.items = items.slice();
  }

  static of(...items: Array<Item>): Cart<Item> {
    return new Cart(items.map((item) => item));
  }

  get total(): number {
    return this.items.reduce((sum: number, item: T) => sum + item.price, 0);
  }

  visit(name: string, then?: (?string) => mixed): boolean {
    this.#seen.add(name);
    return Boolean(then?.(trimmed(name)));
  }

  async pay(limit?: number = 3): Promise<void> {
    await Promise.resolve(this.total);
    throw new Error([trimmed('no'), (limit: any).toFixed(1)].join());
  }

  *all(): Iterator<T> {
    yield* this.items.map((item) => item);
  }
}

function sum(...numbers: Array<number>): number {
  return numbers.reduce((a, b) => a + b, Math.abs(0));
}
const predicate = (value: mixed): boolean => typeof value === 'string' && Boolean(value.trim());
const cast = (value: mixed) => ((value: any): string).trim();
const generic = <T: Item>(items: Array<T>): Array<number> => items.map((item: T): number => item.price);
const handlers: { [string]: Handler } = { onPick: (name) => void trimmed(name), 'on-drop': function (name, ...rest) { void rest.map(Math.abs); }, onEnd(name) { void cast(name ?? ''); } };

export const steps = {
  async cart(): Promise<void> {
    const cart: Cart<Item> = Cart.of({ sku: 'tea', price: 3 }, { sku: 'cup', price: 9 });
    cart.onTick(4), cart.visit('x', (name) => name?.trim());
    await cart.pay().catch((error: Error) => void error.message.slice(1));
    console.log(cart.total, Array.from(cart.all()).length, sum(1, 2), generic(cart.items).length);
  },
  handlers: (): void => Object.keys(handlers).forEach((name) => handlers[name]('a', 1)),
  checks: () => console.log([1, 'a'].filter((each) => predicate(each)).length, cast(' x '), sizes.small),
};
