import { wholeBp } from "./tolerances.ts";

/** A place that is held or that the target is in, with what came true there. APYs in percent. */
export interface FollowedLine {
  readonly current_bp: number;
  readonly target_bp: number;
  /** Forecast; null where there was none. */
  readonly apy: number | null;
  readonly impermanent_loss: number;
  /** Net APYs that were foreseen: as it was, and with the target's share in it. */
  readonly net_apy_at_zero: number | null;
  readonly net_apy_at_target: number | null;
  /** Mean APY that was observed over the horizon; NaN where too few days were. */
  readonly earned: number;
}

/** What came true of a move, percent a year of the whole portfolio. */
export interface RealisedGain {
  /** Of the shares that were held before. */
  readonly held_apy: number;
  /** Of the target, less the cost of getting there. */
  readonly followed_apy: number;
  /** By how much following was better than holding. */
  readonly gain: number;
}

/**
 * What the target earned, and what the present shares: each place diluted as was foreseen, less the impermanent loss that was assumed.
 * A place that was not observed any more has earned nothing.
 *
 * @param annualCost - of the move, percentage points
 */
export function realisedGain(lines: readonly FollowedLine[], annualCost: number): RealisedGain {
  let [held, followed] = [0, 0];
  for (const { apy, impermanent_loss: loss, earned, ...line } of lines) {
    const net = (foreseen: number | null) => {
      const gross = Number.isNaN(earned) ? 0 : earned;
      const forecast = apy ?? 0;
      const part = foreseen === null || forecast <= 0 ? 1 : (foreseen + loss) / forecast;
      return gross * part - loss;
    };
    held += (line.current_bp * net(line.net_apy_at_zero)) / wholeBp;
    followed += (line.target_bp * net(line.net_apy_at_target)) / wholeBp;
  }
  followed -= annualCost;
  return { held_apy: held, followed_apy: followed, gain: followed - held };
}
