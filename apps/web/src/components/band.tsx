import type { ExpectedApy } from "@obsqra/client";

interface BandProps {
  readonly expected: ExpectedApy;
  /** Today's value. */
  readonly now: number | null;
  /** The largest value that a row of the same table has. */
  readonly max: number;
}

/** A forecast as a dot in its interval, and today's value as a line. Rows of one table have one scale, which is that of roots. */
export function Band({ expected, now, max }: BandProps) {
  const x = (value: number) => 2 + 96 * Math.sqrt(Math.min(Math.max(value, 0), max) / Math.max(max, 0.01));
  return (
    <svg className="band" aria-hidden="true" viewBox="0 0 100 18" preserveAspectRatio="none">
      <line className="track" x1="2" x2="98" y1="9" y2="9" strokeWidth="2" />
      <line className="range" x1={x(expected.lower)} x2={x(expected.upper)} y1="9" y2="9" strokeWidth="8" />
      {now === null ? null : <line className="now" x1={x(now)} x2={x(now)} y1="3" y2="15" strokeWidth="1" />}
      <rect className="point" x={x(expected.value) - 1.2} y="5" width="2.4" height="8" />
    </svg>
  );
}
