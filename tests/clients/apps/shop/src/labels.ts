import { shippingLabel } from "./legacy/labels";

export function labelsFor(customers: readonly unknown[]): string[] {
  return customers.map(function (customer) {
    return shippingLabel(customer);
  });
}
