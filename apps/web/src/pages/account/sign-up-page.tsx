import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { forgetResponses, queries } from "../../api/client.ts";
import { FormError, PasswordField, SubmitButton, TextField } from "../../components/form.tsx";
import { PageTitle } from "../../components/page-head.tsx";
import { texts } from "../../texts/index.ts";
import { ProviderButtons } from "./provider-buttons.tsx";

const { signIn, signUp: words } = texts.account;

/** Makes an account and signs in. */
export function SignUpPage() {
  const navigate = useNavigate();
  const signUp = useMutation({
    ...queries.auth.register.mutationOptions(),
    onSuccess: async () => {
      forgetResponses();
      await navigate({ to: "/allocation" });
    },
  });
  const submit = (data: FormData) =>
    signUp.mutate({
      email: String(data.get("email")),
      password: String(data.get("password")),
      full_name: String(data.get("name")),
    });
  return (
    <div className="card form-card">
      <PageTitle title={words.title} />
      <h1>{words.title}</h1>
      <p className="muted">{words.lead}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit(new FormData(event.currentTarget));
        }}
      >
        <TextField name="name" label={words.name} autoComplete="name" maxLength={200} />
        <TextField name="email" type="email" label={signIn.email} autoComplete="username" maxLength={254} />
        <PasswordField
          name="password"
          label={signIn.password}
          autoComplete="new-password"
          advice={words.advice}
        />
        <FormError error={signUp.error} />
        <SubmitButton isSending={signUp.isPending}>{words.submit}</SubmitButton>
      </form>
      <ProviderButtons purpose="login" next="/allocation" lead={texts.identities.or} />
      <p className="muted">
        {words.hasAccount} <Link to="/sign-in">{texts.shell.signIn}</Link>
      </p>
    </div>
  );
}
