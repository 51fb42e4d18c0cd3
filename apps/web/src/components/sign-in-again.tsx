import { Dialog } from "@base-ui/react/dialog";
import { useState } from "react";
import { obsqra, queries, queryClient } from "../api/client.ts";
import { SignInForm } from "../pages/account/sign-in-form.tsx";
import { texts } from "../texts/index.ts";

const { again: words } = texts.account;

/** Asks whoever was signed in to sign in again, over the page that they were at. */
export function SignInAgain({ onGiveUp }: { readonly onGiveUp: () => void }) {
  const [ownerId] = useState(() => queryClient.getQueryData(queries.auth.me.queryKey())?.id);
  const goOn = async () => {
    const { id } = await obsqra.auth.me.query();
    // Somebody else must not see what the one before has read or typed.
    if (id !== ownerId) location.reload();
    await queryClient.invalidateQueries();
  };
  return (
    <Dialog.Root open onOpenChange={(isOpen) => isOpen || onGiveUp()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog" data-size="small">
          <Dialog.Title>{words.title}</Dialog.Title>
          <Dialog.Description className="muted">{words.lead}</Dialog.Description>
          <SignInForm onSignedIn={goOn} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
