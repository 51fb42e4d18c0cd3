import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { Loaded } from "../../components/loaded.tsx";
import { AlertsForm } from "./alerts-form.tsx";
import { EmailForm } from "./email-form.tsx";
import { NameForm } from "./name-form.tsx";
import { ProfileCard } from "./profile-card.tsx";
import { SettingsFrame } from "./settings-frame.tsx";
import { UsageCard } from "./usage-card.tsx";

/** An account, and what it is told. */
export function SettingsPage() {
  return (
    <SettingsFrame part="profile">
      <Settings />
    </SettingsFrame>
  );
}

function Settings() {
  const profile = useQuery(queries.users.profile.queryOptions());
  return (
    <Loaded query={profile} height={480}>
      {(data) => (
        <div className="sides">
          <div className="stack">
            <ProfileCard profile={data} />
            <NameForm name={data.full_name} />
            <EmailForm />
            <UsageCard />
          </div>
          <Alerts />
        </div>
      )}
    </Loaded>
  );
}

/** What is told of whoever this tab acts for. */
function Alerts() {
  const preferences = useQuery(queries.users.preferences.queryOptions());
  return (
    <Loaded query={preferences} height={480}>
      {(data) => <AlertsForm preferences={data} />}
    </Loaded>
  );
}
