/** A figure with its name, and what is to be known of it. */
export interface Stat {
  readonly name: string;
  readonly value: string;
  readonly note?: string | undefined;
  readonly isStale?: boolean | undefined;
}

/** A few figures, at a glance. */
export function Stats({ figures }: { readonly figures: readonly Stat[] }) {
  return (
    <dl className="card stats">
      {figures.map(({ name, value, note, isStale }) => (
        <div key={name} className={isStale === true ? "stale" : undefined}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          {note === undefined ? null : <dd>{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
