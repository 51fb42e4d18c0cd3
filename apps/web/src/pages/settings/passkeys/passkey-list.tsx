import type { Passkey } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { obsqra, queries } from "../../../api/client.ts";
import { ConfirmButton } from "../../../components/confirm-button.tsx";
import { FormError } from "../../../components/form.tsx";
import { fullDay, moment } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import { useConfirmed } from "../confirm-password.tsx";
import { RenamePasskey } from "./rename-passkey.tsx";

const { passkeys: words } = texts;

interface PasskeyListProps {
  readonly passkeys: readonly Passkey[];
  readonly onChanged: () => Promise<void>;
}

/** Passkeys by their names, each of which can be changed and removed. */
export function PasskeyList({ passkeys, onChanged }: PasskeyListProps) {
  const confirmed = useConfirmed();
  const [renamedId, setRenamedId] = useState<string>();
  const rename = useMutation({
    ...queries.auth.rename_passkey.mutationOptions(),
    onSuccess: async () => {
      setRenamedId(undefined);
      await onChanged();
    },
  });
  const remove = useMutation({
    mutationFn: (passkey_id: string) => confirmed(() => obsqra.auth.remove_passkey.mutate({ passkey_id })),
    onSuccess: onChanged,
  });
  return (
    <>
      <ul className="rows flush">
        {passkeys.map(({ id, name, is_synced, created_at, last_used_at }) => (
          <li key={id}>
            {renamedId === id ? (
              <RenamePasskey
                name={name}
                isSending={rename.isPending}
                onSave={(next) => rename.mutate({ passkey_id: id, name: next })}
                onCancel={() => setRenamedId(undefined)}
              />
            ) : (
              <div className="row-head">
                <strong>
                  {name} {is_synced ? <span className="tag">{words.synced}</span> : null}
                </strong>
                <div className="actions">
                  <button type="button" className="button" data-size="small" onClick={() => setRenamedId(id)}>
                    {words.rename}
                  </button>
                  <ConfirmButton
                    label={words.remove}
                    title={words.removeTitle}
                    lead={words.removeLead(name)}
                    isBusy={remove.isPending}
                    onConfirm={() => remove.mutate(id)}
                  />
                </div>
              </div>
            )}
            <span className="muted small">
              {words.since(
                fullDay(created_at),
                last_used_at === null ? texts.settings.never : moment(last_used_at),
              )}
            </span>
          </li>
        ))}
      </ul>
      <FormError error={rename.error ?? remove.error} />
    </>
  );
}
