import type { ApiKey, CreateApiKeyInput, Scope } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useId } from "react";
import { obsqra, queries, queryClient } from "../../api/client.ts";
import { FormError, SubmitButton, TextField } from "../../components/form.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { fullDay, moment } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { useConfirmed } from "./confirm-password.tsx";

const { keys: words, never } = texts.settings;

/** What a key of a user, who is no operator, can be given. */
const scopes: readonly Scope[] = [
  "users:read",
  "users:write",
  "analytics:read",
  "predictions:read",
  "predictions:write",
  "transactions:read",
  "transactions:write",
  "events:read",
  "webhooks:read",
  "webhooks:write",
];

const readAgain = () => queryClient.invalidateQueries({ queryKey: queries.auth.api_keys.pathKey() });

/** The keys of services that act for the user. */
export function ApiKeys() {
  const { data, error, refetch } = useQuery(queries.auth.api_keys.queryOptions({ limit: 100 }));
  return (
    <section className="card">
      <div className="card-head">
        <h2>{words.title}</h2>
        <span className="muted small">{words.lead}</span>
      </div>
      {data === undefined ? (
        error === null ? (
          <Skeleton height={120} />
        ) : (
          <Failure error={error} retry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <Empty title={words.none} />
      ) : (
        <KeyTable keys={data.items} />
      )}
      <NewKey />
    </section>
  );
}

function KeyTable({ keys }: { readonly keys: readonly ApiKey[] }) {
  const { columns } = words;
  const revoke = useMutation({ ...queries.auth.revoke_api_key.mutationOptions(), onSuccess: readAgain });
  return (
    <>
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{columns.name}</th>
            <th scope="col">{columns.scopes}</th>
            <th scope="col">{columns.used}</th>
            <th scope="col">{columns.ends}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {keys.map(({ id, name, prefix, scopes: may, last_used_at, expires_at, revoked_at, agent }) => (
            <tr key={id}>
              <th scope="row">
                {name} <code className="muted small">{prefix}…</code>
                {agent === null ? null : <p className="muted small">{words.agent(agent.redirect_host)}</p>}
              </th>
              <td className="small">{may.join(", ")}</td>
              <td>{last_used_at === null ? never : moment(last_used_at)}</td>
              <td>{revoked_at === null ? fullDay(expires_at) : words.revoked}</td>
              <td className="number">
                {revoked_at === null ? (
                  <button
                    type="button"
                    className="button"
                    data-size="small"
                    onClick={() => revoke.mutate({ api_key_id: id })}
                  >
                    {words.revoke}
                  </button>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
      <FormError error={revoke.error} />
    </>
  );
}

function NewKey() {
  const id = useId();
  const confirmed = useConfirmed();
  const create = useMutation({
    mutationFn: (input: CreateApiKeyInput) => confirmed(() => obsqra.auth.create_api_key.mutate(input)),
    onSuccess: readAgain,
  });
  return (
    <form
      className="card-body form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        create.mutate({
          name: String(data.get("name")),
          expires_in_days: Number(data.get("days")),
          scopes: scopes.filter((scope) => data.get(scope) === "on"),
        });
      }}
    >
      <div className="columns">
        <TextField name="name" label={words.name} maxLength={100} />
        <TextField
          name="days"
          type="number"
          label={words.days}
          defaultValue={90}
          min={1}
          max={365}
          step={1}
        />
      </div>
      <fieldset className="choices" aria-labelledby={id}>
        <legend id={id}>{words.scopes}</legend>
        {scopes.map((scope) => (
          <label key={scope} className="check">
            <input type="checkbox" name={scope} defaultChecked={scope === "analytics:read"} /> {scope}
          </label>
        ))}
      </fieldset>
      <FormError error={create.error} />
      {create.data === undefined ? null : (
        <div role="status" className="new-key">
          <p>{words.once}</p>
          <code>{create.data.key}</code>
        </div>
      )}
      <div>
        <SubmitButton isSending={create.isPending}>{words.create}</SubmitButton>
      </div>
    </form>
  );
}
