import { createPinia } from 'pinia';
import { createMemoryHistory, createRouter } from 'vue-router';
import { createSSRApp, h, nextTick, watch } from 'vue';
import { renderToString } from 'vue/server-renderer';
import App from './shop/App.vue';
import Basket from './shop/Basket.vue';
import Orders from './shop/Orders.vue';
import Report from './shop/Report.vue';
import { useBasket, useLedger } from './shop/stores';
import { useCounter, useSearch } from './shop/composables';

async function page(path: string): Promise<string> {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: Orders }, { path: '/basket/:id(\\d+)', component: Basket, props: (route) => ({ id: Number(route.params.id) }), beforeEnter: (to) => to.fullPath.startsWith('/') }, { path: '/report', component: Report }] });
  router.beforeEach((to) => void to.path.split('/'));
  const app = createSSRApp({ render: () => h(App, { title: 'Shop' }) });
  app.config.warnHandler = () => undefined;
  app.config.errorHandler = (error) => console.log(String(error));
  app.use(createPinia()).use(router);
  await router.push(path);
  await router.isReady();
  return renderToString(app);
}

const home = async () => console.log('home', (await page('/')).length > 100);
const basket = async () => console.log('basket', (await page('/basket/7')).length > 100);
const report = async () => console.log('report', (await page('/report')).length > 100);

async function stores(): Promise<void> {
  const pinia = createPinia();
  pinia.use(({ store }) => ({ touched: Object.keys(store).length }));
  const store = useBasket(pinia);
  const ledger = useLedger(pinia);
  store.$subscribe((mutation) => void mutation.storeId.slice(1));
  store.$onAction(({ name, after, onError }) => (after(() => void name.trim()), onError((error) => void String(error).slice())));
  store.put({ sku: 'tea', price: 3, count: 2 }), store.put({ sku: 'cup', price: 9, count: 1 });
  ledger.enter('tea', 6), ledger.enter('cup', 9);
  await store.pay().catch((error: Error) => void error.message.slice(1));
  await nextTick();
  console.log(store.total, store.named('tea'), ledger.sum, ledger.lines.length, store.$state.items.length);
}

async function composed(): Promise<void> {
  const { count, twice, up, reset } = useCounter({ start: 2, step: 3 });
  const seen: number[] = [];
  const stop = watch(count, (now, before) => void seen.push(now - before), { flush: 'sync' });
  up(), up(), reset(), stop();
  const { found, query, matches } = useSearch(() => [{ name: 'Ada' }, { name: 'Grace' }]);
  query.value = 'a';
  console.log(twice.value, seen.length, found.value.length, matches('gr', { name: 'Grace' }));
}

export const steps = { home, basket, report, stores, composed };
