import type { ReactNode } from "react";

interface PageHeadProps {
  readonly title: string;
  readonly lead?: string;
  /** At the end of the line. */
  readonly children?: ReactNode;
}

/** What a page is about. */
export function PageHead({ title, lead, children }: PageHeadProps) {
  return (
    <div className="page-head">
      <div>
        <h1>{title}</h1>
        {lead === undefined ? null : <p>{lead}</p>}
      </div>
      {children}
    </div>
  );
}
