// Lists, trees and tables of Angular Material and its CDK.
import { ScrollingModule } from '@angular/cdk/scrolling';
import { DragDropModule } from '@angular/cdk/drag-drop';
import { Component, computed, inject, input, numberAttribute, viewChild } from '@angular/core';
import { MatBottomSheet } from '@angular/material/bottom-sheet';
import { MatCardModule } from '@angular/material/card';
import { MatDialog, MatDialogModule } from '@angular/material/dialog';
import { MatExpansionModule } from '@angular/material/expansion';
import { MatGridListModule } from '@angular/material/grid-list';
import { MatListModule } from '@angular/material/list';
import { MatPaginatorModule } from '@angular/material/paginator';
import { MatProgressBarModule } from '@angular/material/progress-bar';
import { MatProgressSpinnerModule } from '@angular/material/progress-spinner';
import { MatSnackBar } from '@angular/material/snack-bar';
import { MatSort, MatSortModule } from '@angular/material/sort';
import { MatTableDataSource, MatTableModule } from '@angular/material/table';
import { MatTabsModule } from '@angular/material/tabs';
import { MatTooltipModule } from '@angular/material/tooltip';
import { MatTreeModule } from '@angular/material/tree';

interface Row { id: number; name: string; price: number }
interface Leaf { name: string; children?: Leaf[] }

@Component({ selector: 'shop-told', imports: [MatDialogModule], template: '<h2 mat-dialog-title>Told</h2><mat-dialog-content>{{ text() }}</mat-dialog-content><mat-dialog-actions><button mat-dialog-close>No</button></mat-dialog-actions>' })
export class Told {
  protected text(): string {
    return 'told'.toUpperCase();
  }
}

@Component({
  selector: 'shop-lists',
  imports: [DragDropModule, ScrollingModule, MatCardModule, MatExpansionModule, MatGridListModule, MatListModule, MatPaginatorModule, MatProgressBarModule, MatProgressSpinnerModule, MatSortModule, MatTableModule, MatTabsModule, MatTooltipModule, MatTreeModule],
  template: `
    <mat-card><mat-card-header><mat-card-title>{{ title() }}</mat-card-title></mat-card-header><mat-card-content matTooltip="tip">x</mat-card-content></mat-card>
    <table mat-table [dataSource]="source" matSort matSortActive="name" matSortDirection="desc">
      @for (column of columns; track column) {
        <ng-container [matColumnDef]="column"><th mat-header-cell *matHeaderCellDef mat-sort-header>{{ column }}</th><td mat-cell *matCellDef="let row">{{ cell(row, column) }}</td><td mat-footer-cell *matFooterCellDef>{{ sum() }}</td></ng-container>
      }
      <tr mat-header-row *matHeaderRowDef="columns; sticky: true"></tr><tr mat-row *matRowDef="let row; columns: columns; when: isDear"></tr><tr mat-row *matRowDef="let row; columns: columns"></tr><tr mat-footer-row *matFooterRowDef="columns"></tr>
    </table>
    <mat-paginator [length]="100" [pageSize]="10" [pageSizeOptions]="[5, 10]" showFirstLastButtons />
    <mat-accordion multi><mat-expansion-panel expanded><mat-expansion-panel-header><mat-panel-title>P</mat-panel-title></mat-expansion-panel-header>in it</mat-expansion-panel></mat-accordion>
    <mat-grid-list cols="3" rowHeight="2:1"><mat-grid-tile colspan="2">1</mat-grid-tile><mat-grid-tile rowspan="2">2</mat-grid-tile><mat-grid-tile>3</mat-grid-tile></mat-grid-list>
    <mat-selection-list>@for (row of rows(); track row.id) { <mat-list-option [value]="row" selected>{{ row.name }}</mat-list-option> }</mat-selection-list>
    <mat-nav-list><a mat-list-item>One<span matListItemLine>line</span></a></mat-nav-list>
    <mat-progress-bar mode="buffer" value="30" /><mat-progress-spinner value="30" />
    <mat-tab-group [selectedIndex]="1">@for (row of rows(); track $index) { <mat-tab [label]="row.name">{{ row.price }}</mat-tab> }</mat-tab-group>
    <mat-tree [dataSource]="leaves" [childrenAccessor]="childrenOf">
      <mat-tree-node *matTreeNodeDef="let leaf" matTreeNodePadding>{{ leaf.name }}</mat-tree-node>
      <mat-nested-tree-node *matTreeNodeDef="let leaf; when: hasChildren"><button matTreeNodeToggle>{{ leaf.name }}</button><ng-container matTreeNodeOutlet /></mat-nested-tree-node>
    </mat-tree>
    <cdk-virtual-scroll-viewport itemSize="20"><div *cdkVirtualFor="let row of rows()">{{ row.name }}</div></cdk-virtual-scroll-viewport>
    <div cdkDropList (cdkDropListDropped)="drop()">@for (row of rows(); track row.id) { <div cdkDrag>{{ row.name }}</div> }</div>
    @defer { later } @placeholder { <i>{{ title() }}</i> }
  `,
})
export class Lists {
  readonly rows = input.required<Row[]>();
  readonly name = input('none');
  readonly wide = input(0, { transform: numberAttribute });
  private readonly sort = viewChild(MatSort);
  private readonly dialog = inject(MatDialog);
  private readonly bar = inject(MatSnackBar);
  private readonly sheet = inject(MatBottomSheet);
  protected readonly columns: (keyof Row)[] = ['id', 'name', 'price'];
  protected readonly source = new MatTableDataSource<Row>([]);
  protected readonly leaves: Leaf[] = [{ name: 'a', children: [{ name: 'b' }, { name: 'c', children: [{ name: 'd' }] }] }];
  protected readonly sum = computed(() => this.rows().reduce((sum, row) => sum + Math.abs(row.price), 0));
  protected readonly title = computed(() => this.name().toUpperCase());
  protected readonly childrenOf = (leaf: Leaf): Leaf[] => leaf.children?.slice() ?? [];

  ngOnInit(): void {
    this.source.data = this.rows().filter((row) => row.price > 0);
    this.source.filterPredicate = (row, wanted) => row.name.includes(wanted) || Object.keys(row).length > 9;
    this.source.filter = 'p';
    this.dialog.open(Told, { width: '9px' }).afterClosed().subscribe(() => void 'closed'.trim());
    this.bar.open('said', 'undo');
    this.sheet.open(Told);
    this.dialog.closeAll();
  }

  ngAfterViewInit(): void {
    this.source.sort = this.sort() ?? null;
  }

  protected hasChildren = (_at: number, leaf: Leaf): boolean => Array.isArray(leaf.children);

  protected isDear(_at: number, row: Row): boolean {
    return Math.max(row.price, 3) > 10;
  }

  protected cell(row: Row, column: keyof Row): string {
    return String(row[column]).trim();
  }

  protected drop(): void {
    console.log(this.rows().map((row) => row.id));
  }
}
