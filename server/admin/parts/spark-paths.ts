const PAD = 2;
const at = (n: number) => n.toFixed(1);

/** SVG paths of a curve through `values`, one step apart, in a box of `width` × `height`; broken at null. */
export function sparkPaths(
  values: readonly (number | null)[],
  width: number,
  height: number,
): { line: string; area: string } {
  const known = values.filter((value) => value !== null);
  const low = Math.min(...known);
  const range = Math.max(...known) - low;
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  // A flat curve stands in the middle, not at the bottom, where it would look like zero.
  const y = (value: number) =>
    range === 0 ? height / 2 : height - PAD - ((value - low) / range) * (height - 2 * PAD);

  let line = '';
  let area = '';
  let from = -1;
  const close = (end: number) => {
    if (from < 0) return;
    // A single value has no length; a short dash shows that it is there.
    if (end - from === 1) line += `h${at(Math.max(step, 1))}`;
    area += `L${at((end - 1) * step)} ${height}L${at(from * step)} ${height}Z`;
    from = -1;
  };
  for (const [index, value] of values.entries()) {
    if (value === null) {
      close(index);
      continue;
    }
    const point = `${at(index * step)} ${at(y(value))}`;
    line += `${from < 0 ? 'M' : 'L'}${point}`;
    area += `${from < 0 ? 'M' : 'L'}${point}`;
    if (from < 0) from = index;
  }
  close(values.length);
  return { line, area };
}
