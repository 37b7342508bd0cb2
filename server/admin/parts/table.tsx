import { memo, useRef, type ReactNode } from 'react';
import { useVisibleRows } from './visible-rows.ts';

export interface Column<Row> {
  id: string;
  title: string;
  /** Numbers stand at the end of their column. */
  align?: 'end';
  cell: (row: Row) => ReactNode;
}

export interface Sort<Id extends string = string> {
  column: Id;
  descending: boolean;
}

interface TableProps<Row extends { id: number }> {
  /** For screen readers; also the class by which the stylesheet sets widths. */
  caption: string;
  className: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
}

interface RowProps<Row> {
  row: Row;
  columns: readonly Column<Row>[];
  index?: number;
  past?: boolean;
}

function RowView<Row>({ row, columns, index, past }: RowProps<Row>) {
  return (
    <tr
      aria-rowindex={index === undefined ? undefined : index + 2}
      className={past ? 'past' : undefined}
    >
      {columns.map((column) => (
        <td
          key={column.id}
          data-column={column.id}
          data-label={column.title}
          className={column.align}
        >
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}
// TanStack Query keeps the objects of rows that did not change, so most rows are skipped.
const RowOf = memo(RowView) as typeof RowView;

/** A short table. */
export function Table<Row extends { id: number }>(props: TableProps<Row>) {
  return (
    <table className={`rows ${props.className}`}>
      <caption className="visually-hidden">{props.caption}</caption>
      <thead>
        <tr>
          {props.columns.map((column) => (
            <th key={column.id} scope="col" data-column={column.id} className={column.align}>
              {column.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {props.rows.map((row) => (
          <RowOf key={row.id} row={row} columns={props.columns} />
        ))}
      </tbody>
    </table>
  );
}

/** A table of any length: sorted by its headers, and only the rows in view are in the page. */
export function LongTable<Row extends { id: number }, Id extends string>(
  props: Omit<TableProps<Row>, 'columns'> & {
    columns: readonly (Column<Row> & { id: Id })[];
    sort: Sort<Id>;
    onSort: (column: Id) => void;
    /** px, as in the stylesheet. */
    rowHeight: number;
    /** Rows whose values are not of now. */
    isPast: (row: Row) => boolean;
  },
) {
  const { columns, rows, sort, rowHeight } = props;
  const body = useRef<HTMLTableSectionElement>(null);
  const { start, end } = useVisibleRows(body, rows.length, rowHeight);
  return (
    <table className={`rows ${props.className}`} aria-rowcount={rows.length + 1}>
      <caption className="visually-hidden">{props.caption}</caption>
      <thead>
        <tr aria-rowindex={1}>
          {columns.map((column) => {
            const active = sort.column === column.id;
            const order = sort.descending ? 'descending' : 'ascending';
            return (
              <th
                key={column.id}
                scope="col"
                data-column={column.id}
                className={column.align}
                aria-sort={active ? order : undefined}
              >
                <button type="button" onClick={() => props.onSort(column.id)}>
                  {column.title}
                </button>
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody ref={body}>
        <Spacer rows={start} rowHeight={rowHeight} span={columns.length} />
        {rows.slice(start, end).map((row, offset) => (
          <RowOf
            key={row.id}
            row={row}
            columns={columns}
            index={start + offset}
            past={props.isPast(row)}
          />
        ))}
        <Spacer rows={rows.length - end} rowHeight={rowHeight} span={columns.length} />
      </tbody>
    </table>
  );
}

function Spacer(props: { rows: number; rowHeight: number; span: number }) {
  if (props.rows <= 0) return null;
  return (
    <tr className="spacer" aria-hidden="true">
      <td colSpan={props.span} style={{ height: `${props.rows * props.rowHeight}px` }} />
    </tr>
  );
}
