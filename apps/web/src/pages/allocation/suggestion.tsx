import type { RebalanceSuggestion } from "@obsqra/client";
import { Stats } from "../../components/stats.tsx";
import { change, level, moment, money, percent, score, share, unknown, whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { SuggestionTable } from "./suggestion-table.tsx";

const words = texts.allocation;

/** A suggestion with its reasons, costs and doubts. */
export function Suggestion({ suggestion }: { readonly suggestion: RebalanceSuggestion }) {
  const { outcome, reason, binding_limits, warnings, excluded_markets, unallocated_reason } = suggestion;
  return (
    <>
      <section className="card">
        <div className="card-head">
          <h2>
            {words.suggestion.title}{" "}
            <span className="tag" data-tone={outcome === "hold" ? "warn" : "good"}>
              {words.suggestion.outcomes[outcome]}
            </span>
          </h2>
          <span className="muted small">{words.suggestion.made(moment(suggestion.created_at))}</span>
        </div>
        <p className="card-body">
          {reason} {unallocated_reason}
        </p>
      </section>
      <Stats figures={figuresOf(suggestion)} />
      <SuggestionTable suggestion={suggestion} />
      <Remarks title={words.limits} lines={binding_limits.map(({ sentence }) => sentence)} />
      <Remarks title={words.warnings} lines={warnings} />
      <Remarks
        title={words.excluded}
        lines={excluded_markets.map(({ reason, count }) => `${whole(count)}: ${words.reasons[reason]}`)}
      />
    </>
  );
}

function figuresOf(suggestion: RebalanceSuggestion) {
  const { suggestion: names } = words;
  const { costs, improvement_interval: interval, expected_apy_before: before } = suggestion;
  return [
    {
      name: names.improvement,
      value: `${change(suggestion.expected_improvement, percent)}`,
      note:
        interval === null
          ? undefined
          : `${level(interval.level)}: ${names.improvementNote(percent(interval.lower), percent(interval.upper))}`,
    },
    {
      name: names.apy,
      value: percent(suggestion.expected_apy_after),
      note: before === null ? names.apyNothing : names.apyBefore(percent(before)),
    },
    { name: names.confidence, value: share(suggestion.confidence), note: names.confidenceNote },
    { name: names.risk, value: score(suggestion.portfolio_risk), note: names.riskNote },
    {
      name: names.costs,
      value: costs === null ? unknown : `${money(costs.gas)} + ${money(costs.exchange)}`,
      note: costs === null ? undefined : costsNote(costs),
    },
    {
      name: names.breakEven,
      value:
        costs === null
          ? unknown
          : costs.break_even_days === null
            ? names.never
            : names.days(score(costs.break_even_days)),
      note: costs === null ? undefined : names.breakEvenNote(costs.horizon_days),
    },
  ];
}

function costsNote(costs: NonNullable<RebalanceSuggestion["costs"]>): string {
  const { gas, exchange, assumed, gas_source: source } = costs;
  const { suggestion: names } = words;
  if (assumed && source !== "assumed") return names.costsRead;
  return assumed ? names.costsAssumed : names.costsNote(money(gas), money(exchange));
}

function Remarks({ title, lines }: { readonly title: string; readonly lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <section className="card">
      <div className="card-head">
        <h2>{title}</h2>
      </div>
      <ul className="card-body remarks">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
