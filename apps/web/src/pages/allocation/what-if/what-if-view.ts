import { firstSettings, type WhatIfSettings } from "./what-if-input.ts";

/** What the sliders stand at, as the address has it: what has not been moved is left out. */
export interface WhatIfView {
  readonly risk?: number;
  readonly share?: number;
  readonly days?: number;
  /** APY in percent, by market. */
  readonly apys?: Readonly<Record<string, number>>;
}

/** More than there are sliders. */
const apysMax = 100;

/** Reads them from an address, which anybody may have written. */
export function readWhatIfView({ risk, share, days, apys }: Readonly<Record<string, unknown>>): WhatIfView {
  const known =
    typeof apys === "object" && apys !== null
      ? Object.entries(apys)
          .filter((entry): entry is [string, number] => isWithin(entry[1], -100, 10_000))
          .slice(0, apysMax)
      : [];
  return {
    ...(isWithin(risk, 5, 95) ? { risk } : {}),
    ...(isWithin(share, 5, 100) ? { share } : {}),
    ...(isWithin(days, 1, 365) ? { days } : {}),
    ...(known.length === 0 ? {} : { apys: Object.fromEntries(known) }),
  };
}

/** Where the sliders stand of a link. */
export function settingsOf({ risk, share, days, apys }: WhatIfView): WhatIfSettings {
  return {
    maxRisk: risk ?? firstSettings.maxRisk,
    maxShare: share ?? firstSettings.maxShare,
    days: days ?? firstSettings.days,
    apys: apys ?? firstSettings.apys,
  };
}

/** A link to where the sliders stand. */
export function viewOf({ maxRisk, maxShare, days, apys }: WhatIfSettings): WhatIfView {
  return {
    ...(maxRisk === firstSettings.maxRisk ? {} : { risk: maxRisk }),
    ...(maxShare === firstSettings.maxShare ? {} : { share: maxShare }),
    ...(days === firstSettings.days ? {} : { days }),
    ...(Object.keys(apys).length === 0 ? {} : { apys }),
  };
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && value >= least && value <= most;
}
