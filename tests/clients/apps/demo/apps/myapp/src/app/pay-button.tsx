"use client";

import { useState } from "react";
import { payment, type Payment } from "../lib/payment";

/** The page's one button; without a card it fails, which is what it is for. */
export function PayButton({ invoiceId }: { invoiceId: string }) {
  const [paid, setPaid] = useState<Payment>();

  function handleClick() {
    setPaid(payment(invoiceId, undefined));
  }

  return <button onClick={handleClick}>{paid ? "Paid" : "Pay"}</button>;
}
