import * as carbon from 'carbon-components-svelte';
import * as flowbite from 'flowbite-svelte';
import * as bits from 'bits-ui';
import { createRawSnippet } from 'svelte';
import { render } from 'svelte/server';
import type { Component } from 'svelte';
import Bits from './Bits.svelte';

const SAMPLE = {
  title: 'Orders', labelText: 'Name', text: 'x', value: 'a', items: [{ id: '0', text: 'Slack', value: 'a', label: 'A', name: 'A' }, { id: '1', text: 'Mail', value: 'b', label: 'B', name: 'B' }], headers: [{ key: 'name', value: 'Name', sort: (a: string, b: string) => a.localeCompare(b) }],
  rows: [{ id: 'a', name: 'Ada', port: 3 }, { id: 'b', name: 'Grace', port: 1 }], sortable: true, nodes: [{ id: 1, text: 'a', nodes: [{ id: 2, text: 'b' }] }], open: true, totalItems: 40, pageSizes: [5, 10], selectedId: '0', max: 10, min: 0, code: 'x = 1', href: '/x', size: 'sm', color: 'red', steps: ['a', 'b'], total: 5, images: [{ src: 'a.png', alt: 'a' }], progress: 40,
};
const children = createRawSnippet(() => ({ render: () => `<i>${'x'.repeat(2)}</i>` }));

function everything(library: Record<string, unknown>): void {
  let drawn = 0;
  for (const [name, component] of Object.entries(library)) {
    if (typeof component !== 'function' || !/^[A-Z]/.test(name)) continue;
    for (const properties of [SAMPLE, { ...SAMPLE, value: 3, size: 'md' }, { ...SAMPLE, value: ['a'], children, open: false }, { children }]) {
      try {
        drawn += render(component as Component, { props: properties as never }).body.length > 0 ? 1 : 0;
      } catch {
        // What wants more than it was given was drawn as far as it could be.
      }
    }
  }
  console.log('drawn', drawn);
}

export const steps = { carbon: () => everything(carbon), flowbite: () => everything(flowbite), bits: () => console.log(render(Bits as Component, {}).body.length > 100), separately: () => everything(Object.assign({}, ...Object.values(bits).filter((each) => typeof each === 'object'))) };
