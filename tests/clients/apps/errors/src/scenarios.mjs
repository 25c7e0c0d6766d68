import * as errors from "./errors.mjs";
import { CouponError, GatewayError, PaymentError, ShopError, StockError } from "./errors.mjs";

class LocalError extends ShopError {}

function make(ErrorClass, message) {
  return new ErrorClass(message);
}

function check(condition, error) {
  if (!condition) {
    throw error;
  }
}

/** By the name that an error has before it is minified; each is thrown in another way. */
export const scenarios = {
  PaymentError_thrown() {
    throw new PaymentError("no card");
  },
  StockError_with_a_constructor() {
    throw new StockError("socks");
  },
  LocalError_in_its_file() {
    throw new LocalError("here");
  },
  PaymentError_by_namespace() {
    throw new errors.PaymentError("no card");
  },
  CouponError_from_a_factory() {
    throw CouponError.of("XMAS");
  },
  PaymentError_by_a_variable() {
    throw make(PaymentError, "no card");
  },
  StockError_passed_on() {
    check(scenarios === undefined, new StockError("gloves"));
  },
  async PaymentError_awaited() {
    await null;
    throw new PaymentError("no card");
  },
  PaymentError_rejected() {
    return Promise.reject(new PaymentError("no card"));
  },
  PaymentError_chosen() {
    throw scenarios ? new PaymentError("no card") : new StockError("socks");
  },
  StockError_within_another() {
    throw new PaymentError(String(check(false, new StockError("hats"))));
  },
  PaymentError_with_a_cause() {
    throw new PaymentError(new StockError("hats").message);
  },
  PaymentError_on_several_lines() {
    throw new PaymentError(
      ["no card", "and no account"].join(" "),
    );
  },
  GW_named_by_hand() {
    throw new GatewayError("timeout");
  },
  TypeError_of_the_engine() {
    return scenarios.missing.thing;
  },
  Error_of_the_language() {
    throw new Error("plain");
  },
};
