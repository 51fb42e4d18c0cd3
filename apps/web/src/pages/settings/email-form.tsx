import { useMutation } from "@tanstack/react-query";
import { obsqra } from "../../api/client.ts";
import { TextField } from "../../components/form.tsx";
import { SavingForm } from "../../components/saving-form.tsx";
import { texts } from "../../texts/index.ts";
import { useConfirmed } from "./confirm-password.tsx";

const { email: words } = texts.settings;

/** Has links mailed to both addresses; the account moves once they are opened. */
export function EmailForm() {
  const confirmed = useConfirmed();
  const request = useMutation({
    mutationFn: (new_email: string) =>
      confirmed(() => obsqra.auth.request_email_change.mutate({ new_email })),
  });
  return (
    <SavingForm
      title={words.title}
      lead={words.lead}
      submit={words.submit}
      done={words.done}
      state={request}
      onSubmit={(data) => request.mutate(String(data.get("new-email")))}
    >
      <TextField name="new-email" type="email" label={words.field} autoComplete="email" maxLength={254} />
    </SavingForm>
  );
}
