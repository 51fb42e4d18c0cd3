import { useMutation } from "@tanstack/react-query";
import { keepSignedIn, queries } from "../../api/client.ts";
import { FormError, PasswordField, SubmitButton, TextField } from "../../components/form.tsx";
import { texts } from "../../texts/index.ts";

const { signIn: words } = texts.account;

/** Signs in by email and password. */
export function SignInForm({ onSignedIn }: { readonly onSignedIn: () => Promise<void> | void }) {
  const signIn = useMutation({ ...queries.auth.login.mutationOptions(), onSuccess: onSignedIn });
  const submit = (data: FormData) => {
    keepSignedIn(data.get("keep") === "on");
    signIn.mutate({ email: String(data.get("email")), password: String(data.get("password")) });
  };
  return (
    <form
      className="form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
    >
      <TextField name="email" type="email" label={words.email} autoComplete="username" maxLength={254} />
      <PasswordField name="password" label={words.password} autoComplete="current-password" />
      <label className="check">
        <input type="checkbox" name="keep" /> {words.keep}
      </label>
      <FormError error={signIn.error} />
      <SubmitButton isSending={signIn.isPending}>{words.submit}</SubmitButton>
    </form>
  );
}
