// Errors that are named by their classes, as many libraries do it: a minifier shortens that as well.
export class ShopError extends Error {
  constructor(message) {
    super(message);
    this.name = new.target.name;
  }
}

export class PaymentError extends ShopError {}

export class StockError extends ShopError {
  constructor(item) {
    super(`${item} is sold out`);
    this.item = item;
  }
}

export class CouponError extends ShopError {
  static of(code) {
    return new CouponError(`${code} has expired`);
  }
}

/** Says its own name, which no minifier touches. */
export class GatewayError extends Error {
  constructor(message) {
    super(message);
    this.name = "GW";
  }
}
