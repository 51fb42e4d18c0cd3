import type { DatabaseTransaction } from "@obsqra/db";
import { sql } from "kysely";
import {
  countedRisk,
  isOfProtocolDay,
  longestSilence,
  protocolFigures,
} from "./protocol-figures.fragments.ts";

/**
 * Makes the figures of protocols anew where those of their markets have changed, which the database has noted, and where markets that
 * have become silent count a few days longer. In the transaction of the change, so that nobody sees the one without the other.
 */
export async function renewProtocolFigures(trx: DatabaseTransaction, source: string): Promise<void> {
  await sql`
    delete from protocol_risk_history as figures using protocol_risk_changes as changed
    where changed.source = ${source} and figures.source = ${source}
      and figures.protocol = changed.protocol and figures.as_of >= changed.since`.execute(trx);
  await sql`
    with changed as (delete from protocol_risk_changes where source = ${source} returning protocol, since)
    insert into protocol_risk_history
      (source, protocol, as_of, risk_score, apy, tvl_usd, utilization, volatility, market_count)
    select risk.source, risk.protocol, risk.as_of, ${protocolFigures}
    from changed
    join (${countedRisk(sql`changed
      join risk_history as risk
        on risk.source = ${source} and risk.protocol = changed.protocol
          and risk.as_of >= changed.since - ${longestSilence}`)}) as risk
      on risk.protocol = changed.protocol and risk.as_of >= changed.since
    group by risk.source, risk.protocol, risk.as_of
    having ${isOfProtocolDay}`.execute(trx);
}
