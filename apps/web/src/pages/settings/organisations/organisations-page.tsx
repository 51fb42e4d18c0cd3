import { useOwner } from "../../../api/owner.ts";
import { SettingsFrame } from "../settings-frame.tsx";
import { MyOrganisations } from "./my-organisations.tsx";
import { OneOrganisation } from "./one-organisation.tsx";

/** What somebody belongs to, and who else belongs to what this tab acts for. */
export function OrganisationsPage() {
  const owner = useOwner();
  return (
    <SettingsFrame part="organisations">
      <div className="stack">
        <MyOrganisations />
        {owner === undefined ? null : <OneOrganisation key={owner} />}
      </div>
    </SettingsFrame>
  );
}
