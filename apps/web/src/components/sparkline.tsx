interface SparklineProps {
  readonly values: readonly number[];
  readonly label: string;
}

const width = 100;
const height = 28;
const margin = 2;

/** A line without axes, which only shows the shape. */
export function Sparkline({ values, label }: SparklineProps) {
  if (values.length < 2) return null;
  const low = Math.min(...values);
  const range = Math.max(...values) - low;
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * width;
    const part = range === 0 ? 0.5 : (value - low) / range;
    return `${x.toFixed(1)},${(height - margin - part * (height - 2 * margin)).toFixed(1)}`;
  });
  return (
    <svg
      className="spark"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
    >
      <path d={`M${points.join("L")}`} />
    </svg>
  );
}
