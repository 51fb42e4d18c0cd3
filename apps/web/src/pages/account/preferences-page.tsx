import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { PageHead } from "../../components/page-head.tsx";
import { SignedInOnly } from "../../components/signed-in-only.tsx";
import { Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import { AlertsForm } from "../settings/alerts-form.tsx";

const { preferences: words } = texts.account;

/** What mails of alerts lead to: what somebody is told, and when. */
export function PreferencesPage() {
  return (
    <div className="narrow">
      <PageHead title={words.title} lead={words.lead} />
      <SignedInOnly title={texts.settings.signInFirst}>
        <Preferences />
      </SignedInOnly>
    </div>
  );
}

function Preferences() {
  const { data, error, refetch } = useQuery(queries.users.preferences.queryOptions());
  if (data !== undefined) return <AlertsForm preferences={data} />;
  return error === null ? <Skeleton height={480} /> : <Failure error={error} retry={() => void refetch()} />;
}
