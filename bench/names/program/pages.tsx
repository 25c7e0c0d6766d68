// Pages rendered on the server: React with antd.
import * as antd from 'antd';
import { Component, createContext, forwardRef, lazy, memo, Suspense, useCallback, useContext, useEffect, useId, useMemo, useReducer, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { renderToPipeableStream, renderToStaticMarkup, renderToString } from 'react-dom/server';
import { PassThrough } from 'node:stream';

const Theme = createContext({ dark: false, name: () => 'light' });

function useCount(start: number) {
  const [count, change] = useReducer((state: number, step: number) => Math.max(state + step, 0), start, (n) => Math.abs(n));
  const double = useMemo(() => Math.round(count * 2), [count]);
  return { count, double, more: useCallback(() => change(Math.abs(1)), []) };
}

const Row = memo(({ name, index }: { name: string; index: number }) => {
  const id = useId();
  return <li id={id.replace(':', '')}>{name.toUpperCase()} {String(index).padStart(3)}</li>;
});

const Box = forwardRef<HTMLDivElement, { children: ReactNode }>(function Box({ children }, ref) {
  const theme = useContext(Theme);
  return <div ref={ref} className={['box', theme.name()].join(' ')}>{children}</div>;
});

class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  state = { failed: Boolean('x'.indexOf('y') > 0) };
  static getDerivedStateFromError = () => ({ failed: 'x'.includes('x') });
  render(): ReactNode {
    return this.state.failed ? this.fallback() : this.props.children;
  }
  private fallback = () => <b>{'failed'.trim()}</b>;
}

const Late = lazy(async () => {
  await null;
  return { default: () => <i>{'late'.toUpperCase()}</i> };
});

export default function Shop({ names }: { names: string[] }) {
  const { count, double } = useCount(-3);
  const [sorted] = useState(() => names.slice().sort((a, b) => a.localeCompare(b)));
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => void Math.abs(1));
  return (
    <Theme.Provider value={{ dark: true, name: () => 'dark'.trim() }}>
      <Boundary>
        <Box ref={ref}>
          {count}/{double}
          <ul>{sorted.map((name, index) => <Row key={name} name={name} index={index} />)}</ul>
          <Suspense fallback={<b>wait</b>}><Late /></Suspense>
        </Box>
      </Boundary>
    </Theme.Provider>
  );
}

const rows = Array.from({ length: 12 }, (_, key) => ({ key, name: `n${key}`, age: key * 3 }));

const examples: Record<string, () => ReactNode> = {
  table: () => <antd.Table rowSelection={{}} pagination={{ pageSize: 5 }} dataSource={rows} columns={[{ title: 'Name', dataIndex: 'name', sorter: (a, b) => a.name.localeCompare(b.name), defaultSortOrder: 'descend', render: (text: string) => text.toUpperCase() }, { title: 'Age', dataIndex: 'age', filters: [{ text: 'x', value: 3 }], onFilter: (value, row) => Math.abs(row.age) === value }]} expandable={{ expandedRowRender: (row) => row.name.trim(), defaultExpandAllRows: true }} />,
  form: () => <antd.Form initialValues={{ a: 1 }} onFinish={() => Math.abs(1)}><antd.Form.Item name="a" label="A" rules={[{ required: true }, { validator: async () => Math.abs(1) }]}><antd.Input /></antd.Form.Item><antd.Form.List name="l" initialValue={[1, 2]}>{(fields) => fields.map((field) => <antd.Form.Item {...field} key={field.key}><antd.InputNumber min={1} /></antd.Form.Item>)}</antd.Form.List></antd.Form>,
  select: () => <antd.Select open mode="multiple" defaultValue={['a']} options={[{ value: 'a', label: 'A' }, { label: 'g', options: [{ value: 'b' }] }]} filterOption={(input, option) => String(option?.value).includes(input)} />,
  tree: () => <antd.Tree defaultExpandAll checkable treeData={[{ key: 1, title: 'a', children: [{ key: 2, title: 'b' }] }]} />,
  treeSelect: () => <antd.TreeSelect treeData={[{ value: 1, title: 'a', children: [{ value: 2, title: 'b' }] }]} value={1} />,
  cascader: () => <antd.Cascader options={[{ value: 1, label: 'a', children: [{ value: 2, label: 'b' }] }]} defaultValue={[1, 2]} />,
  date: () => <><antd.DatePicker /><antd.DatePicker.RangePicker /><antd.TimePicker /><antd.Calendar /></>,
  menu: () => <antd.Menu mode="inline" defaultOpenKeys={['s']} items={[{ key: 1, label: 'a' }, { key: 's', label: 's', children: [{ key: 3, label: 'c' }] }]} />,
  tabs: () => <antd.Tabs items={[{ key: '1', label: 'a', children: 'x' }, { key: '2', label: 'b' }]} />,
  steps: () => <antd.Steps current={1} items={[{ title: 'a' }, { title: 'b' }]} />,
  layout: () => <antd.Layout><antd.Layout.Header>h</antd.Layout.Header><antd.Layout.Sider collapsible>s</antd.Layout.Sider><antd.Layout.Content><antd.Row gutter={[8, { xs: 3 }]}><antd.Col span={8} md={{ span: 3 }}>x</antd.Col></antd.Row></antd.Layout.Content></antd.Layout>,
  small: () => <><antd.Button type="primary" icon={<i />} loading>b</antd.Button><antd.Badge count={3}><antd.Avatar>A</antd.Avatar></antd.Badge><antd.Tag closable color="red">t</antd.Tag><antd.Alert message="m" showIcon /><antd.Progress type="circle" percent={30} /><antd.Rate defaultValue={2} /><antd.Slider range defaultValue={[2, 5]} marks={{ 3: 'x' }} /><antd.Switch /><antd.Checkbox.Group options={['a', 'b']} /><antd.Radio.Group options={['a', 'b']} /><antd.Pagination total={99} showSizeChanger /><antd.Breadcrumb items={[{ title: 'a' }, { title: 'b' }]} /><antd.Spin /><antd.Skeleton active avatar /><antd.Empty /><antd.Result status="404" /><antd.Statistic value={12345.678} precision={2} /><antd.Timeline items={[{ children: 'x' }]} /><antd.QRCode value="x" type="svg" /><antd.ColorPicker value="#abc" /><antd.Segmented options={['a', 'b']} /><antd.Divider>d</antd.Divider></>,
  boxes: () => <><antd.Card title="t" extra="e" actions={['a']}>c</antd.Card><antd.Collapse items={[{ key: 1, label: 'l', children: 'x' }]} defaultActiveKey={[1]} /><antd.Descriptions bordered items={[{ label: 'a', children: 'b' }]} /><antd.Tooltip title="t" open><b>x</b></antd.Tooltip><antd.Popover content="c"><b>x</b></antd.Popover><antd.Dropdown menu={{ items: [{ key: 1, label: 'x' }] }}><b>x</b></antd.Dropdown><antd.Typography.Paragraph copyable editable ellipsis={{ rows: 2 }}>long text</antd.Typography.Paragraph><antd.Upload fileList={[{ uid: '1', name: 'x.png', status: 'done' }]} listType="picture" /><antd.Transfer dataSource={rows.map((row) => ({ key: String(row.key), title: row.name }))} targetKeys={['1']} render={(item) => item.title.trim()} /><antd.Mentions options={[{ value: 'a' }]} /><antd.AutoComplete options={[{ value: 'x' }]} /><antd.Carousel><b>1</b><b>2</b></antd.Carousel><antd.Image src="x" /><antd.Anchor items={[{ key: 1, href: '#a', title: 'a' }]} /><antd.Watermark content="w">x</antd.Watermark><antd.Splitter><antd.Splitter.Panel>1</antd.Splitter.Panel></antd.Splitter><antd.Drawer open getContainer={false}>d</antd.Drawer><antd.Modal open getContainer={false}>m</antd.Modal><antd.Flex gap="small">f</antd.Flex><antd.Space>s</antd.Space><antd.FloatButton /></>,
};

async function stream(): Promise<void> {
  await new Promise<void>((resolve) => {
    const { pipe } = renderToPipeableStream(<Shop names={['d', 'c']} />, { onAllReady: () => void pipe(new PassThrough()), onError: (error) => void String(error).slice() });
    setTimeout(resolve, 20);
  });
}

const rendered = Object.fromEntries(
  Object.entries(examples).map(([name, example]) => [
    name,
    () => renderToStaticMarkup(<antd.ConfigProvider theme={{ algorithm: antd.theme.darkAlgorithm, token: { colorPrimary: '#abc' } }}>{example()}</antd.ConfigProvider>),
  ]),
);

export const steps = { shop: () => renderToString(<Shop names={['b', 'a']} />), stream, ...rendered };
