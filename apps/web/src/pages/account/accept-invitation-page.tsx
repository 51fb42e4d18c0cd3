import { obsqra, queries, queryClient } from "../../api/client.ts";
import { SignedInOnly } from "../../components/signed-in-only.tsx";
import { texts } from "../../texts/index.ts";
import { EmailLinkPage } from "./email-link-page.tsx";

const { accept: words } = texts.organisations;

/** What the mail of an invitation leads to: whoever is signed in with its address becomes a member. */
export function AcceptInvitationPage() {
  return (
    <SignedInOnly title={words.signInFirst}>
      <EmailLinkPage
        words={words}
        send={async (token) => {
          const { name } = await obsqra.organisations.accept_invitation.mutate({ token });
          await queryClient.invalidateQueries({ queryKey: queries.organisations.pathKey() });
          return words.done(name);
        }}
      />
    </SignedInOnly>
  );
}
