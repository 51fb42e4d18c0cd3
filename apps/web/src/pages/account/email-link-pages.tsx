import { leave, obsqra } from "../../api/client.ts";
import { PasswordField } from "../../components/form.tsx";
import { texts } from "../../texts/index.ts";
import { EmailLinkPage } from "./email-link-page.tsx";

const { links } = texts.account;

/** Confirms that an address is somebody's. */
export function VerifyEmailPage() {
  const words = links.verifyEmail;
  return (
    <EmailLinkPage
      words={words}
      send={async (token) => {
        await obsqra.auth.verify_email.mutate({ token });
        return words.done;
      }}
    />
  );
}

/** Sets a new password without the old one. */
export function ResetPasswordPage() {
  const words = links.resetPassword;
  return (
    <EmailLinkPage
      words={words}
      leadsToSignIn
      send={async (token, data) => {
        await obsqra.auth.reset_password.mutate({ token, new_password: String(data.get("new-password")) });
        // All sessions have ended, and so has the one of this browser, if it had one.
        leave();
        return words.done;
      }}
    >
      <PasswordField
        name="new-password"
        label={words.password}
        autoComplete="new-password"
        advice={texts.account.signUp.advice}
      />
    </EmailLinkPage>
  );
}

/** Moves an account to another address, once both have confirmed. */
export function ConfirmEmailChangePage() {
  const words = links.confirmEmailChange;
  return (
    <EmailLinkPage
      words={words}
      send={async (token) => {
        const { status } = await obsqra.auth.confirm_email_change.mutate({ token });
        return status === "waiting" ? words.waiting : words.done;
      }}
    />
  );
}
