import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { PageHead } from "../../components/page-head.tsx";
import { SignedInOnly } from "../../components/signed-in-only.tsx";
import { Failure, Skeleton } from "../../components/states.tsx";
import { texts } from "../../texts/index.ts";
import { AlertsForm } from "./alerts-form.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { ConfirmPassword } from "./confirm-password.tsx";
import { ProfileCard } from "./profile-card.tsx";
import { Sessions } from "./sessions.tsx";

const words = texts.settings;

/** An account, and who may use it. */
export function SettingsPage() {
  return (
    <>
      <PageHead title={words.title} />
      <SignedInOnly title={texts.allocation.signInFirst}>
        <ConfirmPassword>
          <Settings />
        </ConfirmPassword>
      </SignedInOnly>
    </>
  );
}

function Settings() {
  const { data, error, refetch } = useQuery(queries.users.profile.queryOptions());
  if (data === undefined) {
    return error === null ? (
      <Skeleton height={480} />
    ) : (
      <Failure error={error} retry={() => void refetch()} />
    );
  }
  return (
    <div className="sides">
      <div className="stack">
        <ProfileCard profile={data} />
        <AlertsForm preferences={data.preferences} />
      </div>
      <div className="stack">
        <ApiKeys />
        <Sessions />
      </div>
    </div>
  );
}
