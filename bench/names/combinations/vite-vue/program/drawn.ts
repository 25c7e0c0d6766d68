// A component drawn on the server, as HTML.
import { createSSRApp, h } from 'vue';
import type { Component, Plugin } from 'vue';
import { renderToString } from 'vue/server-renderer';

export async function drawn(component: Component, properties: Record<string, unknown> = {}, slots: Record<string, (given: never) => unknown> = {}, plugins: readonly Plugin[] = []): Promise<string> {
  const app = createSSRApp({ render: () => h(component as never, properties, slots as never) });
  app.config.warnHandler = () => undefined;
  for (const plugin of plugins) app.use(plugin);
  return renderToString(app, {});
}

// Everything that a library has, one after another, each as bare as it may be.
export async function everything(components: Record<string, unknown>, properties: (name: string) => Record<string, unknown>, plugins: readonly Plugin[]): Promise<void> {
  let drawings = 0;
  for (const [name, component] of Object.entries(components)) {
    try {
      drawings += (await drawn(component as Component, properties(name), { default: () => [h('i', name)] }, plugins)).length > 0 ? 1 : 0;
    } catch {
      // What wants more than it was given was drawn as far as it could be.
    }
  }
  console.log('drawn', drawings);
}

export const SAMPLE = {
  modelValue: 3, value: 2, options: [{ label: 'One', value: 1, key: 'one' }, { label: 'Two', value: 2, key: 'two' }], items: [{ title: 'A', value: 'a' }, { title: 'B', value: 'b' }],
  label: 'Orders', title: 'Orders', name: 'orders', text: 'text', content: 'text', data: [{ id: 1, name: 'Ada', total: 3 }, { id: 2, name: 'Grace', total: 5 }],
  columns: [{ key: 'id', title: 'Id' }, { key: 'name', title: 'Name' }], total: 40, min: 0, max: 10, length: 5, percentage: 40, percent: 40, src: 'a.png', icon: 'mdi-home', size: 'small', color: 'primary',
};
