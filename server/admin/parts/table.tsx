import { memo, type ReactNode, type RefObject } from 'react';
import type { VisibleRows } from './visible-rows.ts';

export interface Column<Row> {
  id: string;
  title: ReactNode;
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
  /** Rows whose values are not of now. */
  isPast?: (row: Row) => boolean;
}

interface RowProps<Row> {
  row: Row;
  columns: readonly Column<Row>[];
  index?: number;
  past?: boolean;
  selected?: boolean;
}

function RowView<Row>({ row, columns, index, past, selected }: RowProps<Row>) {
  return (
    <tr
      aria-rowindex={index === undefined ? undefined : index + 2}
      aria-selected={selected}
      className={past ? 'past' : undefined}
    >
      {columns.map((column) => (
        <td
          key={column.id}
          data-column={column.id}
          data-label={typeof column.title === 'string' ? column.title : undefined}
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
          <RowOf
            key={row.id}
            row={row}
            columns={props.columns}
            past={props.isPast?.(row) ?? false}
          />
        ))}
      </tbody>
    </table>
  );
}

/**
 * A table of any length: sorted by its headers, and only the rows in view are in the page. A row that is not there
 * yet keeps its place.
 */
export function LongTable<Row extends { id: number }, Id extends string>(props: {
  caption: string;
  className: string;
  columns: readonly (Column<Row> & { id: Id; sortable: boolean })[];
  /** Its top is the top of row 0. */
  body: RefObject<HTMLTableSectionElement | null>;
  count: number;
  visible: VisibleRows;
  rowAt: (index: number) => Row | undefined;
  sort: Sort<Id>;
  onSort: (column: Id) => void;
  /** px, as in the stylesheet. */
  rowHeight: number;
  isPast: (row: Row) => boolean;
  isSelected: (row: Row) => boolean;
}) {
  const { columns, count, sort, rowHeight } = props;
  const { start, end } = props.visible;
  const indices = Array.from({ length: end - start }, (_, offset) => start + offset);
  return (
    <table className={`rows ${props.className}`} aria-rowcount={count + 1}>
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
                {column.sortable ? (
                  <button type="button" onClick={() => props.onSort(column.id)}>
                    {column.title}
                  </button>
                ) : (
                  column.title
                )}
              </th>
            );
          })}
        </tr>
      </thead>
      <tbody ref={props.body}>
        <Spacer rows={start} rowHeight={rowHeight} span={columns.length} />
        {indices.map((index) => {
          const row = props.rowAt(index);
          return row === undefined ? (
            <tr key={`row ${index}`} className="awaited" aria-rowindex={index + 2}>
              <td colSpan={columns.length} />
            </tr>
          ) : (
            <RowOf
              key={row.id}
              row={row}
              columns={columns}
              index={index}
              past={props.isPast(row)}
              selected={props.isSelected(row)}
            />
          );
        })}
        <Spacer rows={count - end} rowHeight={rowHeight} span={columns.length} />
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
