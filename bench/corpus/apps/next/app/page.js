"use client";

import { useState } from "react";
import { App, Button, DatePicker, Form, Input, Modal, Select, Table, Tree, Upload } from "antd";
import groupBy from "lodash/groupBy";
import { totalOf } from "../../first.js";
import { shippingOf } from "../../last.js";

export default function Page() {
  const [orders, setOrders] = useState([]);
  const add = (order) => setOrders([...orders, { ...order, shipping: shippingOf(order) }]);
  return (
    <App>
      <Form onFinish={add}>
        <Input name="name" />
        <DatePicker />
        <Select options={Object.keys(groupBy(orders, "kind")).map((value) => ({ value }))} />
        <Upload />
        <Button htmlType="submit">Add</Button>
      </Form>
      <Table dataSource={orders} />
      <Tree treeData={[]} />
      <Modal open={orders.length > 3}>{totalOf(orders)}</Modal>
    </App>
  );
}
