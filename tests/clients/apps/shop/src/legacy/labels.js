// Older than the rest of the shop, so it is plain JavaScript.

function city(customer) {
  // No address was asked of those who fetch their order.
  return customer.address.city.toUpperCase();
}

export function shippingLabel(customer) {
  const lines = [customer.name, city(customer)];
  return lines.join("\n");
}
