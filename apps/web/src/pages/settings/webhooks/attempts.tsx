import { useQuery } from "@tanstack/react-query";
import { queries } from "../../../api/client.ts";
import { Loaded } from "../../../components/loaded.tsx";
import { moment, whole } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";

const { webhooks: words } = texts.settings;

/** Each attempt of a delivery, with what the receiver said. */
export function Attempts({ deliveryId }: { readonly deliveryId: string }) {
  const attempts = useQuery(queries.webhooks.attempts.queryOptions({ delivery_id: deliveryId, limit: 100 }));
  return (
    <Loaded query={attempts} height={48}>
      {({ items }) =>
        items.length === 0 ? (
          <p className="muted small">{words.noAttempts}</p>
        ) : (
          <ul className="remarks small">
            {items.map(({ id, started_at, duration_ms, response_status, failure, response_excerpt }) => (
              <li key={id}>
                {moment(started_at)}, {words.took(whole(duration_ms))}:{" "}
                {failure === null ? words.responded(String(response_status)) : words.failures[failure]}
                {response_excerpt ? <pre>{response_excerpt}</pre> : null}
              </li>
            ))}
          </ul>
        )
      }
    </Loaded>
  );
}
