import { isObsqraError } from "@obsqra/client";
import type { ReactNode } from "react";
import { texts } from "../texts/index.ts";

/** Stands for what is still being read. */
export function Skeleton({ height }: { readonly height: number }) {
  return <div role="status" aria-label={texts.shell.loading} className="skeleton" style={{ height }} />;
}

/** Nothing is there, and why. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      <div className="muted">{children}</div>
    </div>
  );
}

/** Something failed: what to do about it, and what to quote. */
export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const known = isObsqraError(error) ? error : undefined;
  return (
    <div className="empty" role="alert">
      <strong>{texts.error.title}</strong>
      <p className="muted">{adviceFor(known?.code) ?? known?.message ?? texts.error.otherwise}</p>
      {known?.request_id === undefined ? null : <code>{texts.error.requestId(known.request_id)}</code>}
      {retry === undefined ? null : (
        <button type="button" className="button" onClick={retry}>
          {texts.error.again}
        </button>
      )}
    </div>
  );
}

/** What to do about an error that everybody can meet anywhere. */
export function adviceFor(code: string | undefined): string | undefined {
  const advice: Readonly<Record<string, string>> = texts.error.advice;
  return code === undefined ? undefined : advice[code];
}
