import type { AdaptiveCalibration } from "../calibration/adaptive-calibration.ts";
import type { CalibrationRules } from "../calibration/calibration-rules.ts";
import { servedRules } from "../calibration/calibration-rules.ts";
import type { RowForecasts } from "../calibration/forecast-history.ts";
import type { Candidate } from "../training/train-candidate.ts";
import { forecastsUntil } from "../training/train-candidate.ts";
import type { WalkForwardData } from "../training/walk-forward.ts";
import { reportOf } from "./evaluation-scores.ts";
import { calibratedBy, type IssuedByRow, issueSpan, type Period } from "./issue-forecasts.ts";
import type { RegimeReport } from "./regime-scores.ts";
import { regimesOf, worstWeeksOf } from "./regime-scores.ts";

/** Intervals of the forecasts that were served, by other rules. */
export interface AblationReport {
  rules: string;
  horizon: number;
  /** Coverage by level: of moving markets, and of all. */
  moving: number[];
  all: number[];
  flat_90: number | null;
  /** Of the 90 % intervals: in the worst week of all markets, and of those that move. */
  worst_week: number | null;
  worst_week_moving: number | null;
  interval_score_50: number;
  interval_score_90: number;
}

/** A set of rules that is compared. */
interface Ablation {
  name: string;
  rules: CalibrationRules;
  /** Whether days that wait for their outcomes when a model is trained calibrate it later. */
  countsWaiting: boolean;
}

/** What was before each rule. */
const before = {
  levelByRegime: false,
  fullStepDays: Number.POSITIVE_INFINITY,
  unseenWindows: 0,
} as const satisfies CalibrationRules;

const ablations: readonly Ablation[] = [
  served("as served", {}),
  { ...served("without the days that wait", {}), countsWaiting: false },
  served("one level for moving and flat", { levelByRegime: before.levelByRegime }),
  served("steps as long at 30 days", { fullStepDays: before.fullStepDays }),
  served("no unseen windows", { unseenWindows: before.unseenWindows }),
  { name: "none of these", rules: before, countsWaiting: false },
];

/** Goes beside an evaluation and makes the intervals of what was served by other rules. */
export class IntervalAblations {
  readonly #data: WalkForwardData;
  readonly #variants = ablations.map((ablation) => ({
    ablation,
    calibration: undefined as AdaptiveCalibration | undefined,
    issued: new Map() as IssuedByRow,
  }));
  #champion: Candidate | undefined;

  constructor(data: WalkForwardData) {
    this.#data = data;
  }

  /** Takes in what the champion of some days forecast. */
  take(champion: Candidate, since: RowForecasts, span: Period): void {
    const isNew = champion !== this.#champion;
    this.#champion = champion;
    const waiting = isNew ? forecastsUntil(this.#data, champion, champion.asOfDay - 1) : undefined;
    for (const variant of this.#variants) {
      const { ablation, issued } = variant;
      const known = ablation.countsWaiting ? waiting : undefined;
      const calibration =
        isNew || variant.calibration === undefined
          ? calibratedBy(this.#data, champion, known, ablation.rules)
          : variant.calibration;
      variant.calibration = calibration;
      issueSpan(this.#data, calibration, since, { span, issued });
    }
  }

  /** How each did on rows of known outcome. */
  reports(rows: Int32Array): AblationReport[] {
    return this.#variants.map(({ ablation, issued }): AblationReport => {
      const { intervals } = reportOf(this.#data, rows, issued, "served");
      const regimes = regimesOf(this.#data, rows, issued);
      const weeks = worstWeeksOf(this.#data, rows, issued);
      const ofRegime = (regime: RegimeReport["regime"]) => regimes.find((each) => each.regime === regime);
      const worstOf = (markets: "all" | "moving") =>
        weeks.find((week) => week.markets === markets)?.coverage_90 ?? null;
      const scoreOf = (level: number) =>
        intervals.find((interval) => interval.level === level)?.interval_score ?? Number.NaN;
      return {
        rules: ablation.name,
        horizon: this.#data.horizonDays,
        moving: ofRegime("moving")?.coverage.map(({ coverage }) => coverage) ?? [],
        all: intervals.map(({ coverage }) => coverage),
        flat_90: ofRegime("flat")?.coverage.find(({ level }) => level === 0.9)?.coverage ?? null,
        worst_week: worstOf("all"),
        worst_week_moving: worstOf("moving"),
        interval_score_50: scoreOf(0.5),
        interval_score_90: scoreOf(0.9),
      };
    });
  }
}

function served(name: string, changed: Partial<CalibrationRules>): Ablation {
  return { name, rules: { ...servedRules, ...changed }, countsWaiting: true };
}
