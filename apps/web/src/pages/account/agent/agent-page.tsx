import type { Scope } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useId } from "react";
import { obsqra } from "../../../api/client.ts";
import { sitePath } from "../../../api/site.ts";
import { FormError, SubmitButton } from "../../../components/form.tsx";
import { PageTitle } from "../../../components/page-head.tsx";
import { SignedInOnly } from "../../../components/signed-in-only.tsx";
import { Empty } from "../../../components/states.tsx";
import { texts } from "../../../texts/index.ts";
import { ConfirmPassword, useConfirmed } from "../../settings/confirm-password.tsx";
import { readShownRequest, type ShownAgentRequest } from "./agent-request-view.ts";

const { agent: words } = texts.account;
const route = getRouteApi("/account/agent");

/** Asks whoever is signed in whether an agent may act for them. */
export function AgentPage() {
  const { request = "" } = route.useSearch();
  const shown = readShownRequest(request);
  return (
    <>
      <PageTitle title={words.title} />
      <SignedInOnly title={words.signInFirst}>
        <div className="card form-card">
          <h1>{words.title}</h1>
          {shown === undefined ? (
            <Empty title={words.unknown} />
          ) : (
            <ConfirmPassword>
              <Question request={request} shown={shown} />
            </ConfirmPassword>
          )}
        </div>
      </SignedInOnly>
    </>
  );
}

function Question({ request, shown }: { readonly request: string; readonly shown: ShownAgentRequest }) {
  const confirmed = useConfirmed();
  const allow = useMutation({
    mutationFn: (scopes: Scope[]) => confirmed(() => obsqra.auth.allow_agent.mutate({ request, scopes })),
    onSuccess: ({ redirect_to }) => location.assign(redirect_to),
  });
  const { client_name, client_host, redirect_host, scopes } = shown;
  const id = useId();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const data = new FormData(event.currentTarget);
        // What is shown are the service's own names: it takes nothing else.
        allow.mutate(scopes.filter((scope) => data.has(scope)) as Scope[]);
      }}
    >
      <p>{words.lead}</p>
      <dl className="facts">
        <div>
          <dt>{words.name}</dt>
          <dd>{client_name}</dd>
        </div>
        <div>
          <dt>{words.host}</dt>
          <dd>{client_host ?? words.nobody}</dd>
        </div>
        <div>
          <dt>{words.goesTo}</dt>
          <dd>{redirect_host}</dd>
        </div>
      </dl>
      <fieldset className="choices" data-columns="one" aria-labelledby={id}>
        <legend id={id}>{words.may}</legend>
        {scopes.map((scope) => (
          <label key={scope} className="check">
            <input type="checkbox" name={scope} defaultChecked /> {words.scopes[scope] ?? scope}
          </label>
        ))}
      </fieldset>
      <p className="muted small">{words.limits}</p>
      <FormError error={allow.error} />
      <div className="actions">
        <SubmitButton isSending={allow.isPending || allow.isSuccess}>{words.allow}</SubmitButton>
        <a className="button" href={`${sitePath}/oauth/refuse?request=${encodeURIComponent(request)}`}>
          {words.refuse}
        </a>
      </div>
    </form>
  );
}
