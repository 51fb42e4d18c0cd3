import type { Market } from "@obsqra/client";
import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useRef } from "react";
import { SortIcon } from "../../components/icons.tsx";
import { Empty } from "../../components/states.tsx";
import { useSourceLine } from "../../components/use-source-line.ts";
import { texts } from "../../texts/index.ts";
import { type MarketView, orderOf, type SortColumn } from "./market-filters.ts";
import { MarketRow } from "./market-row.tsx";

const { columns, none, sortBy, title } = texts.market;

interface MarketTableProps {
  readonly markets: readonly Market[];
  readonly view: MarketView;
  readonly onChange: (view: MarketView) => void;
}

interface Column {
  readonly name: keyof typeof columns;
  readonly sort?: SortColumn;
  readonly className?: string;
}

const shownColumns: readonly Column[] = [
  { name: "market", sort: "market" },
  { name: "kind", className: "wide" },
  { name: "apy", sort: "apy", className: "number" },
  { name: "recent", className: "medium" },
  { name: "expected", sort: "expected", className: "medium" },
  { name: "risk", sort: "risk" },
  { name: "tvl", sort: "tvl", className: "number medium" },
  { name: "utilization", sort: "utilization", className: "number wide" },
  { name: "status", className: "medium" },
];

const rowHeight = 54;
const doNothing = () => {};

/** A row for each market, of which only those in sight are there: the page scrolls as if all were. */
export function MarketTable({ markets, view, onChange }: MarketTableProps) {
  const body = useRef<HTMLDivElement>(null);
  const rows = useWindowVirtualizer({
    count: markets.length,
    estimateSize: () => rowHeight,
    overscan: 8,
    scrollMargin: body.current?.offsetTop ?? 0,
    // Nothing is scrolled to by it, and where the page stands already it would have all laid out twice.
    scrollToFn: doNothing,
  });
  const largest = largestExpected(markets);
  const source = useSourceLine();
  if (markets.length === 0) {
    return (
      <div className="card">
        <Empty title={none} />
      </div>
    );
  }
  return (
    <div className="card grid-table" role="table" aria-label={title} aria-rowcount={markets.length + 1}>
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="grid-row grid-head">
          {shownColumns.map((column) => (
            <HeadCell key={column.name} column={column} view={view} onChange={onChange} />
          ))}
        </div>
      </div>
      <div ref={body} role="rowgroup" className="grid-body" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const market = markets[index];
          if (market === undefined) return null;
          return (
            <MarketRow
              key={market.market_id}
              market={market}
              rowIndex={index + 2}
              top={start - rows.options.scrollMargin}
              largest={largest}
              source={source}
            />
          );
        })}
      </div>
    </div>
  );
}

interface HeadCellProps extends Pick<MarketTableProps, "view" | "onChange"> {
  readonly column: Column;
}

function HeadCell({ column, view, onChange }: HeadCellProps) {
  const { name, sort, className = "" } = column;
  if (sort === undefined) {
    return (
      <div role="columnheader" className={className}>
        {columns[name]}
      </div>
    );
  }
  const isSorted = (view.sort ?? "tvl") === sort;
  const direction = orderOf(isSorted ? view : { sort });
  const turned = direction === "ascending" ? "descending" : "ascending";
  return (
    <div role="columnheader" className={className} aria-sort={isSorted ? direction : "none"}>
      <button
        type="button"
        aria-label={sortBy(columns[name])}
        onClick={() => onChange({ ...view, sort, order: isSorted ? turned : direction })}
      >
        {columns[name]}
        {isSorted ? <SortIcon direction={direction} /> : null}
      </button>
    </div>
  );
}

/** The scale of the bands; a few pools above it end at its edge, so that the others can be told apart. */
function largestExpected(markets: readonly Market[]): number {
  const values = markets.flatMap(({ expected_apy }) => expected_apy?.upper ?? []).toSorted((a, b) => a - b);
  return values[Math.floor(0.95 * (values.length - 1))] ?? 1;
}
