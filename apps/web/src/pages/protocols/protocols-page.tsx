import type { ProtocolOverview } from "@obsqra/client";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import { queries } from "../../api/client.ts";
import { CsvButton } from "../../components/csv-button.tsx";
import { Explained } from "../../components/explained.tsx";
import { ChangeFigure, RiskFigure, StatusTag } from "../../components/figures.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { Failure, Skeleton } from "../../components/states.tsx";
import { useSourceLine } from "../../components/use-source-line.ts";
import { fullDay, percent, score, usd, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { units } = texts;
const { protocols: words } = texts.market;
const csvHeader = [
  "protocol",
  "status",
  "as_of",
  "risk_score",
  "risk_score_trend",
  "apy",
  "apy_trend",
  "tvl_usd",
  "market_count",
];

/** How every protocol stands. */
export function ProtocolsPage() {
  const { data, error, refetch } = useQuery(queries.analytics.overview.queryOptions());
  return (
    <>
      <PageHead title={words.title} lead={words.lead}>
        {data === undefined ? null : (
          <CsvButton name="protocols" header={csvHeader} rows={() => data.protocols.map(toRow)} />
        )}
      </PageHead>
      {data === undefined ? (
        error === null ? (
          <Skeleton height={480} />
        ) : (
          <div className="card">
            <Failure error={error} retry={() => void refetch()} />
          </div>
        )
      ) : (
        <ProtocolTable protocols={data.protocols} />
      )}
    </>
  );
}

function ProtocolTable({ protocols }: { readonly protocols: readonly ProtocolOverview[] }) {
  const { columns } = words;
  // Those with figures first, the largest on top.
  const shown = protocols.toSorted((left, right) => (right.tvl_usd ?? -1) - (left.tvl_usd ?? -1));
  const numeric = [
    columns.risk,
    columns.riskTrend,
    columns.apy,
    columns.apyTrend,
    columns.tvl,
    columns.markets,
  ];
  return (
    <ScrollTable area="card scroll-x">
      <thead>
        <tr>
          <th scope="col">{columns.protocol}</th>
          <th scope="col">{columns.status}</th>
          {numeric.map((name, index) => (
            <th key={index < 2 ? `${name} risk` : `${name} apy`} scope="col" className="number">
              {name}
            </th>
          ))}
          <th scope="col" className="number">
            {columns.dropped}
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map((protocol) => (
          <ProtocolRow key={protocol.protocol} protocol={protocol} />
        ))}
      </tbody>
    </ScrollTable>
  );
}

function ProtocolRow({ protocol: row }: { readonly protocol: ProtocolOverview }) {
  const source = useSourceLine();
  const asOf = row.as_of === null ? undefined : texts.shell.asOf(fullDay(row.as_of));
  const facts = (unit: string) => [unit, units.protocol, asOf, source];
  return (
    <tr>
      <th scope="row">
        {row.market_count > 0 ? (
          <Link to="/" search={{ protocol: row.protocol }} aria-label={words.seeMarkets(row.display_name)}>
            {row.display_name}
          </Link>
        ) : (
          row.display_name
        )}
        <div className="muted small">{row.as_of === null ? words.noFigures : fullDay(row.as_of)}</div>
      </th>
      <td>
        <StatusTag status={row.status} />{" "}
        {row.status_evidence_url === null ? null : (
          <a className="small" href={row.status_evidence_url} rel="noreferrer" target="_blank">
            {words.evidence}
          </a>
        )}
      </td>
      <td className="number">
        <RiskFigure value={row.risk_score} unknownInputs={row.unknown_inputs} lines={facts(units.risk)} />
      </td>
      <td className="number">
        <Trend value={row.risk_score_trend} format={score} isMoreWorse lines={facts(units.riskPoints)} />
      </td>
      <td className="number">
        <Explained lines={row.apy === null ? [] : facts(units.apy)}>{percent(row.apy)}</Explained>
      </td>
      <td className="number">
        <Trend value={row.apy_trend} format={percent} lines={facts(units.apyPoints)} />
      </td>
      <td className="number">
        <Explained lines={row.tvl_usd === null ? [] : [`$${whole(row.tvl_usd)}`, units.usd, asOf, source]}>
          {usd(row.tvl_usd)}
        </Explained>
      </td>
      <td className="number">{whole(row.market_count)}</td>
      <td className="number">
        {row.dropped_markets.length === 0 ? (
          <span className="muted">0</span>
        ) : (
          <Explained lines={[words.droppedLong, row.dropped_markets.map(({ symbol }) => symbol).join(", ")]}>
            {whole(row.dropped_markets.length)}
          </Explained>
        )}
      </td>
    </tr>
  );
}

interface TrendProps extends ComponentProps<typeof ChangeFigure> {
  readonly lines: readonly (string | undefined)[];
}

/** A change over the period, explained where there is one. */
function Trend({ lines, ...figure }: TrendProps) {
  const shown = <ChangeFigure {...figure} />;
  return figure.value === null ? shown : <Explained lines={lines}>{shown}</Explained>;
}

function toRow(row: ProtocolOverview) {
  const { protocol, status, as_of, risk_score, risk_score_trend, apy, apy_trend, tvl_usd, market_count } =
    row;
  return [protocol, status, as_of, risk_score, risk_score_trend, apy, apy_trend, tvl_usd, market_count];
}
