import type { Profile } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { FormError } from "../../components/form.tsx";
import { TitledCard } from "../../components/titled-card.tsx";
import { unknown } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const words = texts.settings;

/** Whose account it is. */
export function ProfileCard({ profile }: { readonly profile: Profile }) {
  const send = useMutation(queries.auth.request_email_verification.mutationOptions());
  const { is_verified } = profile;
  return (
    <TitledCard title={words.profile}>
      <dl className="facts">
        <div>
          <dt>{texts.account.signUp.name}</dt>
          <dd>{profile.full_name}</dd>
        </div>
        <div>
          <dt>{texts.account.signIn.email}</dt>
          <dd>
            {profile.email}{" "}
            <span className="tag" data-tone={is_verified ? "good" : "warn"}>
              {is_verified ? words.verified : words.notVerified}
            </span>
          </dd>
        </div>
        <div>
          <dt>{words.wallet}</dt>
          <dd>{profile.wallet_address ?? unknown}</dd>
        </div>
      </dl>
      {is_verified ? null : (
        <>
          <p className="muted small">{send.isSuccess ? texts.account.sent : texts.account.verifyEmail}</p>
          <FormError error={send.error} />
          <button
            type="button"
            className="button"
            disabled={send.isPending}
            onClick={() => send.mutate(undefined)}
          >
            {texts.account.sendAgain}
          </button>
        </>
      )}
    </TitledCard>
  );
}
