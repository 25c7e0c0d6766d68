/** An amount in the smallest unit of its currency. */
export class Money {
  readonly cents: number;
  readonly currency: string;

  constructor(cents: number, currency: string) {
    if (!Number.isInteger(cents)) {
      throw new TypeError(`${cents} is not a whole number of cents`);
    }
    this.cents = cents;
    this.currency = currency;
  }

  static sum(parts: readonly Money[], currency: string): Money {
    return parts.reduce((total, part) => {
      return total.plus(part);
    }, new Money(0, currency));
  }

  get label(): string {
    const format = new Intl.NumberFormat("en", { style: "currency", currency: this.currency });
    // Asked twice, or a minifier would make one line of two.
    return `${format.format(this.cents / 100)} ${format.resolvedOptions().currency}`;
  }

  plus(other: Money): Money {
    if (other.currency !== this.currency) {
      throw new RangeError(`cannot add ${other.currency} to ${this.currency}`);
    }
    return new Money(this.cents + other.cents, this.currency);
  }
}
