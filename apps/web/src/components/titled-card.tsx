import type { ReactNode } from "react";

/** A part of a page under a heading, with what it is for, and its forms and tables one below the other. */
export function TitledCard({
  title,
  lead,
  children,
}: {
  readonly title: ReactNode;
  readonly lead?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className="card">
      <div className="card-head">
        <h2>{title}</h2>
      </div>
      <div className="card-body form-grid">
        {lead === undefined ? null : <p className="muted">{lead}</p>}
        {children}
      </div>
    </section>
  );
}
