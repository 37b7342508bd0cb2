import { sparkPaths } from './spark-paths.ts';

const WIDTH = 240;
const HEIGHT = 36;

/** A small curve; where nothing was reported it is broken. `title` says what it is, and its range. */
export function Spark(props: { values: readonly (number | null)[]; title: string }) {
  const { line, area } = sparkPaths(props.values, WIDTH, HEIGHT);
  return (
    <svg
      className="spark"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={props.title}
    >
      <title>{props.title}</title>
      <path className="spark-area" d={area} />
      <path className="spark-line" d={line} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
