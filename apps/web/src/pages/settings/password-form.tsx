import type { ChangePasswordInput } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { obsqra, queries, queryClient } from "../../api/client.ts";
import { PasswordField } from "../../components/form.tsx";
import { SavingForm } from "../../components/saving-form.tsx";
import { texts } from "../../texts/index.ts";
import { useConfirmed } from "./confirm-password.tsx";

const { password: words } = texts.settings;

/** Sets another password, which ends all other sessions. */
export function PasswordForm() {
  const confirmed = useConfirmed();
  const identities = useQuery(queries.auth.identities.queryOptions({ limit: 100 }));
  // Whoever an identity has registered may have none yet.
  const mayHaveNone = (identities.data?.items ?? []).length > 0;
  const change = useMutation({
    mutationFn: (input: ChangePasswordInput) => confirmed(() => obsqra.auth.change_password.mutate(input)),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.auth.pathKey() }),
  });
  return (
    <SavingForm
      title={words.title}
      lead={words.lead}
      submit={words.submit}
      done={words.done}
      state={change}
      onSubmit={(data, form) =>
        change.mutate(
          {
            current_password: String(data.get("current-password")) || undefined,
            new_password: String(data.get("new-password")),
            keep_api_keys: data.get("keep-keys") === "on",
          },
          { onSuccess: () => form.reset() },
        )
      }
    >
      <PasswordField
        name="current-password"
        label={words.current}
        autoComplete="current-password"
        isOptional={mayHaveNone}
        advice={mayHaveNone ? words.none : undefined}
      />
      <PasswordField
        name="new-password"
        label={words.next}
        autoComplete="new-password"
        advice={texts.account.signUp.advice}
      />
      <label className="check">
        <input type="checkbox" name="keep-keys" /> {words.keepKeys}
      </label>
    </SavingForm>
  );
}
