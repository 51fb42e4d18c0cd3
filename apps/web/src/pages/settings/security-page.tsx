import { AuditLog } from "./audit-log.tsx";
import { Identities } from "./identities.tsx";
import { Passkeys } from "./passkeys/passkeys.tsx";
import { PasswordForm } from "./password-form.tsx";
import { SecondFactor } from "./second-factor/second-factor.tsx";
import { Sessions } from "./sessions.tsx";
import { SettingsFrame } from "./settings-frame.tsx";

/** Where somebody is signed in, with which password, passkeys and second factor, and all that happened to it. */
export function SecurityPage() {
  return (
    <SettingsFrame part="security">
      <div className="sides">
        <div className="stack">
          <PasswordForm />
          <Passkeys />
          <SecondFactor />
          <Identities />
        </div>
        <div className="stack">
          <Sessions />
          <AuditLog />
        </div>
      </div>
    </SettingsFrame>
  );
}
