import { useLayoutEffect, useState, type RefObject } from 'react';

const OVERSCAN_PX = 400;

/** Rows `start` … `end - 1` of a list are worth drawing. */
export interface VisibleRows {
  start: number;
  end: number;
}

/** Which of `count` rows of `rowHeight` px lie in or near a viewport, when the first begins `top` px below its edge. */
export function rowsInView(
  count: number,
  rowHeight: number,
  top: number,
  viewportHeight: number,
): VisibleRows {
  const start = Math.floor((-top - OVERSCAN_PX) / rowHeight);
  const end = Math.ceil((viewportHeight - top + OVERSCAN_PX) / rowHeight);
  const clamp = (index: number) => Math.min(Math.max(index, 0), count);
  return { start: clamp(start), end: clamp(end) };
}

/** Follows the page's scrolling; `body` is the element whose top is the top of row 0. */
export function useVisibleRows(
  body: RefObject<HTMLElement | null>,
  count: number,
  rowHeight: number,
): VisibleRows {
  const [rows, setRows] = useState<VisibleRows>({ start: 0, end: Math.min(count, 60) });

  useLayoutEffect(() => {
    let frame = 0;
    const measure = () => {
      frame = 0;
      const top = body.current?.getBoundingClientRect().top ?? 0;
      const next = rowsInView(count, rowHeight, top, innerHeight);
      setRows((old) => (old.start === next.start && old.end === next.end ? old : next));
    };
    const schedule = () => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    addEventListener('scroll', schedule, { passive: true });
    addEventListener('resize', schedule);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', schedule);
      removeEventListener('resize', schedule);
    };
  }, [body, count, rowHeight]);

  // A shorter list than the one last measured must not be read past its end.
  return { start: Math.min(rows.start, count), end: Math.min(rows.end, count) };
}
