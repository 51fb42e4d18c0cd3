import { paginate } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { leave, obsqra, queries, queryClient } from "../../api/client.ts";
import { ConfirmButton } from "../../components/confirm-button.tsx";
import { FormError } from "../../components/form.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { TitledCard } from "../../components/titled-card.tsx";
import { fullDay, whole } from "../../format/figures.ts";
import { saveFile } from "../../format/save-file.ts";
import { texts } from "../../texts/index.ts";
import { useConfirmed } from "./confirm-password.tsx";
import { SettingsFrame } from "./settings-frame.tsx";

const { data: words } = texts.settings;

/** Takes all that is stored along, or has it erased. */
export function DataPage() {
  return (
    <SettingsFrame part="data">
      <div className="charts">
        <Export />
        <Deletion />
      </div>
    </SettingsFrame>
  );
}

function Export() {
  const confirmed = useConfirmed();
  const [count, setCount] = useState(0);
  const save = useMutation({
    mutationFn: () =>
      confirmed(async () => {
        const { cursor, started_at } = await obsqra.users.start_export.mutate();
        const records: unknown[] = [];
        for await (const record of paginate(obsqra.users.export_records, { cursor, limit: 1000 })) {
          records.push(record);
          if (records.length % 100 === 0) setCount(records.length);
        }
        setCount(records.length);
        const text = JSON.stringify({ exported_at: started_at, records }, null, 2);
        saveFile("obsqra-export.json", text, "application/json");
      }),
  });
  return (
    <TitledCard title={words.export} lead={words.exportLong}>
      <FormError error={save.error} />
      <div className="actions">
        <button
          type="button"
          className="button"
          data-kind="main"
          disabled={save.isPending}
          onClick={() => save.mutate()}
        >
          {words.exportNow}
        </button>
        <span role="status" className="muted small">
          {save.isPending || save.isSuccess ? words.exported(whole(count)) : null}
        </span>
      </div>
    </TitledCard>
  );
}

function Deletion() {
  const profile = useQuery(queries.users.profile.queryOptions());
  const confirmed = useConfirmed();
  const navigate = useNavigate();
  const schedule = useMutation({
    mutationFn: () => confirmed(() => obsqra.users.schedule_deletion.mutate()),
    onSuccess: async () => {
      leave();
      await navigate({ to: "/sign-in" });
    },
  });
  const cancel = useMutation({
    ...queries.users.cancel_deletion.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.users.pathKey() }),
  });
  return (
    <TitledCard title={words.delete} lead={words.deleteLong}>
      <FormError error={schedule.error ?? cancel.error} />
      <Loaded query={profile} height={34}>
        {({ deletion_scheduled_for: day }) =>
          day === null ? (
            <div>
              <ConfirmButton
                label={words.deleteNow}
                title={words.deleteTitle}
                lead={words.deleteLong}
                isBusy={schedule.isPending}
                onConfirm={() => schedule.mutate()}
              />
            </div>
          ) : (
            <>
              <p role="status" className="form-error">
                {words.scheduled(fullDay(day))}
              </p>
              <div>
                <button type="button" className="button" onClick={() => cancel.mutate(undefined)}>
                  {words.keep}
                </button>
              </div>
            </>
          )
        }
      </Loaded>
    </TitledCard>
  );
}
