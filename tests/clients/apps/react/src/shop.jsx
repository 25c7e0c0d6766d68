import * as Sentry from "@sentry/react";
import { Component, memo, useMemo } from "react";
import { charge } from "./payment";

const order = { id: 4711, lines: [{ name: "Socks", cents: 900 }] };

function OrderLine({ line }) {
  const price = useMemo(() => (line.cents / 100).toFixed(2), [line]);
  return (
    <li>
      {line.name}: {price}
    </li>
  );
}

/** The order it is given has no customer. */
const Receipt = memo(function Receipt({ order }) {
  const total = useMemo(() => order.lines.reduce((sum, line) => sum + line.cents, 0), [order]);
  return (
    <footer>
      {total} for {order.customer.name}
    </footer>
  );
});

/** An object where text is expected. */
function Summary({ order }) {
  return <p>{order}</p>;
}

/** Charges while it renders. */
function PayButton({ order }) {
  return <button type="button">{charge(order)}</button>;
}

const parts = { receipt: Receipt, child: Summary, payment: PayButton };

class Checkout extends Component {
  render() {
    const Part = parts[this.props.scenario];
    return (
      <section>
        <ul>
          {order.lines.map((line) => (
            <OrderLine key={line.name} line={line} />
          ))}
        </ul>
        <Part order={order} />
      </section>
    );
  }
}

export function Shop({ scenario }) {
  return (
    <Sentry.ErrorBoundary
      fallback={<p>Something broke.</p>}
      beforeCapture={(scope, error, componentStack) => scope.setContext("react", { componentStack })}
    >
      <main>
        <Checkout scenario={scenario} />
      </main>
    </Sentry.ErrorBoundary>
  );
}
