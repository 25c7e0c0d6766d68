// Components of PrimeNG.
import { Component } from '@angular/core';
import { FormsModule } from '@angular/forms';
import type { MenuItem, TreeNode } from 'primeng/api';
import { AccordionModule } from 'primeng/accordion';
import { BreadcrumbModule } from 'primeng/breadcrumb';
import { ButtonModule } from 'primeng/button';
import { DataViewModule } from 'primeng/dataview';
import { DatePickerModule } from 'primeng/datepicker';
import { InputNumberModule } from 'primeng/inputnumber';
import { KnobModule } from 'primeng/knob';
import { ListboxModule } from 'primeng/listbox';
import { MenubarModule } from 'primeng/menubar';
import { MultiSelectModule } from 'primeng/multiselect';
import { OrderListModule } from 'primeng/orderlist';
import { OrganizationChartModule } from 'primeng/organizationchart';
import { PaginatorModule } from 'primeng/paginator';
import { PanelMenuModule } from 'primeng/panelmenu';
import { RatingModule } from 'primeng/rating';
import { SelectModule } from 'primeng/select';
import { SplitterModule } from 'primeng/splitter';
import { StepperModule } from 'primeng/stepper';
import { TableModule } from 'primeng/table';
import { TabsModule } from 'primeng/tabs';
import { TimelineModule } from 'primeng/timeline';
import { TreeModule } from 'primeng/tree';
import { TreeTableModule } from 'primeng/treetable';

@Component({
  selector: 'shop-prime',
  imports: [FormsModule, AccordionModule, BreadcrumbModule, ButtonModule, DataViewModule, DatePickerModule, InputNumberModule, KnobModule, ListboxModule, MenubarModule, MultiSelectModule, OrderListModule, OrganizationChartModule, PaginatorModule, PanelMenuModule, RatingModule, SelectModule, SplitterModule, StepperModule, TableModule, TabsModule, TimelineModule, TreeModule, TreeTableModule],
  template: `
    <p-table [value]="rows" sortField="price" [sortOrder]="-1" [paginator]="true" [rows]="2" [globalFilterFields]="['name']" selectionMode="multiple" [selection]="rows" dataKey="id" rowGroupMode="subheader" groupRowsBy="kind">
      <ng-template #header><tr><th pSortableColumn="name">Name<p-sortIcon field="name" /></th></tr></ng-template>
      <ng-template #groupheader let-row><tr pRowGroupHeader><td>{{ row.kind }}</td></tr></ng-template>
      <ng-template #body let-row let-at="rowIndex"><tr [pSelectableRow]="row"><td>{{ cell(row, at) }}</td></tr></ng-template>
    </p-table>
    <p-tree [value]="nodes" selectionMode="checkbox" [filter]="true" /><p-treetable [value]="nodes" [columns]="['label']"><ng-template #body let-node let-data="rowData"><tr><td>{{ data?.label }}</td></tr></ng-template></p-treetable>
    <p-organizationchart [value]="nodes" /><p-timeline [value]="rows"><ng-template #content let-row>{{ row.name }}</ng-template></p-timeline>
    <p-menubar [model]="items" /><p-panelmenu [model]="items" /><p-breadcrumb [model]="items" />
    <p-select [options]="rows" optionLabel="name" [(ngModel)]="picked" filter /><p-multiselect [options]="rows" optionLabel="name" [(ngModel)]="several" display="chip" /><p-listbox [options]="rows" optionLabel="name" [checkbox]="true" [multiple]="true" />
    <p-datepicker [inline]="true" [(ngModel)]="day" [showWeek]="true" /><p-datepicker [inline]="true" view="month" /><p-inputnumber [(ngModel)]="price" mode="currency" currency="EUR" locale="de-DE" /><p-knob [(ngModel)]="price" /><p-rating [(ngModel)]="price" />
    <p-dataview [value]="rows" layout="grid"><ng-template #grid let-all>{{ all.length }}</ng-template></p-dataview><p-orderlist [value]="rows" dataKey="id" /><p-paginator [rows]="3" [totalRecords]="30" [rowsPerPageOptions]="[3, 5]" />
    <p-accordion value="0"><p-accordion-panel value="0"><p-accordion-header>A</p-accordion-header><p-accordion-content>B</p-accordion-content></p-accordion-panel></p-accordion>
    <p-tabs value="0"><p-tablist><p-tab value="0">T</p-tab></p-tablist><p-tabpanels><p-tabpanel value="0">U</p-tabpanel></p-tabpanels></p-tabs>
    <p-splitter [panelSizes]="[20, 80]"><ng-template #panel>1</ng-template><ng-template #panel>2</ng-template></p-splitter>
    <p-stepper [value]="1"><p-step-list><p-step [value]="1">1</p-step><p-step [value]="2">2</p-step></p-step-list></p-stepper>
    <p-button label="Go" icon="pi pi-check" [loading]="true" badge="2" (onClick)="go()" />
  `,
})
export class Prime {
  protected picked: object | null = null;
  protected several: object[] = [];
  protected day = new Date(2026, 3, 4);
  protected price = 1234.5;
  protected readonly rows = ['tea', 'cup', 'pot', 'jar'].map((name, id) => ({ id, name, kind: name.charAt(1), price: name.length * id }));
  protected readonly nodes: TreeNode[] = [{ label: 'a', key: '0', expanded: true, data: { label: 'A' }, children: [{ label: 'b', key: '0-0', data: { label: 'B' } }] }];
  protected readonly items: MenuItem[] = [{ label: 'File', expanded: true, items: [{ label: 'New', command: () => console.log('new'.trim()) }, { separator: true }, { label: 'Open' }] }];

  ngOnInit(): void {
    [this.picked = null] = this.rows.slice(1);
    this.several = this.rows.filter((row) => row.price > 3);
  }

  protected cell(row: { name: string }, at: number): string {
    return row.name.padStart(at + 5);
  }

  protected go(): void {
    this.price = Math.max(this.price, 2);
  }
}
