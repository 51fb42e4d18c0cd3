import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { keepSignedIn, queries, queryClient } from "../../api/client.ts";
import { FormError, PasswordField, SubmitButton, TextField } from "../../components/form.tsx";
import { texts } from "../../texts/index.ts";

const { signIn: words } = texts.account;

/** Signs in by email and password. */
export function SignInPage() {
  const navigate = useNavigate();
  const signIn = useMutation({
    ...queries.auth.login.mutationOptions(),
    onSuccess: async () => {
      queryClient.clear();
      await navigate({ to: "/allocation" });
    },
  });
  const submit = (data: FormData) => {
    keepSignedIn(data.get("keep") === "on");
    signIn.mutate({ email: String(data.get("email")), password: String(data.get("password")) });
  };
  return (
    <div className="card form-card">
      <h1>{words.title}</h1>
      <form
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
      <p className="muted">
        {words.noAccount} <Link to="/sign-up">{texts.shell.signUp}</Link>
      </p>
      <p className="muted">
        <Link to="/forgot-password">{words.forgot}</Link>
      </p>
    </div>
  );
}
