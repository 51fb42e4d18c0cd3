import type { RebalanceSuggestion } from "@obsqra/client";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Stats } from "../../components/stats.tsx";
import {
  change,
  fullDay,
  level,
  moment,
  money,
  percent,
  score,
  share,
  unknown,
  whole,
} from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { SuggestionTable } from "./suggestion-table.tsx";

const { allocation: words, units } = texts;

/** A suggestion with its reasons, costs and doubts. */
export function Suggestion({ suggestion }: { readonly suggestion: RebalanceSuggestion }) {
  const { outcome, reason, warnings, excluded_markets, unallocated_reason } = suggestion;
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
      <Remarks title={words.change.title} lines={changesOf(suggestion)}>
        <Link to="/allocation/what-if">{words.change.try}</Link>
      </Remarks>
      <Remarks title={words.warnings} lines={warnings} />
      <Remarks
        title={words.excluded}
        lines={excluded_markets.map(({ reason, count }) => `${whole(count)}: ${words.reasons[reason]}`)}
      />
    </>
  );
}

/** What would have to be different for other advice. */
function changesOf(suggestion: RebalanceSuggestion): readonly string[] {
  const { outcome, expected_improvement: improvement, costs, binding_limits } = suggestion;
  const isMove = outcome === "rebalance" && improvement > 0;
  const days = costs?.break_even_days;
  return [
    ...(isMove ? [words.change.less(percent(improvement).replace(" %", ""))] : []),
    ...(isMove && days != null ? [words.change.sooner(score(days))] : []),
    ...binding_limits.map(({ sentence }) => sentence),
  ];
}

function figuresOf(suggestion: RebalanceSuggestion) {
  const { suggestion: names } = words;
  const { as_of, data_source } = suggestion;
  const facts = (unit: string) => [
    unit,
    as_of === null ? undefined : texts.shell.asOf(fullDay(as_of)),
    units.source(data_source.name, moment(data_source.fetched_at)),
  ];
  const { costs, improvement_interval: interval, expected_apy_before: before } = suggestion;
  return [
    {
      name: names.improvement,
      value: `${change(suggestion.expected_improvement, percent)}`,
      note:
        interval === null
          ? undefined
          : `${level(interval.level)}: ${names.improvementNote(percent(interval.lower), percent(interval.upper))}`,
      lines: facts(units.apyPoints),
    },
    {
      name: names.apy,
      value: percent(suggestion.expected_apy_after),
      note: before === null ? names.apyNothing : names.apyBefore(percent(before)),
      lines: facts(units.apy),
    },
    {
      name: names.confidence,
      value: share(suggestion.confidence),
      note: names.confidenceNote,
      lines: facts(units.probability),
    },
    {
      name: names.risk,
      value: score(suggestion.portfolio_risk),
      note: names.riskNote,
      lines: facts(units.risk),
    },
    {
      name: names.costs,
      value: costs === null ? unknown : `${money(costs.gas)} + ${money(costs.exchange)}`,
      note: costs === null ? undefined : costsNote(costs),
      lines: costs === null ? [] : [units.usd, names.costsNote(money(costs.gas), money(costs.exchange))],
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
      lines: costs === null ? [] : facts(units.days),
    },
  ];
}

function costsNote(costs: NonNullable<RebalanceSuggestion["costs"]>): string {
  const { gas, exchange, assumed, gas_source: source } = costs;
  const { suggestion: names } = words;
  if (assumed && source !== "assumed") return names.costsRead;
  return assumed ? names.costsAssumed : names.costsNote(money(gas), money(exchange));
}

interface RemarksProps {
  readonly title: string;
  readonly lines: readonly string[];
  /** What leads on from them. */
  readonly children?: ReactNode;
}

function Remarks({ title, lines, children }: RemarksProps) {
  if (lines.length === 0) return null;
  return (
    <section className="card">
      <div className="card-head">
        <h2>{title}</h2>
        {children}
      </div>
      <ul className="card-body remarks">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
