// PrimeVue brings its components as they were written, too: those are taken.
import Accordion from '../node_modules/primevue/accordion/Accordion.vue';
import AccordionPanel from '../node_modules/primevue/accordionpanel/AccordionPanel.vue';
import AutoComplete from '../node_modules/primevue/autocomplete/AutoComplete.vue';
import Avatar from '../node_modules/primevue/avatar/Avatar.vue';
import Breadcrumb from '../node_modules/primevue/breadcrumb/Breadcrumb.vue';
import Button from '../node_modules/primevue/button/Button.vue';
import Carousel from '../node_modules/primevue/carousel/Carousel.vue';
import CascadeSelect from '../node_modules/primevue/cascadeselect/CascadeSelect.vue';
import Chip from '../node_modules/primevue/chip/Chip.vue';
import ColorPicker from '../node_modules/primevue/colorpicker/ColorPicker.vue';
import DataTable from '../node_modules/primevue/datatable/DataTable.vue';
import Column from '../node_modules/primevue/column/Column.vue';
import DataView from '../node_modules/primevue/dataview/DataView.vue';
import DatePicker from '../node_modules/primevue/datepicker/DatePicker.vue';
import Dock from '../node_modules/primevue/dock/Dock.vue';
import Fieldset from '../node_modules/primevue/fieldset/Fieldset.vue';
import FileUpload from '../node_modules/primevue/fileupload/FileUpload.vue';
import Galleria from '../node_modules/primevue/galleria/Galleria.vue';
import InputMask from '../node_modules/primevue/inputmask/InputMask.vue';
import InputNumber from '../node_modules/primevue/inputnumber/InputNumber.vue';
import InputOtp from '../node_modules/primevue/inputotp/InputOtp.vue';
import Knob from '../node_modules/primevue/knob/Knob.vue';
import Listbox from '../node_modules/primevue/listbox/Listbox.vue';
import MegaMenu from '../node_modules/primevue/megamenu/MegaMenu.vue';
import Menu from '../node_modules/primevue/menu/Menu.vue';
import Menubar from '../node_modules/primevue/menubar/Menubar.vue';
import Message from '../node_modules/primevue/message/Message.vue';
import MeterGroup from '../node_modules/primevue/metergroup/MeterGroup.vue';
import MultiSelect from '../node_modules/primevue/multiselect/MultiSelect.vue';
import OrderList from '../node_modules/primevue/orderlist/OrderList.vue';
import OrganizationChart from '../node_modules/primevue/organizationchart/OrganizationChart.vue';
import Paginator from '../node_modules/primevue/paginator/Paginator.vue';
import Panel from '../node_modules/primevue/panel/Panel.vue';
import PanelMenu from '../node_modules/primevue/panelmenu/PanelMenu.vue';
import Password from '../node_modules/primevue/password/Password.vue';
import PickList from '../node_modules/primevue/picklist/PickList.vue';
import ProgressBar from '../node_modules/primevue/progressbar/ProgressBar.vue';
import Rating from '../node_modules/primevue/rating/Rating.vue';
import ScrollPanel from '../node_modules/primevue/scrollpanel/ScrollPanel.vue';
import Select from '../node_modules/primevue/select/Select.vue';
import SelectButton from '../node_modules/primevue/selectbutton/SelectButton.vue';
import Slider from '../node_modules/primevue/slider/Slider.vue';
import SpeedDial from '../node_modules/primevue/speeddial/SpeedDial.vue';
import Splitter from '../node_modules/primevue/splitter/Splitter.vue';
import SplitterPanel from '../node_modules/primevue/splitterpanel/SplitterPanel.vue';
import Steps from '../node_modules/primevue/steps/Steps.vue';
import Tabs from '../node_modules/primevue/tabs/Tabs.vue';
import Terminal from '../node_modules/primevue/terminal/Terminal.vue';
import Textarea from '../node_modules/primevue/textarea/Textarea.vue';
import TieredMenu from '../node_modules/primevue/tieredmenu/TieredMenu.vue';
import Timeline from '../node_modules/primevue/timeline/Timeline.vue';
import Toolbar from '../node_modules/primevue/toolbar/Toolbar.vue';
import TreeSelect from '../node_modules/primevue/treeselect/TreeSelect.vue';
import TreeTable from '../node_modules/primevue/treetable/TreeTable.vue';
import VirtualScroller from '../node_modules/primevue/virtualscroller/VirtualScroller.vue';
import PrimeVue from 'primevue/config';
import { h } from 'vue';
import { SAMPLE, drawn, everything } from './drawn';

const components = { Accordion, AccordionPanel, AutoComplete, Avatar, Breadcrumb, Button, Carousel, CascadeSelect, Chip, ColorPicker, DataTable, Column, DataView, DatePicker, Dock, Fieldset, FileUpload, Galleria, InputMask, InputNumber, InputOtp, Knob, Listbox, MegaMenu, Menu, Menubar, Message, MeterGroup, MultiSelect, OrderList, OrganizationChart, Paginator, Panel, PanelMenu, Password, PickList, ProgressBar, Rating, ScrollPanel, Select, SelectButton, Slider, SpeedDial, Splitter, SplitterPanel, Steps, Tabs, Terminal, Textarea, TieredMenu, Timeline, Toolbar, TreeSelect, TreeTable, VirtualScroller };
const TREE = [{ key: '0', label: 'a', icon: 'pi', data: { name: 'a', size: 3 }, children: [{ key: '0-0', label: 'b', data: { name: 'b', size: 2 } }] }];
const MODEL = [{ label: 'File', items: [{ label: 'New', icon: 'pi', command: () => undefined }] }, { label: 'Edit', items: [[{ label: 'x', items: [{ label: 'Undo' }] }]] }];
const LIST = /AutoComplete|MultiSelect|Listbox|OrderList|Chip/;
const OWN: Record<string, object> = {
  DataTable: { value: SAMPLE.data, paginator: true, rows: 1, sortField: 'name', sortOrder: -1, filters: { name: { value: 'a', matchMode: 'contains' } }, globalFilterFields: ['name'], rowGroupMode: 'subheader', groupRowsBy: 'name' },
  PickList: { modelValue: [SAMPLE.data, SAMPLE.data] }, Tree: { value: TREE, filter: true, selectionMode: 'checkbox', selectionKeys: { 0: { checked: true } }, expandedKeys: { 0: true } }, TreeTable: { value: TREE, sortField: 'size', sortOrder: 1, filters: { global: 'a' } },
  TreeSelect: { options: TREE, modelValue: { '0-0': true } }, OrganizationChart: { value: TREE[0], collapsible: true }, DatePicker: { modelValue: new Date(2024, 2, 1), inline: true, numberOfMonths: 2, showTime: true, showWeek: true }, Carousel: { value: SAMPLE.data, numVisible: 2, circular: true, responsiveOptions: [{ breakpoint: '900px', numVisible: 1, numScroll: 1 }, { breakpoint: '500px', numVisible: 1, numScroll: 1 }] },
  CascadeSelect: { options: [{ label: 'x', items: [{ label: 'y', value: 1 }] }], optionLabel: 'label', optionGroupChildren: ['items'], optionGroupLabel: 'label' }, Galleria: { value: SAMPLE.data }, InputNumber: { modelValue: 1234.5, mode: 'currency', currency: 'EUR', locale: 'de-DE' }, Timeline: { value: SAMPLE.data }, DataView: { value: SAMPLE.data, paginator: true, rows: 1, sortField: 'name' },
  VirtualScroller: { items: [1, 2, 3], itemSize: 20 }, MeterGroup: { value: [{ label: 'a', value: 3, color: 'red' }] }, Paginator: { rows: 2, totalRecords: 30, first: 4 }, Slider: { modelValue: [1, 5], range: true }, Steps: { model: [{ label: 'a' }, { label: 'b' }] }, Password: { modelValue: 'Secret1', toggleMask: true }, Terminal: {}, Message: { severity: 'warn', closable: true, life: 100 },
};
const properties = (name: string) => ({ ...SAMPLE, modelValue: LIST.test(name) ? [1] : 3, optionLabel: 'label', optionValue: 'value', model: MODEL, filter: true, checkmark: true, suggestions: ['a'], ...OWN[name] });
const all = () => everything(components, properties, [{ install: (app) => void app.use(PrimeVue as never, {}) }]);

const table = () =>
  drawn({ render: () => h(DataTable, { value: SAMPLE.data, paginator: true, rows: 5, sortMode: 'multiple', multiSortMeta: [{ field: 'name', order: -1 }], selectionMode: 'multiple', selection: [SAMPLE.data[0]], dataKey: 'id', filterDisplay: 'row', filters: { name: { value: 'a', matchMode: 'startsWith' } } }, () => [h(Column, { selectionMode: 'multiple' }), h(Column, { field: 'name', header: 'Name', sortable: true }), h(Column, { field: 'total', header: 'Total' }, { body: ({ data }: { data: { total: number } }) => data.total.toFixed(2), filter: () => 'f' }), h(Column, { expander: true })]) }, {}, {}, [{ install: (app) => void app.use(PrimeVue as never, { ripple: false }) }]);

export const steps = { all, table };
