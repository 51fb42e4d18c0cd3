import type { Member, OrganisationRole } from "@obsqra/client";
import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { queries } from "../../../api/client.ts";
import { useAllItems } from "../../../api/use-all-items.ts";
import { ConfirmButton } from "../../../components/confirm-button.tsx";
import { FormError } from "../../../components/form.tsx";
import { ScrollTable } from "../../../components/scroll-table.tsx";
import { Select } from "../../../components/select.tsx";
import { Failure, Skeleton } from "../../../components/states.tsx";
import { fullDay } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import { readOrganisationsAgain } from "./read-again.ts";
import { rolesGivenBy } from "./roles.ts";

const {
  organisations: { members: words, roles },
} = texts;

/** Who belongs to the organisation, and as what. */
export function Members({ role }: { readonly role: OrganisationRole }) {
  const pages = useInfiniteQuery(
    queries.organisations.members.infiniteQueryOptions({ sort: "oldest", limit: 100 }),
  );
  const members = useAllItems(pages);
  return (
    <section className="card">
      <div className="card-head">
        <h2>{words.title}</h2>
        <span className="muted small">{words.lead}</span>
      </div>
      {members !== undefined ? (
        <MemberTable members={members} role={role} />
      ) : pages.error === null ? (
        <Skeleton height={160} />
      ) : (
        <Failure error={pages.error} retry={() => void pages.refetch()} />
      )}
    </section>
  );
}

interface MemberTableProps {
  readonly members: readonly Member[];
  /** What whoever looks at it is. */
  readonly role: OrganisationRole;
}

function MemberTable({ members, role }: MemberTableProps) {
  const change = useMutation({
    ...queries.organisations.change_role.mutationOptions(),
    onSuccess: readOrganisationsAgain,
  });
  const remove = useMutation({
    ...queries.organisations.remove_member.mutationOptions(),
    onSuccess: readOrganisationsAgain,
  });
  const given = rolesGivenBy(role);
  return (
    <>
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{words.columns.name}</th>
            <th scope="col">{words.columns.role}</th>
            <th scope="col">{words.columns.joined}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {members.map((member) => {
            const { user_id, full_name, email } = member;
            const isTheirs = given.includes(member.role);
            return (
              <tr key={user_id}>
                <th scope="row">
                  {full_name} <span className="muted small">{email}</span>
                </th>
                <td>
                  {isTheirs ? (
                    <Select
                      label={words.roleOf(full_name)}
                      value={member.role}
                      options={given.map((value) => ({ value, label: roles[value] }))}
                      onChange={(value) => change.mutate({ user_id, role: value as OrganisationRole })}
                    />
                  ) : (
                    roles[member.role]
                  )}
                </td>
                <td>{fullDay(member.joined_at)}</td>
                <td className="number">
                  {isTheirs ? (
                    <ConfirmButton
                      label={words.remove}
                      title={words.removeTitle}
                      lead={words.removeLead(full_name)}
                      isBusy={remove.isPending}
                      onConfirm={() => remove.mutate({ user_id })}
                    />
                  ) : null}
                </td>
              </tr>
            );
          })}
        </tbody>
      </ScrollTable>
      <FormError error={change.error ?? remove.error} />
    </>
  );
}
