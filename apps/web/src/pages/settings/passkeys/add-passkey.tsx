import { useMutation } from "@tanstack/react-query";
import { obsqra } from "../../../api/client.ts";
import { makePasskey } from "../../../api/passkeys.ts";
import { SubmitButton, TextField } from "../../../components/form.tsx";
import { PasskeyError } from "../../../components/passkey-button.tsx";
import { texts } from "../../../texts/index.ts";
import { useConfirmed } from "../confirm-password.tsx";

const { passkeys: words } = texts;

/** Has the browser make a passkey, under a name, and adds it to the account. */
export function AddPasskey({ onAdded }: { readonly onAdded: () => Promise<void> }) {
  const confirmed = useConfirmed();
  const add = useMutation({
    mutationFn: async (name: string) => {
      const passkey = await makePasskey(await confirmed(() => obsqra.auth.set_up_passkey.mutate()));
      return obsqra.auth.add_passkey.mutate({ name, passkey });
    },
    onSuccess: onAdded,
  });
  return (
    <form
      className="form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        add.mutate(String(new FormData(form).get("passkey-name")), { onSuccess: () => form.reset() });
      }}
    >
      <TextField name="passkey-name" label={words.name} maxLength={100} advice={words.nameAdvice} />
      <PasskeyError error={add.error} />
      {add.data === undefined ? null : (
        <p role="status" className="new-key">
          {words.added(add.data.name)}
        </p>
      )}
      <div>
        <SubmitButton isSending={add.isPending} sending={words.waiting}>
          {words.add}
        </SubmitButton>
      </div>
    </form>
  );
}
