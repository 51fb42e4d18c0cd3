import type { Market } from "@obsqra/client";
import { type ReactNode, useMemo } from "react";
import { Segments } from "../../components/segments.tsx";
import { Select } from "../../components/select.tsx";
import { texts } from "../../texts/index.ts";
import type { MarketView } from "./market-filters.ts";

const { filter, kinds } = texts.market;

interface FilterBarProps {
  readonly markets: readonly Market[];
  readonly view: MarketView;
  readonly onChange: (view: MarketView) => void;
  /** At the end of the bar. */
  readonly children: ReactNode;
}

/** What narrows the table down. */
export function FilterBar({ markets, view, onChange, children }: FilterBarProps) {
  const { assets, protocols } = useMemo(() => listChoices(markets), [markets]);
  const set = (change: { [TName in keyof MarketView]?: MarketView[TName] | undefined }) => {
    const entries = Object.entries({ ...view, ...change }).filter(
      ([, value]) => value !== undefined && value !== "",
    );
    onChange(Object.fromEntries(entries));
  };
  const { q, asset, kind, protocol, stable } = view;
  const isNarrowed = [q, asset, kind, protocol, stable].some((value) => value !== undefined);
  return (
    <search className="filters" aria-label={filter.label}>
      <input
        type="search"
        className="field-input"
        placeholder={filter.search}
        aria-label={filter.search}
        value={q ?? ""}
        onChange={(event) => set({ q: event.target.value })}
      />
      <Select
        label={filter.asset}
        value={asset ?? ""}
        options={[{ value: "", label: filter.anyAsset }, ...assets]}
        onChange={(value) => set({ asset: value })}
      />
      <Select
        label={filter.protocol}
        value={protocol ?? ""}
        options={[{ value: "", label: filter.anyProtocol }, ...protocols]}
        onChange={(value) => set({ protocol: value })}
      />
      <Segments
        label={filter.kind}
        value={kind ?? "all"}
        options={[
          { value: "all", label: filter.anyKind },
          { value: "lending", label: kinds.lending },
          { value: "dex", label: kinds.dex },
        ]}
        onChange={(value) => set({ kind: value === "all" ? undefined : value })}
      />
      <label className="check">
        <input
          type="checkbox"
          checked={stable === true}
          onChange={(event) => set({ stable: event.target.checked ? true : undefined })}
        />
        {filter.stable}
      </label>
      {isNarrowed ? (
        <button
          type="button"
          className="button"
          data-kind="quiet"
          data-size="small"
          onClick={() =>
            set({ q: undefined, asset: undefined, kind: undefined, protocol: undefined, stable: undefined })
          }
        >
          {filter.reset}
        </button>
      ) : null}
      <div className="end">{children}</div>
    </search>
  );
}

/** Tokens, those of the most markets first, and protocols by name. */
function listChoices(markets: readonly Market[]) {
  const counts = new Map<string, number>();
  for (const asset of markets.flatMap(({ assets }) => assets))
    counts.set(asset, (counts.get(asset) ?? 0) + 1);
  const names = new Map(markets.map(({ protocol, protocol_name }) => [protocol, protocol_name]));
  return {
    assets: [...counts]
      .toSorted(([left, ofLeft], [right, ofRight]) => ofRight - ofLeft || left.localeCompare(right))
      .map(([asset]) => ({ value: asset, label: asset })),
    protocols: [...names]
      .map(([value, label]) => ({ value, label }))
      .toSorted((left, right) => left.label.localeCompare(right.label)),
  };
}
