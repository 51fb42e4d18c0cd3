import { useMutation } from "@tanstack/react-query";
import { queries, queryClient } from "../../api/client.ts";
import { TextField } from "../../components/form.tsx";
import { SavingForm } from "../../components/saving-form.tsx";
import { texts } from "../../texts/index.ts";

const { name: words, alerts } = texts.settings;

/** Changes what somebody is called. */
export function NameForm({ name }: { readonly name: string }) {
  const save = useMutation({
    ...queries.users.update_profile.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.users.pathKey() }),
  });
  return (
    <SavingForm
      title={words.title}
      submit={alerts.save}
      done={alerts.saved}
      state={save}
      onSubmit={(data) => save.mutate({ full_name: String(data.get("full-name")) })}
    >
      <TextField
        name="full-name"
        label={texts.account.signUp.name}
        defaultValue={name}
        autoComplete="name"
        maxLength={200}
      />
    </SavingForm>
  );
}
