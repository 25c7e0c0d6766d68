"use client";

import { useState } from "react";
import { Till, type Payment } from "../lib/till";

const till = new Till();

/** Without a card it fails, which is what it is for. */
export function PayButton({ invoiceId }: { invoiceId: string }) {
  const [paid, setPaid] = useState<Payment>();

  function handlePayment() {
    setPaid(till.pay(invoiceId, undefined));
  }

  return <button onClick={handlePayment}>{paid ? `Paid with ${paid.lastFour}` : "Pay"}</button>;
}
