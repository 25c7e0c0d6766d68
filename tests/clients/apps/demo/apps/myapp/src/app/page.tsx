import { PayButton } from "./pay-button";

export default function Home() {
  return (
    <main>
      <h1>Acme</h1>
      <PayButton invoiceId="1042" />
    </main>
  );
}
