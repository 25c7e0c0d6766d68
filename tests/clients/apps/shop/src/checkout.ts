import type { Cart } from "./cart";
import { charge } from "./payment";
import { reserve } from "./stock";

export class CheckoutFailed extends Error {
  override name = "CheckoutFailed";
}

export async function placeOrder(cart: Cart, card: string): Promise<string> {
  const notes = reserve(cart);
  try {
    const receipt = await charge(cart.total(), card);
    return [receipt, ...notes].join("\n");
  } catch (error) {
    throw new CheckoutFailed("the order was not placed", { cause: error });
  }
}
