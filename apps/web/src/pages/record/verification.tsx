import { useQuery } from "@tanstack/react-query";
import { obsqra } from "../../api/client.ts";
import { Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";

const { record } = texts;

const verdictTones = { failed: "bad", self_attested: "good", witnessed: "good" } as const;
const stateTones = { passed: "good", failed: "bad", not_checked: undefined } as const;

/** Every check of a forecast, with what was compared. */
export function Verification({ forecastId }: { readonly forecastId: string }) {
  const { data, error, refetch } = useQuery({
    queryKey: ["verification", forecastId],
    queryFn: () => verify(forecastId),
    refetchInterval: false,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error !== null) return <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) {
    return (
      <>
        <p role="status">{record.verifying}</p>
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
          <li key={name}>
            <span className="tag" data-tone={stateTones[state]}>
              {record.states[state]}
            </span>
            <span>{says}</span>
          </li>
        ))}
      </ul>
      <p className="muted small">{record.byYourself}</p>
      <pre>{`npx pnpm verify ${location.origin} forecast ${forecastId}`}</pre>
    </>
  );
}

/** What checks is loaded when somebody wants to. */
async function verify(forecastId: string) {
  const [{ verifyForecast }, receipt] = await Promise.all([
    import("@obsqra/verify"),
    obsqra.receipts.forecast.query({ forecast_id: forecastId }),
  ]);
  // The log of this page's own server, by whatever address it was reached.
  return verifyForecast(receipt, { logUrl: `${location.origin}/log` });
}
