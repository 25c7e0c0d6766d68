import { Money } from "./money";

export interface Line {
  name: string;
  quantity: number;
  price: Money;
}

export class CouponRefused extends Error {
  override name = "CouponRefused";
}

export class Cart {
  readonly currency: string;
  #lines: Line[] = [];

  constructor(currency: string) {
    this.currency = currency;
  }

  add(name: string, quantity: number, price: Money): this {
    const line: Line = { name, quantity, price };
    this.#check(line);
    this.#lines.push(line);
    return this;
  }

  get lines(): readonly Line[] {
    return this.#lines;
  }

  total(): Money {
    return Money.sum(
      this.#lines.map((line) => line.price),
      this.currency,
    );
  }

  redeem = (coupon: string): Money => {
    if (!/^[A-Z]{4}-\d{4}$/.test(coupon)) {
      const shown = `🎟️ “${coupon}”`; throw new CouponRefused(`${shown} is not a coupon`);
    }
    return new Money(Number(coupon.slice(5)), this.currency);
  };

  #check({ name, quantity }: Line): void {
    if (quantity <= 0) {
      throw new RangeError(`no ${name}: the quantity is ${quantity}`);
    }
  }
}
