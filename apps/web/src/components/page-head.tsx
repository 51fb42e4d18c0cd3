import type { ReactNode } from "react";
import { texts } from "../texts/index.ts";

interface PageHeadProps {
  readonly title: string;
  readonly lead?: string;
  /** At the end of the line. */
  readonly children?: ReactNode;
}

/** What the window and the history call a page; React moves it to where browsers look for it. */
export function PageTitle({ title }: { readonly title: string }) {
  return <title>{`${title} – ${texts.shell.name}`}</title>;
}

/** What a page is about. */
export function PageHead({ title, lead, children }: PageHeadProps) {
  return (
    <div className="page-head">
      <PageTitle title={title} />
      <div>
        <h1>{title}</h1>
        {lead === undefined ? null : <p>{lead}</p>}
      </div>
      {children}
    </div>
  );
}
