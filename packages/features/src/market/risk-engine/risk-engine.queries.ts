import type { Database, Row, Tables } from "@obsqra/db";
import { sql } from "kysely";
import { type SourceNow, servedImport } from "../served-data.fragments.ts";

export type ScoredMetricsRow = Omit<
  Row<Tables["risk_history"]>,
  "source" | "apy" | "tvl_usd" | "utilization"
>;

/** The metrics and scores of the newest day of a source, by market. */
export async function listNewestScores(
  db: Database,
  { source, now, limit }: SourceNow & { readonly limit: number },
): Promise<ScoredMetricsRow[]> {
  return db
    .selectFrom("risk_history")
    .select(["market_id", "as_of", "protocol", "risk_score"])
    .select(["utilization_bp", "volatility_bp", "liquidity_tier", "audit_score", "age_days"])
    .where("source", "=", source)
    .where("as_of", "=", ({ selectFrom }) =>
      selectFrom("risk_history")
        .select(({ fn }) => fn.max("as_of").as("newest"))
        .where("source", "=", source)
        .where(
          "as_of",
          "<=",
          sql<Date>`(with ${servedImport({ source, now })} select newest_day from served_import)`,
        ),
    )
    .orderBy("market_id")
    .limit(limit)
    .execute();
}
