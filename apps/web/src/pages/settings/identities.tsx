import type { Identity } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { obsqra, queries, queryClient } from "../../api/client.ts";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { FormError } from "../../components/form.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { TitledCard } from "../../components/titled-card.tsx";
import { moment } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";
import { ProviderButtons } from "../account/provider-buttons.tsx";
import { useConfirmed } from "./confirm-password.tsx";

const words = texts.identities;

/** The identities at providers that sign in to this account; nothing where no provider is offered and none is linked. */
export function Identities() {
  const identities = useQuery(queries.auth.identities.queryOptions({ limit: 100 }));
  const { data } = useQuery(queries.auth.identity_providers.queryOptions());
  const confirmed = useConfirmed();
  const isOffered = data !== undefined && data.providers.length > 0;
  if (!isOffered && (identities.data?.items ?? []).length === 0) return null;
  return (
    <TitledCard title={words.title} lead={words.lead}>
      <Loaded query={identities} height={60}>
        {({ items }) => (items.length === 0 ? <p>{words.none}</p> : <IdentityTable items={items} />)}
      </Loaded>
      <ProviderButtons purpose="link" next="/settings/security" confirmed={confirmed} />
    </TitledCard>
  );
}

function IdentityTable({ items }: { readonly items: readonly Identity[] }) {
  const { data } = useQuery(queries.auth.identity_providers.queryOptions());
  const confirmed = useConfirmed();
  const unlink = useMutation({
    mutationFn: (identity_id: string) => confirmed(() => obsqra.auth.unlink_identity.mutate({ identity_id })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: queries.auth.pathKey() });
      await queryClient.invalidateQueries({ queryKey: queries.users.audit_log.pathKey() });
    },
  });
  const nameOf = ({ provider, issuer }: Identity) =>
    data?.providers.find(({ id }) => id === provider)?.name ?? issuer;
  return (
    <>
      <FormError error={unlink.error} />
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{words.columns.provider}</th>
            <th scope="col">{words.columns.email}</th>
            <th scope="col">{words.columns.used}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {items.map((identity) => (
            <tr key={identity.id}>
              <th scope="row">{nameOf(identity)}</th>
              <td>{identity.email}</td>
              <td>{identity.last_used_at === null ? texts.settings.never : moment(identity.last_used_at)}</td>
              <td className="number">
                <ConfirmButton
                  label={words.unlink}
                  title={words.unlinkTitle}
                  lead={words.unlinkLead}
                  isBusy={unlink.isPending}
                  onConfirm={() => unlink.mutate(identity.id)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
    </>
  );
}
