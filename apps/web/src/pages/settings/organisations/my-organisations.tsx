import type { MyOrganisation } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { actFor, queries } from "../../../api/client.ts";
import { useOwner } from "../../../api/owner.ts";
import { FormError, SubmitButton, TextField } from "../../../components/form.tsx";
import { Loaded } from "../../../components/loaded.tsx";
import { ScrollTable } from "../../../components/scroll-table.tsx";
import { TitledCard } from "../../../components/titled-card.tsx";
import { fullDay } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import { readOrganisationsAgain } from "./read-again.ts";

const {
  organisations: { mine: words, roles },
} = texts;

/** What somebody belongs to, with for which of it this tab acts. */
export function MyOrganisations() {
  const organisations = useQuery(queries.organisations.list.queryOptions({ limit: 100 }));
  return (
    <TitledCard title={words.title} lead={words.lead}>
      <Loaded query={organisations} height={120}>
        {({ items }) => (items.length === 0 ? <p>{words.none}</p> : <Organisations all={items} />)}
      </Loaded>
      <NewOrganisation />
    </TitledCard>
  );
}

function Organisations({ all }: { readonly all: readonly MyOrganisation[] }) {
  const owner = useOwner();
  return (
    <ScrollTable>
      <thead>
        <tr>
          <th scope="col">{words.columns.name}</th>
          <th scope="col">{words.columns.role}</th>
          <th scope="col">{words.columns.since}</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {all.map(({ id, name, role, created_at, deletion_scheduled_for: end }) => (
          <tr key={id}>
            <th scope="row">
              {name} {end === null ? null : <span className="tag">{words.deleted(fullDay(end))}</span>}
            </th>
            <td>{roles[role]}</td>
            <td>{fullDay(created_at)}</td>
            <td className="number">
              {id === owner ? (
                <button type="button" className="button" data-size="small" onClick={() => actFor(undefined)}>
                  {words.stop}
                </button>
              ) : (
                <button
                  type="button"
                  className="button"
                  data-size="small"
                  aria-label={`${words.act}: ${name}`}
                  onClick={() => actFor(id)}
                >
                  {words.act}
                </button>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}

function NewOrganisation() {
  const create = useMutation({
    ...queries.organisations.create.mutationOptions(),
    onSuccess: readOrganisationsAgain,
  });
  return (
    <form
      className="form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const name = String(new FormData(form).get("organisation-name"));
        create.mutate({ name }, { onSuccess: () => form.reset() });
      }}
    >
      <TextField name="organisation-name" label={words.name} maxLength={100} />
      <FormError error={create.error} />
      <div>
        <SubmitButton isSending={create.isPending}>{words.create}</SubmitButton>
      </div>
    </form>
  );
}
