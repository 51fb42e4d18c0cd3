import type { Market } from "@obsqra/client";
import { useQuery } from "@tanstack/react-query";
import { overviewQuery } from "../../api/first-page.ts";
import { fullDay } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { incidents: words, protocols, staleLong } = texts.market;

/** What has happened to a market or its protocol, and speaks against it; with the evidence, where there is some. */
export function Incidents({ market }: { readonly market: Market }) {
  const { data } = useQuery(overviewQuery);
  const protocol = data?.protocols.find((each) => each.protocol === market.protocol);
  const dropped = protocol?.dropped_markets.find(({ market_id }) => market_id === market.market_id);
  const lines = [
    market.status === "active" ? undefined : words.status[market.status](market.protocol_name),
    market.frozen ? words.frozen : undefined,
    dropped === undefined ? undefined : words.dropped[dropped.cause],
    dropped?.last_scored_at == null ? undefined : words.lastScored(fullDay(dropped.last_scored_at)),
    market.expected_apy?.stale === true ? staleLong : undefined,
  ].filter((line) => line !== undefined);
  const evidence = protocol?.status_evidence_url ?? null;
  return (
    <section className="card incidents" data-tone={lines.length === 0 ? undefined : "bad"}>
      <div className="card-head">
        <h2>{words.title}</h2>
        {evidence === null ? null : (
          <a className="small" href={evidence} rel="noreferrer" target="_blank">
            {protocols.evidence}
          </a>
        )}
      </div>
      {lines.length === 0 ? (
        <p className="card-body muted">{words.none}</p>
      ) : (
        <ul className="card-body remarks">
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      )}
    </section>
  );
}
