import { Explained } from "./explained.tsx";

/** A figure with its name, and what is to be known of it. */
export interface Stat {
  readonly name: string;
  readonly value: string;
  readonly note?: string | undefined;
  readonly isStale?: boolean | undefined;
  /** Its unit, time and source. */
  readonly lines?: readonly (string | undefined)[];
}

/** A few figures, at a glance. */
export function Stats({ figures }: { readonly figures: readonly Stat[] }) {
  return (
    <dl className="card stats">
      {figures.map(({ name, value, note, isStale, lines = [] }) => (
        <div key={name} className={isStale === true ? "stale" : undefined}>
          <dt>{name}</dt>
          <dd>
            <Explained lines={lines}>{value}</Explained>
          </dd>
          {note === undefined ? null : <dd>{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
