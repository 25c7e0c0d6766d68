import { render } from 'svelte/server';
import App from './shop/App.svelte';
import Legacy from './shop/Legacy.svelte';
import { Basket, counter } from './shop/basket.svelte.js';

const page = () => console.log('page', render(App, { props: { title: 'Shop', tags: ['b', 'a'] } }).body.length > 100);
const legacy = () => console.log('legacy', render(Legacy, { props: { rows: [{ id: 1, name: 'Ada' }, { id: 2, name: 'Grace' }] } }).body.length > 100);

async function basket(): Promise<void> {
  const made = new Basket(['tea', 'cup']);
  made.put('pot', 3), made.put('tea', 2);
  made.total = Math.max(made.total, 3);
  await made.pay().catch((error: Error) => void error.message.slice(1));
  const { up, twice } = counter({ start: 2 });
  up(), up();
  console.log(made.dearest, twice(), [...made].length, Basket.of(['x']).total, made.onPick('x'));
}

export const steps = { page, legacy, basket };
