import type { ProtocolStatus } from "@obsqra/client";
import { change, score, unknown } from "../format/figures.ts";
import { texts } from "../texts/index.ts";
import { Explained } from "./explained.tsx";

/** How far a score is from safe; the limits are those of low and medium tolerance. */
function riskLevel(value: number): "low" | "medium" | "high" {
  if (value < 35) return "low";
  return value < 60 ? "medium" : "high";
}

interface RiskFigureProps {
  readonly value: number | null;
  readonly unknownInputs: readonly ("liquidity" | "audit" | "age")[];
  readonly lines?: readonly (string | undefined)[];
}

/** A risk score with how much it is, and a mark where some of what it rests on is not known. */
export function RiskFigure({ value, unknownInputs, lines = [] }: RiskFigureProps) {
  const { market } = texts;
  if (value === null) return <span className="muted">{unknown}</span>;
  const level = riskLevel(value);
  return (
    <span className="risk">
      <svg
        className="risk-bar"
        data-level={level}
        aria-hidden="true"
        viewBox="0 0 100 10"
        preserveAspectRatio="none"
      >
        <rect width={value} height="10" />
      </svg>
      <Explained
        lines={[
          `${market.riskScore}: ${market.riskWords[level]}`,
          ...lines,
          ...unknownInputs.map((input) => market.unknownInputs[input]),
        ]}
      >
        {score(value)}
        {unknownInputs.length === 0 ? null : (
          <span className="unknown-mark">
            <span aria-hidden="true"> ?</span>
            <span className="visually-hidden">, {market.unknownCount(unknownInputs.length)}</span>
          </span>
        )}
      </Explained>
    </span>
  );
}

const tones = { active: "good", paused: "warn", deprecated: "warn", exploited: "bad" } as const;

export function StatusTag({
  status,
  isFrozen,
}: {
  readonly status: ProtocolStatus;
  readonly isFrozen?: boolean;
}) {
  if (status === "active" && isFrozen === true)
    return (
      <span className="tag" data-tone="warn">
        {texts.market.frozen}
      </span>
    );
  return (
    <span className="tag" data-tone={tones[status]}>
      {texts.market.statuses[status]}
    </span>
  );
}

interface ChangeFigureProps {
  readonly value: number | null;
  readonly format: (value: number | null | undefined) => string;
  /** Whether more is worse, as of risk. */
  readonly isMoreWorse?: boolean;
}

/** A change, coloured by whether it is for the better. */
export function ChangeFigure({ value, format, isMoreWorse = false }: ChangeFigureProps) {
  if (value === null) return <span className="muted">{unknown}</span>;
  const isBetter = isMoreWorse ? value < 0 : value > 0;
  const shown = change(value, format);
  const isNone = !/[1-9]/.test(shown);
  return <span className={isNone ? "muted" : isBetter ? "up" : "down"}>{shown}</span>;
}
