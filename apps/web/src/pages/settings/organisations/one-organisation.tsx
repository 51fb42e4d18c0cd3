import type { Organisation } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { actFor, obsqra, queries } from "../../../api/client.ts";
import { ConfirmButton } from "../../../components/confirm-button.tsx";
import { FormError, SubmitButton, TextField } from "../../../components/form.tsx";
import { Loaded } from "../../../components/loaded.tsx";
import { TitledCard } from "../../../components/titled-card.tsx";
import { fullDay } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import { useConfirmed } from "../confirm-password.tsx";
import { Invitations } from "./invitations.tsx";
import { Members } from "./members.tsx";
import { readOrganisationsAgain } from "./read-again.ts";

const { one: words } = texts.organisations;

/** The organisation that this tab acts for. */
export function OneOrganisation() {
  const organisation = useQuery(queries.organisations.get.queryOptions());
  return (
    <Loaded query={organisation} height={320}>
      {(data) => {
        const isManager = data.role === "owner" || data.role === "admin";
        return (
          <>
            <TitledCard title={data.name}>
              {isManager ? <NameForm name={data.name} /> : null}
              <Ends organisation={data} />
            </TitledCard>
            <Members role={data.role} />
            {isManager ? <Invitations role={data.role} /> : null}
          </>
        );
      }}
    </Loaded>
  );
}

function NameForm({ name }: { readonly name: string }) {
  const rename = useMutation({
    ...queries.organisations.rename.mutationOptions(),
    onSuccess: readOrganisationsAgain,
  });
  return (
    <form
      className="form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate({ name: String(new FormData(event.currentTarget).get("new-organisation-name")) });
      }}
    >
      <TextField name="new-organisation-name" label={words.rename} maxLength={100} defaultValue={name} />
      <FormError error={rename.error} />
      <div>
        <SubmitButton isSending={rename.isPending}>{words.save}</SubmitButton>
      </div>
    </form>
  );
}

/** Leaves the organisation, or has it deleted. */
function Ends({ organisation }: { readonly organisation: Organisation }) {
  const { role, deletion_scheduled_for: end } = organisation;
  const confirmed = useConfirmed();
  const leave = useMutation({
    ...queries.organisations.leave.mutationOptions(),
    onSuccess: () => actFor(undefined),
  });
  const schedule = useMutation({
    mutationFn: () => confirmed(() => obsqra.organisations.schedule_deletion.mutate()),
    onSuccess: readOrganisationsAgain,
  });
  const keep = useMutation({
    ...queries.organisations.cancel_deletion.mutationOptions(),
    onSuccess: readOrganisationsAgain,
  });
  return (
    <>
      {end === null ? null : <p role="status">{words.scheduled(fullDay(end))}</p>}
      <FormError error={leave.error ?? schedule.error ?? keep.error} />
      <div className="actions">
        <ConfirmButton
          label={words.leave}
          title={words.leaveTitle}
          lead={words.leaveLead}
          isBusy={leave.isPending}
          onConfirm={() => leave.mutate(undefined)}
        />
        {role !== "owner" ? null : end === null ? (
          <ConfirmButton
            label={words.delete}
            title={words.deleteTitle}
            lead={words.deleteLead}
            isBusy={schedule.isPending}
            onConfirm={() => schedule.mutate()}
          />
        ) : (
          <button
            type="button"
            className="button"
            data-size="small"
            disabled={keep.isPending}
            onClick={() => keep.mutate(undefined)}
          >
            {words.keep}
          </button>
        )}
      </div>
    </>
  );
}
