// An ordinary application: orders, prices, a queue, a store.
import { group, sum } from './lists';
import type { Line, Order } from './types';

export class Money {
  static #made = 0;
  static zero = new Money(0);
  readonly #cents: number;

  constructor(cents: number) {
    this.#cents = Math.round(cents);
    Money.#made += 1;
  }

  get cents(): number {
    return Math.floor(this.#cents);
  }

  static of(euros: number): Money {
    return new Money(Math.round(euros * 100));
  }

  plus(other: Money): Money {
    return new Money(this.#add(other));
  }

  #add(other: Money): number {
    return Math.max(0, this.#cents + other.cents);
  }

  toString(): string {
    return (this.#cents / 100).toFixed(2);
  }
}

abstract class Repository<T extends { id: string }> {
  protected rows = new Map<string, T>();

  save(row: T): this {
    this.rows.set(row.id, this.prepared(row));
    return this;
  }

  find(id: string): T | undefined {
    return this.rows.get(id);
  }

  protected abstract prepared(row: T): T;

  *[Symbol.iterator](): Iterator<T> {
    for (const id of Array.from(this.rows.keys())) yield this.rows.get(id) as T;
  }
}

class Orders extends Repository<Order> {
  protected prepared = (order: Order): Order => ({ ...order, lines: order.lines.map(this.checked) });

  private checked = (line: Line): Line => {
    if (Number.isNaN(line.price)) throw new TypeError('price');
    return Object.freeze({ ...line });
  };

  async total(id: string): Promise<Money> {
    const order = await this.loaded(id);
    return order.lines.reduce((all, line) => all.plus(Money.of(line.price * line.count)), Money.zero);
  }

  private async loaded(id: string): Promise<Order> {
    await Promise.resolve(id);
    const found = this.find(id);
    if (!found) throw new Error('no such order: '.concat(id));
    return found;
  }
}

class OrderQueue {
  private waiting: Array<() => Promise<unknown>> = [];
  onTick = (): void => {
    this.waiting.slice().forEach((job) => this.run(job));
  };
  onDone?: (count: number) => void;

  push(job: () => Promise<unknown>): number {
    return this.waiting.push(job);
  }

  private run(job: () => Promise<unknown>): void {
    job().then(
      () => this.onDone?.(this.waiting.length),
      (error) => console.log(String(error).slice(0, 100)),
    );
  }
}

const discounts = {
  student: (cents: number) => Math.round(cents * 0.8),
  senior(cents: number) {
    return Math.floor(cents * 0.9);
  },
  'long-time customer': function (cents: number) {
    return Math.ceil(cents * 0.85);
  },
  async later(cents: number) {
    await null;
    return Math.sqrt(cents);
  },
};

export function applyDiscount(kind: keyof typeof discounts, cents: number): unknown {
  return discounts[kind](cents);
}

const orders = new Orders();
const queue = new OrderQueue();

function seed(): void {
  for (let index = 0; index < 30; index++) {
    orders.save({
      id: String(index).padStart(4, '0'),
      customer: ['Ada', 'Grace', 'Edsger'][index % 3] ?? '',
      lines: Array.from({ length: (index % 4) + 1 }, (_, at) => ({
        sku: 'sku-'.concat(String(at)),
        price: Math.round(at * 3.7 * 100) / 100,
        count: at + 1,
      })),
    });
  }
}

async function sumUp(): Promise<void> {
  const all = [...orders];
  const totals = await Promise.all(all.map(async (order) => (await orders.total(order.id)).cents));
  console.log('orders', sum(totals), Object.keys(group(all, (order) => order.customer)).join());
}

async function work(): Promise<void> {
  queue.onDone = (count) => {
    Math.min(count, 3);
  };
  for (const order of orders) queue.push(() => orders.total(order.id));
  queue.push(async () => {
    await null;
    throw new RangeError('late '.concat('job'));
  });
  queue.onTick();
  await new Promise((resolve) => setTimeout(resolve, 5));
}

export const steps = {
  seed,
  sumUp,
  work,
  discounts() {
    for (const kind of Object.keys(discounts)) applyDiscount(kind as keyof typeof discounts, 1234);
  },
};
