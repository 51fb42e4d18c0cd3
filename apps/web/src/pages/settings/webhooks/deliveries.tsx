import type { WebhookDelivery } from "@obsqra/client";
import { itemsOf } from "@obsqra/client/react-query";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { Fragment, useState } from "react";
import { queries, queryClient } from "../../../api/client.ts";
import { FormError } from "../../../components/form.tsx";
import { Loaded } from "../../../components/loaded.tsx";
import { MoreButton } from "../../../components/more-button.tsx";
import { ScrollTable } from "../../../components/scroll-table.tsx";
import { Empty } from "../../../components/states.tsx";
import { moment, unknown } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import { Attempts } from "./attempts.tsx";

const { webhooks: words } = texts.settings;
const tones = { pending: undefined, delivered: "good", dead: "bad" } as const;

/** What was sent, and what is still to be sent. */
export function Deliveries() {
  const pages = useInfiniteQuery({
    ...queries.webhooks.deliveries.infiniteQueryOptions({ limit: 20 }),
    // What is sent comes through within seconds.
    refetchInterval: 10_000,
  });
  return (
    <section className="card">
      <div className="card-head">
        <h2>{words.deliveries}</h2>
      </div>
      <Loaded query={pages} height={160}>
        {(data) =>
          itemsOf(data).length === 0 ? (
            <Empty title={words.noDeliveries}>{words.noDeliveriesLong}</Empty>
          ) : (
            <DeliveryTable deliveries={itemsOf(data)} />
          )
        }
      </Loaded>
      <MoreButton pages={pages} />
    </section>
  );
}

function DeliveryTable({ deliveries }: { readonly deliveries: readonly WebhookDelivery[] }) {
  const { columns } = words;
  const [openId, setOpenId] = useState<string>();
  const replay = useMutation({
    ...queries.webhooks.replay.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.webhooks.pathKey() }),
  });
  return (
    <>
      <FormError error={replay.error} />
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{columns.event}</th>
            <th scope="col">{columns.queued}</th>
            <th scope="col">{columns.status}</th>
            <th scope="col" className="number">
              {columns.attempts}
            </th>
            <th scope="col">{columns.next}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {deliveries.map(({ id, event_type, created_at, status, attempts, next_attempt_at }) => (
            <Fragment key={id}>
              <tr>
                <th scope="row">
                  <code>{event_type}</code>
                </th>
                <td>{moment(created_at)}</td>
                <td>
                  <span className="tag" data-tone={tones[status]}>
                    {words.deliveryStatuses[status]}
                  </span>
                </td>
                <td className="number">{attempts}</td>
                <td>{next_attempt_at === null ? unknown : moment(next_attempt_at)}</td>
                <td className="number">
                  <div className="actions" data-end>
                    <button
                      type="button"
                      className="button"
                      data-size="small"
                      aria-expanded={openId === id}
                      onClick={() => setOpenId(openId === id ? undefined : id)}
                    >
                      {words.details}
                    </button>
                    <button
                      type="button"
                      className="button"
                      data-size="small"
                      disabled={replay.isPending}
                      onClick={() => replay.mutate({ delivery_id: id })}
                    >
                      {words.replay}
                    </button>
                  </div>
                </td>
              </tr>
              {openId === id ? (
                <tr>
                  <td colSpan={6}>
                    <Attempts deliveryId={id} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          ))}
        </tbody>
      </ScrollTable>
    </>
  );
}
