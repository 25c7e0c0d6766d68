// The same, at the end of the bundle.
export function shippingOf(order) {
  if (order.weight > 20) throw new RangeError("too heavy: " + order.weight);
  return order.weight * order.distance;
}
