import { useMutation } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { FormError, SubmitButton, TextField } from "../../components/form.tsx";
import { PageTitle } from "../../components/page-head.tsx";
import { texts } from "../../texts/index.ts";

const { forgot: words, signIn } = texts.account;

/** Has a link mailed that sets a new password. */
export function ForgotPasswordPage() {
  const request = useMutation(queries.auth.request_password_reset.mutationOptions());
  return (
    <div className="card form-card">
      <PageTitle title={words.title} />
      <h1>{words.title}</h1>
      <p className="muted">{words.lead}</p>
      {request.isSuccess ? (
        <p role="status">{words.sent}</p>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            request.mutate({ email: String(new FormData(event.currentTarget).get("email")) });
          }}
        >
          <TextField name="email" type="email" label={signIn.email} autoComplete="username" maxLength={254} />
          <FormError error={request.error} />
          <SubmitButton isSending={request.isPending}>{words.submit}</SubmitButton>
        </form>
      )}
    </div>
  );
}
