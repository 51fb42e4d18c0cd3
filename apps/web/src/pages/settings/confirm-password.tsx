import { Dialog } from "@base-ui/react/dialog";
import { isObsqraError } from "@obsqra/client";
import { useMutation } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useState } from "react";
import { queries } from "../../api/client.ts";
import { FormError, PasswordField, SubmitButton } from "../../components/form.tsx";
import { texts } from "../../texts/index.ts";

const { confirm: words } = texts.settings;

type Confirmed = <TResult>(call: () => Promise<TResult>) => Promise<TResult>;

const Context = createContext<Confirmed>((call) => call());

/** Makes a call, and asks for the password first where the last sign-in is too long ago for it. */
export const useConfirmed = () => useContext(Context);

/** Asks for the password when a call below needs that it was given lately. */
export function ConfirmPassword({ children }: { readonly children: ReactNode }) {
  const [waiting, setWaiting] = useState<PromiseWithResolvers<void>>();
  const reauthenticate = useMutation({
    ...queries.auth.reauthenticate.mutationOptions(),
    onSuccess: () => waiting?.resolve(),
  });
  const confirmed: Confirmed = async (call) => {
    try {
      return await call();
    } catch (error) {
      if (!isObsqraError(error, "REAUTHENTICATION_NEEDED")) throw error;
      const asked = Promise.withResolvers<void>();
      setWaiting(asked);
      try {
        await asked.promise;
      } catch {
        // Nothing was confirmed: what is said is why the call was refused.
        throw error;
      } finally {
        setWaiting(undefined);
        reauthenticate.reset();
      }
      return call();
    }
  };
  return (
    <Context value={confirmed}>
      {children}
      <Dialog.Root
        open={waiting !== undefined}
        onOpenChange={(isOpen) => isOpen || waiting?.reject(new Error())}
      >
        <Dialog.Portal>
          <Dialog.Backdrop className="backdrop" />
          <Dialog.Popup className="dialog">
            <Dialog.Title>{words.title}</Dialog.Title>
            <Dialog.Description className="muted">{words.lead}</Dialog.Description>
            <form
              className="form-grid"
              onSubmit={(event) => {
                event.preventDefault();
                const password = String(new FormData(event.currentTarget).get("password"));
                reauthenticate.mutate({ password });
              }}
            >
              <PasswordField
                name="password"
                label={texts.account.signIn.password}
                autoComplete="current-password"
              />
              <FormError error={reauthenticate.error} />
              <div className="actions">
                <SubmitButton isSending={reauthenticate.isPending}>{words.submit}</SubmitButton>
                <Dialog.Close className="button">{words.cancel}</Dialog.Close>
              </div>
            </form>
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    </Context>
  );
}
