import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../../../api/client.ts";
import { Loaded } from "../../../components/loaded.tsx";
import { Empty } from "../../../components/states.tsx";
import { texts } from "../../../texts/index.ts";
import { Deliveries } from "./deliveries.tsx";
import { NewWebhook } from "./new-webhook.tsx";
import { WebhookCard } from "./webhook-card.tsx";

const { webhooks: words } = texts.settings;

/** Where events are sent to, and what became of them. */
export function Webhooks() {
  const list = useQuery(queries.webhooks.list.queryOptions({ limit: 100 }));
  const [secret, setSecret] = useState<string>();
  return (
    <>
      <div className="sides">
        <NewWebhook onSecret={setSecret} />
        <section className="card">
          <div className="card-head">
            <h2>{words.title}</h2>
            <span className="muted small">{words.lead}</span>
          </div>
          {secret === undefined ? null : (
            <div className="card-body">
              <div role="status" className="new-key">
                <p>{words.once}</p>
                <code>{secret}</code>
              </div>
            </div>
          )}
          <Loaded query={list} height={180}>
            {({ items }) =>
              items.length === 0 ? (
                <Empty title={words.none}>{words.noneLong}</Empty>
              ) : (
                <ul className="rows">
                  {items.map((webhook) => (
                    <WebhookCard key={webhook.id} webhook={webhook} onSecret={setSecret} />
                  ))}
                </ul>
              )
            }
          </Loaded>
        </section>
      </div>
      <Deliveries />
    </>
  );
}
