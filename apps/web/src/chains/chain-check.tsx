import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Failure } from "../components/states.tsx";
import { whole } from "../format/figures.ts";
import { texts } from "../texts/index.ts";
import type { ChainResult } from "./follow-chain.ts";

const words = texts.chain;

interface ChainCheckProps {
  /** Reads the log from its first entry and computes its hashes. */
  readonly check: (onProgress: (position: number) => void) => Promise<ChainResult>;
}

/** Has this browser follow a chained log, and says where it ends or breaks. */
export function ChainCheck({ check }: ChainCheckProps) {
  const [position, setPosition] = useState(0);
  const run = useMutation({ mutationFn: () => check(setPosition) });
  return (
    <div className="card-body chain">
      <div className="actions">
        <button
          type="button"
          className="button"
          data-size="small"
          disabled={run.isPending}
          onClick={() => run.mutate()}
        >
          {words.check}
        </button>
        <span className="muted small">{run.isPending ? words.checking(whole(position)) : words.lead}</span>
      </div>
      {run.error === null ? null : <Failure error={run.error} retry={() => run.mutate()} />}
      {run.data === undefined ? null : <Outcome result={run.data} />}
    </div>
  );
}

function Outcome({ result: { end, brokenAt } }: { readonly result: ChainResult }) {
  if (brokenAt !== undefined) {
    return (
      <p role="status" className="tag verdict" data-tone="bad">
        {words.broken(whole(brokenAt))}
      </p>
    );
  }
  return (
    <>
      <p role="status" className="tag verdict" data-tone="good">
        {words.holds(whole(end.position))}
      </p>
      {end.position === 0 ? null : (
        <p className="small">
          {words.keep} <code className="hash">{`${end.position} ${end.hash}`}</code>
        </p>
      )}
    </>
  );
}
