import { Cart } from "./cart";
import { placeOrder } from "./checkout";
import { Money } from "./money";

const CARD = "4000000000000002";

function filled(quantity: number, cents: number, currency = "EUR"): Cart {
  return new Cart("EUR").add("shackle", quantity, new Money(cents, currency));
}

/** What a customer may do; each of them goes wrong in another way. */
export const scenarios: Record<string, () => unknown> = {
  method: () => filled(0, 450),
  constructed: () => filled(1, 0.5),
  native: () => new Money(450, "EURO").label,
  callback: () => filled(1, 450, "USD").total(),
  property: () => filled(1, 450).redeem("free lunch"),
  generator: () => placeOrder(filled(41, 450), CARD),
  cause: () => placeOrder(filled(1, 450_000), CARD),
  lazy: async () => {
    const { labelsFor } = await import("./labels");
    return labelsFor([{ name: "Ada" }]);
  },
  awaited: async () => {
    const cart = filled(1, 450_000);
    try {
      await placeOrder(cart, CARD);
    } finally {
      cart.redeem("FREE-1000");
    }
  },
};

export function act(name: string): unknown {
  const scenario = scenarios[name];
  if (scenario === undefined) {
    throw new Error(`no scenario is called ${name}`);
  }
  return scenario();
}
