import * as library from 'element-plus';
import { h } from 'vue';
import { ID_INJECTION_KEY, ZINDEX_INJECTION_KEY } from 'element-plus';
import { SAMPLE, drawn, everything } from './drawn';

const place = { install: (app: { provide: (key: unknown, value: unknown) => void }) => (app.provide(ID_INJECTION_KEY, { prefix: 1, current: 0 }), app.provide(ZINDEX_INJECTION_KEY, { current: 0 })) };
const OWN: Record<string, object> = { ElDatePicker: { modelValue: new Date(2024, 2, 1) }, ElCalendar: { modelValue: new Date(2024, 2, 1) }, ElTimePicker: { modelValue: new Date(2024, 2, 1) }, ElCascader: { modelValue: ['one'] }, ElInput: { modelValue: 'text' }, ElColorPicker: { modelValue: '#ff0000' }, ElTree: { data: [{ id: 1, label: 'a', children: [{ id: 2, label: 'b' }] }] }, ElTransfer: { modelValue: [1], data: [{ key: 1, label: 'x' }] } };

const components = Object.fromEntries(Object.entries(library).filter(([name]) => /^El[A-Z]/.test(name)));
const all = () => everything(components, (name) => ({ ...SAMPLE, ...OWN[name] }), [place as never]);

const table = () => {
  const { ElTable, ElTableColumn, ElForm, ElFormItem, ElInput, ElSelect, ElOption, ElTabs, ElTabPane, ElMenu, ElMenuItem, ElSubMenu } = library;
  return drawn({
    render: () => [
      h(ElTable, { data: SAMPLE.data, stripe: true, rowKey: 'id', defaultSort: { prop: 'total', order: 'descending' } }, () => [h(ElTableColumn, { type: 'selection' }), h(ElTableColumn, { prop: 'name', label: 'Name', sortable: true, filters: [{ text: 'A', value: 'A' }], formatter: (row: { name: string }) => row.name.toUpperCase() }), h(ElTableColumn, { prop: 'total', label: 'Total' }, { default: ({ row }: { row: { total: number } }) => row.total.toFixed(2) })]),
      h(ElForm, { model: { name: 'Ada' }, rules: { name: [{ required: true }] } }, () => h(ElFormItem, { label: 'Name', prop: 'name' }, () => h(ElInput, { modelValue: 'Ada', clearable: true, showWordLimit: true, maxlength: 10 }))),
      h(ElSelect, { modelValue: 2, multiple: false, filterable: true }, () => SAMPLE.options.map((each) => h(ElOption, each))),
      h(ElTabs, { modelValue: 'a' }, () => ['a', 'b'].map((name) => h(ElTabPane, { name, label: name }, () => name.repeat(3)))),
      h(ElMenu, { mode: 'vertical', defaultActive: '1' }, () => [h(ElMenuItem, { index: '1' }, () => 'One'), h(ElSubMenu, { index: '2' }, { title: () => 'Two', default: () => h(ElMenuItem, { index: '2-1' }, () => 'Three') })]),
    ],
  }, {}, {}, [place as never]);
};

export const steps = { all, table };
