import { type LoginInput, type SignIn, signIn } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { keepSignedIn, obsqra } from "../../api/client.ts";
import { devices } from "../../api/devices.ts";
import { FormError, PasswordField, SubmitButton, TextField } from "../../components/form.tsx";
import { texts } from "../../texts/index.ts";
import { CodeForm } from "./code-form.tsx";
import { PasskeySignIn } from "./passkey-sign-in.tsx";

const { signIn: words } = texts.account;

/** Signs in by email and password, and a code where the account has a second factor; or by a passkey alone. */
export function SignInForm({ onSignedIn }: { readonly onSignedIn: () => Promise<void> | void }) {
  const [step, setStep] = useState<SignIn>();
  const form = useRef<HTMLFormElement>(null);
  const goOn = async (next: SignIn) => {
    setStep(next);
    if (next.state === "signed_in") await onSignedIn();
  };
  const start = useMutation({
    mutationFn: (input: LoginInput) => signIn(obsqra, input, { devices }),
    onSuccess: goOn,
  });
  const submit = (data: FormData) => {
    prepare(data);
    start.mutate({ email: String(data.get("email")), password: String(data.get("password")) });
  };
  if (step?.state === "code_needed") {
    return <CodeForm step={step} onStep={goOn} onLeave={() => setStep(undefined)} />;
  }
  return (
    <form
      ref={form}
      className="form-grid"
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget));
      }}
    >
      <TextField
        name="email"
        type="email"
        label={words.email}
        autoComplete="username webauthn"
        maxLength={254}
      />
      <PasswordField name="password" label={words.password} autoComplete="current-password" />
      <label className="check">
        <input type="checkbox" name="keep" /> {words.keep}
      </label>
      <FormError error={start.error ?? (step?.state === "over" ? step.refused : null)} />
      <SubmitButton isSending={start.isPending}>{words.submit}</SubmitButton>
      <PasskeySignIn
        prepare={() => prepare(new FormData(form.current ?? undefined))}
        onSignedIn={onSignedIn}
      />
    </form>
  );
}

function prepare(data: FormData): void {
  keepSignedIn(data.get("keep") === "on");
}
