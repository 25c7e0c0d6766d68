import * as library from 'naive-ui';
import { h } from 'vue';
import { SAMPLE, drawn, everything } from './drawn';

const components = Object.fromEntries(Object.entries(library).filter(([name]) => /^N[A-Z]/.test(name)));
const all = () => everything(components, (name) => ({ ...SAMPLE, columns: name === 'NDataTable' ? SAMPLE.columns.map((each) => ({ ...each, sorter: (a: { id: number }, b: { id: number }) => a.id - b.id })) : 4, value: /Select|Input$|Mention/.test(name) ? 'one' : /Date|Calendar|Time/.test(name) ? 1700000000000 : 2, size: 'small', color: '#336699' }), []);

const tree = () => {
  const { NTree, NDataTable, NMenu, NForm, NFormItem, NInput, NConfigProvider, darkTheme } = library;
  return drawn({
    render: () => h(NConfigProvider, { theme: darkTheme }, () => [
      h(NTree, { data: [{ label: 'a', key: 'a', children: [{ label: 'b', key: 'b' }] }], defaultExpandAll: true, checkable: true }),
      h(NDataTable, { data: SAMPLE.data, columns: [{ type: 'selection' }, { key: 'name', title: 'Name', sorter: 'default', render: (row: { name: string }) => row.name.trim() }], rowKey: (row: { id: number }) => row.id, pagination: { pageSize: 1 } } as never),
      h(NMenu, { options: [{ label: 'A', key: 'a' }, { label: 'B', key: 'b', children: [{ label: 'C', key: 'c' }] }] }),
      h(NForm, { model: { name: '' }, rules: { name: { required: true } } }, () => h(NFormItem, { path: 'name', label: 'Name' }, () => h(NInput, { value: 'x' }))),
    ]),
  });
};

export const steps = { all, tree };
