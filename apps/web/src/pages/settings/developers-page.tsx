import { ApiKeys } from "./api-keys.tsx";
import { SettingsFrame } from "./settings-frame.tsx";
import { Webhooks } from "./webhooks/webhooks.tsx";

/** What lets programs act for somebody, and tells them what happens. */
export function DevelopersPage() {
  return (
    <SettingsFrame part="developers">
      <div className="stack">
        <Webhooks />
        <ApiKeys />
      </div>
    </SettingsFrame>
  );
}
