import type { Passkey } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { obsqra, queries } from "../../../api/client.ts";
import { ConfirmButton } from "../../../components/confirm-button.tsx";
import { FormError } from "../../../components/form.tsx";
import { ScrollTable } from "../../../components/scroll-table.tsx";
import { fullDay, moment } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import { useConfirmed } from "../confirm-password.tsx";
import { RenamePasskey } from "./rename-passkey.tsx";

const { passkeys: words } = texts;

interface PasskeyTableProps {
  readonly passkeys: readonly Passkey[];
  readonly onChanged: () => Promise<void>;
}

/** Passkeys by their names, each of which can be changed and removed. */
export function PasskeyTable({ passkeys, onChanged }: PasskeyTableProps) {
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
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{words.columns.name}</th>
            <th scope="col">{words.columns.added}</th>
            <th scope="col">{words.columns.used}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {passkeys.map(({ id, name, is_synced, created_at, last_used_at }) => (
            <tr key={id}>
              <th scope="row" className="device">
                {renamedId === id ? (
                  <RenamePasskey
                    name={name}
                    isSending={rename.isPending}
                    onSave={(next) => rename.mutate({ passkey_id: id, name: next })}
                    onCancel={() => setRenamedId(undefined)}
                  />
                ) : (
                  <>
                    {name} {is_synced ? <span className="tag">{words.synced}</span> : null}
                  </>
                )}
              </th>
              <td>{fullDay(created_at)}</td>
              <td>{last_used_at === null ? texts.settings.never : moment(last_used_at)}</td>
              <td className="number">
                <div className="actions" data-end>
                  <button
                    type="button"
                    className="button"
                    data-size="small"
                    onClick={() => setRenamedId(id)}
                    disabled={renamedId === id}
                  >
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
              </td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
      <FormError error={rename.error ?? remove.error} />
    </>
  );
}
