import type { Market, YieldForecastItem } from "@obsqra/client";
import { Explained } from "../../components/explained.tsx";
import { useSourceLine } from "../../components/use-source-line.ts";
import { fullDay, percent, score, share, unknown, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { VerifyButton } from "../record/verify-button.tsx";
import { Contributions } from "./contributions.tsx";
import { findForecast } from "./market-data.ts";
import { useMarketForecasts } from "./use-market-forecasts.ts";

const { page, parts, unknownInputs, contributions } = texts.market;

/** Where the figures of a market come from. */
export function WhyCards({ market }: { readonly market: Market }) {
  const { expectedYield, expectedRisk } = useMarketForecasts(market);
  const forecast = findForecast(expectedYield, market);
  const risk = findForecast(expectedRisk, market);
  return (
    <div className="charts why">
      <RiskParts market={market} />
      {forecast === undefined ? null : <Forecaster forecast={forecast} />}
      {forecast?.explanation == null ? null : (
        <Contributions
          title={contributions.apy}
          explanation={forecast.explanation}
          total={forecast.apy}
          format={percent}
        />
      )}
      {risk?.explanation == null ? null : (
        <Contributions
          title={contributions.risk}
          explanation={risk.explanation}
          total={risk.risk_score}
          format={score}
        />
      )}
    </div>
  );
}

function RiskParts({ market }: { readonly market: Market }) {
  const { risk_parts: found, unknown_inputs, illiquidity_probability } = market;
  const source = useSourceLine();
  if (found === null) return null;
  const { units, shell } = texts;
  const about = [shell.asOf(fullDay(market.as_of)), source];
  const facts: readonly [string, string, string, string?][] = [
    [parts.utilization, market.kind === "dex" ? unknown : share(found.utilization), units.lentOut],
    [parts.volatility, `${score(found.volatility)} ${parts.points}`, units.percentPoints],
    [
      parts.liquidity,
      parts.liquidityTiers[found.liquidity_tier] ?? "",
      parts.liquidityLong,
      unknown_inputs.includes("liquidity") ? unknownInputs.liquidity : undefined,
    ],
    [
      parts.audit,
      whole(found.audit_score),
      units.audit,
      unknown_inputs.includes("audit") ? unknownInputs.audit : undefined,
    ],
    [
      parts.age,
      parts.days(whole(found.age_days)),
      units.days,
      unknown_inputs.includes("age") ? unknownInputs.age : undefined,
    ],
    ...(illiquidity_probability === null
      ? []
      : [[parts.illiquid, share(illiquidity_probability), units.probability] as [string, string, string]]),
  ];
  return (
    <section className="card">
      <div className="card-head">
        <h2>{parts.title}</h2>
      </div>
      <dl className="card-body facts">
        {facts.map(([name, value, unit, note]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <Explained lines={[unit, ...about]}>{value}</Explained>
              {note === undefined ? null : <div className="small unknown-mark">{note}</div>}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Forecaster({ forecast }: { readonly forecast: YieldForecastItem }) {
  const { weights } = forecast.forecaster;
  return (
    <section className="card">
      <div className="card-head">
        <h2>{page.why}</h2>
        <VerifyButton forecastId={forecast.id} />
      </div>
      <div className="card-body">
        <p className="muted small">
          {page.whyLong} {page.confidence(share(forecast.confidence), percent(forecast.confidence_tolerance))}
          .
        </p>
        <div className="weights">
          {weights.map(({ name, weight }) => (
            <div key={name}>
              <span>{name.replaceAll("_", " ")}</span>
              <meter min={0} max={1} value={weight} aria-label={name} />
              <span className="number">{share(weight)}</span>
            </div>
          ))}
        </div>
      </div>
    </section>
  );
}
