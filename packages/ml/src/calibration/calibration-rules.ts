/** How intervals follow what came true. Other rules than those that serve exist to be compared with them. */
export interface CalibrationRules {
  /** Whether the level follows the misses of a protocol's moving and of its flat markets apart. */
  levelByRegime: boolean;
  /** Steps are as long as given up to this horizon, and shorter beyond: the longer a level waits for its effect, the further it overshoots. */
  fullStepDays: number;
  /** The miscoverage of moving markets is that of n past windows and this many that nobody has seen, in which nothing missed. */
  unseenWindows: number;
}

/** The rules that serve; each is compared with what was before it in docs/evaluation.md. */
export const servedRules: CalibrationRules = {
  levelByRegime: true,
  fullStepDays: 7,
  unseenWindows: 0.15,
};
