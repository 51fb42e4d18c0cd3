import type { Invitation, OrganisationRole } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries } from "../../../api/client.ts";
import { FormError, SubmitButton, TextField } from "../../../components/form.tsx";
import { Loaded } from "../../../components/loaded.tsx";
import { ScrollTable } from "../../../components/scroll-table.tsx";
import { Select } from "../../../components/select.tsx";
import { TitledCard } from "../../../components/titled-card.tsx";
import { fullDay } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import { readOrganisationsAgain } from "./read-again.ts";
import { rolesGivenBy } from "./roles.ts";

const {
  organisations: { invitations: words, roles },
} = texts;

/** Who was invited, and a form that invites somebody. */
export function Invitations({ role }: { readonly role: OrganisationRole }) {
  const invitations = useQuery(queries.organisations.invitations.queryOptions({ limit: 100 }));
  return (
    <TitledCard title={words.title}>
      <Loaded query={invitations} height={120}>
        {({ items }) => (items.length === 0 ? <p>{words.none}</p> : <InvitationTable invitations={items} />)}
      </Loaded>
      <InviteForm given={rolesGivenBy(role)} />
    </TitledCard>
  );
}

function InvitationTable({ invitations }: { readonly invitations: readonly Invitation[] }) {
  const revoke = useMutation({
    ...queries.organisations.revoke_invitation.mutationOptions(),
    onSuccess: readOrganisationsAgain,
  });
  return (
    <>
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{words.columns.email}</th>
            <th scope="col">{words.columns.role}</th>
            <th scope="col">{words.columns.until}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {invitations.map(({ id, email, role, expires_at }) => (
            <tr key={id}>
              <th scope="row">{email ?? words.unknown}</th>
              <td>{roles[role]}</td>
              <td>{fullDay(expires_at)}</td>
              <td className="number">
                <button
                  type="button"
                  className="button"
                  data-size="small"
                  disabled={revoke.isPending}
                  onClick={() => revoke.mutate({ invitation_id: id })}
                >
                  {words.revoke}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
      <FormError error={revoke.error} />
    </>
  );
}

function InviteForm({ given }: { readonly given: readonly OrganisationRole[] }) {
  const [role, setRole] = useState<OrganisationRole>("viewer");
  const invite = useMutation({
    ...queries.organisations.invite.mutationOptions(),
    onSuccess: readOrganisationsAgain,
  });
  return (
    <form
      className="form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const email = String(new FormData(form).get("invited"));
        invite.mutate({ email, role }, { onSuccess: () => form.reset() });
      }}
    >
      <TextField name="invited" type="email" label={words.email} autoComplete="off" maxLength={254} />
      <Select
        label={words.role}
        value={role}
        options={given.map((value) => ({ value, label: roles[value] }))}
        onChange={(value) => setRole(value as OrganisationRole)}
      />
      <FormError error={invite.error} />
      {invite.data?.email == null ? null : <p role="status">{words.sent(invite.data.email)}</p>}
      <div>
        <SubmitButton isSending={invite.isPending}>{words.invite}</SubmitButton>
      </div>
    </form>
  );
}
