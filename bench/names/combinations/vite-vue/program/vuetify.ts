import { createVuetify } from 'vuetify';
import * as components from 'vuetify/components';
import * as directives from 'vuetify/directives';
import { h } from 'vue';
import { SAMPLE, drawn, everything } from './drawn';

const made = () => createVuetify({ ssr: true, components, directives, theme: { themes: { light: { colors: { primary: '#336699' } } } } });
const all = () => everything(Object.fromEntries(Object.entries(components).filter(([name]) => name !== 'VApp')), (name) => ({ ...SAMPLE, modelValue: /Select|Combo|Auto|Field|Textarea/.test(name) ? 'a' : /Date|Calendar/.test(name) ? new Date(2024, 2, 1) : 3, headers: [{ title: 'Name', key: 'name', sortable: true }] }), [made()]);

const page = () => {
  const { VApp, VMain, VDataTable, VForm, VTextField, VSelect, VTabs, VTab, VCard, VList, VListItem, VTreeview, VSlider, VRating, VStepper } = components;
  return drawn({
    render: () => h(VApp, () => h(VMain, () => [
      h(VDataTable, { items: SAMPLE.data, headers: [{ title: 'Name', key: 'name', sort: (a: string, b: string) => a.localeCompare(b) }, { title: 'Total', key: 'total', value: (item: { total: number }) => item.total.toFixed(1) }], sortBy: [{ key: 'name', order: 'desc' }], search: 'a', groupBy: [{ key: 'total' }] } as never),
      h(VForm, () => [h(VTextField, { modelValue: 'Ada', rules: [(value: string) => value.length > 5 || 'short'], validateOn: 'eager', counter: true, label: 'Name' }), h(VSelect, { items: ['a', 'b'], modelValue: ['a'], multiple: true, chips: true })]),
      h(VCard, { title: 'Card', subtitle: 'sub', loading: true }, () => h(VList, { items: SAMPLE.items, density: 'compact' }, () => h(VListItem, { title: 'x', to: '/x' }))),
      h(VTabs, { modelValue: 'a' }, () => [h(VTab, { value: 'a' }, () => 'A')]), h(VTreeview, { items: [{ title: 'a', value: 1, children: [{ title: 'b', value: 2 }] }], openAll: true, selectable: true }),
      h(VSlider, { modelValue: 3, ticks: [1, 2], thumbLabel: true }), h(VRating, { modelValue: 3 }), h(VStepper, { items: ['a', 'b'] }),
    ])),
  }, {}, {}, [made()]);
};

export const steps = { all, page };
