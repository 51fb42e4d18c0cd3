import type { TrackRecord } from "@obsqra/client";
import { whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { VerifyButton } from "./verify-button.tsx";

const { record: says } = texts;

/** Whose word it is that the forecasts were there in time, and how many do not count. */
export function Attestation({ record }: { readonly record: TrackRecord }) {
  const unwitnessed = record.items.reduce((sum, { n_unwitnessed }) => sum + n_unwitnessed, 0);
  return (
    <div className="filters">
      <p className="muted small">
        {says.attestations[record.attestation]}
        {unwitnessed === 0 ? "" : ` ${says.unwitnessed(whole(unwitnessed))}`}
      </p>
      <VerifyButton />
    </div>
  );
}
