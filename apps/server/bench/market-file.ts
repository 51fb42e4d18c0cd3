import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The daily history of DEX pools beside the repository, where it is there. */
export const marketFile: string = fileURLToPath(
  new URL("../../../../shared/market/dex_daily.csv.gz", import.meta.url),
);

/** Settings of a server that serves that history, or simulated data where it is not there. */
export function marketSettings(): Record<string, string> {
  return existsSync(marketFile)
    ? { MARKET_SOURCE: "file", MARKET_FILE: marketFile }
    : { MARKET_SOURCE: "simulated" };
}
