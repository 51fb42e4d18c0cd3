import type { Verification as Verified } from "@obsqra/verify";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { obsqra } from "../../api/client.ts";
import { siteUrl } from "../../api/site.ts";
import { Failure, Skeleton } from "../../components/states.tsx";
import { whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { record } = texts;

const verdictTones = {
  failed: "bad",
  not_checked: undefined,
  self_attested: "good",
  witnessed: "good",
} as const;
const stateTones = { passed: "good", failed: "bad", not_checked: undefined, unreadable: undefined } as const;

/** A forecast by its id; all of them where there is none. */
interface VerificationProps {
  readonly forecastId: string | undefined;
}

/** Every check of a forecast or of the whole record, with what was compared. */
export function Verification({ forecastId }: VerificationProps) {
  const [entries, setEntries] = useState<string>();
  const tell = (done: number, size: number) => setEntries(record.entriesRead(whole(done), whole(size)));
  const { data, error, refetch } = useQuery({
    queryKey: ["verification", forecastId ?? "record"],
    queryFn: () => (forecastId === undefined ? verifyRecord(tell) : verifyOne(forecastId)),
    refetchInterval: false,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <>
        <p role="status">{record.verifying}</p>
        {entries === undefined ? null : <p className="muted small">{entries}</p>}
        <Skeleton height={220} />
      </>
    );
  }
  return (
    <>
      <p role="status" className="tag verdict" data-tone={verdictTones[data.verdict]}>
        {record.verdicts[data.verdict]}
      </p>
      <ul className="checks">
        {data.checks.map(({ name, state, says }) => (
          <li key={`${name} ${says}`}>
            <span className="tag" data-tone={stateTones[state]}>
              {record.states[state]}
            </span>
            <span>{says}</span>
          </li>
        ))}
      </ul>
      <p className="muted small">{record.byYourself}</p>
      <pre>{`npx pnpm verify ${siteUrl} ${forecastId === undefined ? "record" : `forecast ${forecastId}`}`}</pre>
    </>
  );
}

/** What checks is loaded when somebody wants to. */
async function verifyOne(forecastId: string): Promise<Verified> {
  const [{ verifyForecast }, receipt] = await Promise.all([
    import("@obsqra/verify"),
    obsqra.receipts.forecast.query({ forecast_id: forecastId }),
  ]);
  // The log of this page's own server, by whatever address it was reached.
  return verifyForecast(receipt, { forecastId, logUrl: `${siteUrl}/log` });
}

async function verifyRecord(onProgress: (entries: number, size: number) => void): Promise<Verified> {
  const { verifyTrackRecord } = await import("@obsqra/verify");
  return verifyTrackRecord({ url: siteUrl }, { onProgress });
}
