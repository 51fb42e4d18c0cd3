import { useMutation, useQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { goToProvider, type IdentityAttempt } from "../../api/identity-attempt.ts";
import { FormError } from "../../components/form.tsx";
import { texts } from "../../texts/index.ts";

interface ProviderButtonsProps {
  readonly purpose: IdentityAttempt["purpose"];
  readonly next: string;
  /** What comes before the buttons, where there are any. */
  readonly lead?: string;
  /** Ids of the only ones to show. @default all */
  readonly only?: readonly (string | null)[];
  /** Asks for what the call needs first. @default nothing is asked for */
  readonly confirmed?: (call: () => Promise<void>) => Promise<void>;
}

/** A button for each provider that the operator has configured; nothing where there is none. */
export function ProviderButtons({
  purpose,
  next,
  lead,
  only,
  confirmed = (call) => call(),
}: ProviderButtonsProps) {
  const { data } = useQuery(queries.auth.identity_providers.queryOptions());
  const go = useMutation({
    mutationFn: (provider: string) => confirmed(() => goToProvider({ provider, purpose, next })),
  });
  const shown = data?.providers.filter(({ id }) => only === undefined || only.includes(id)) ?? [];
  if (shown.length === 0) return null;
  const label = purpose === "login" ? texts.identities.signInWith : texts.identities.link;
  return (
    <div className="form-grid">
      {lead === undefined ? null : <p className="muted">{lead}</p>}
      <FormError error={go.error} />
      <div className="actions">
        {shown.map(({ id, name }) => (
          <button
            key={id}
            type="button"
            className="button"
            // The browser is on its way.
            aria-disabled={go.isPending || go.isSuccess}
            onClick={() => go.isPending || go.isSuccess || go.mutate(id)}
          >
            {label(name)}
          </button>
        ))}
      </div>
    </div>
  );
}
