/** Named by its class, as many libraries do it: a minifier shortens that as well. */
export class PaymentError extends Error {
  constructor(message) {
    super(message);
    this.name = this.constructor.name;
  }
}

export function charge(order) {
  if (order.card === undefined) {
    throw new PaymentError(`order ${order.id} has no card`);
  }
  return order.card;
}
