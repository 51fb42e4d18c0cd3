import { Dialog } from "@base-ui/react/dialog";
import { isObsqraError } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { createContext, type ReactNode, useContext, useState } from "react";
import { obsqra, queries } from "../../api/client.ts";
import { askPasskey } from "../../api/passkeys.ts";
import { CodeField } from "../../components/code-field.tsx";
import { FormError, PasswordField, SubmitButton } from "../../components/form.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { PasskeyButton } from "../../components/passkey-button.tsx";
import { texts } from "../../texts/index.ts";
import { ProviderButtons } from "../account/provider-buttons.tsx";

const { confirm: words } = texts.settings;

type Confirmed = <TResult>(call: () => Promise<TResult>) => Promise<TResult>;

const Context = createContext<Confirmed>((call) => call());

/** Makes a call, and asks for the password, a code of the second factor, or a passkey first where the last sign-in is too long ago for it. */
export const useConfirmed = () => useContext(Context);

/** Asks for the password, for a code where there is a second factor, or for a passkey, when a call below needs a sign-in of late. */
export function ConfirmPassword({ children }: { readonly children: ReactNode }) {
  const [waiting, setWaiting] = useState<PromiseWithResolvers<void>>();
  const factor = useQuery({ ...queries.auth.second_factor.queryOptions(), enabled: waiting !== undefined });
  const passkeys = useQuery({
    ...queries.auth.passkeys.queryOptions({ limit: 1 }),
    enabled: waiting !== undefined,
  });
  const reauthenticate = useMutation({
    ...queries.auth.reauthenticate.mutationOptions(),
    onSuccess: () => waiting?.resolve(),
  });
  const show = useMutation({
    mutationFn: async () => {
      const passkey = await askPasskey(await obsqra.auth.passkey_challenge.mutate());
      return obsqra.auth.reauthenticate.mutate({ passkey });
    },
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
        show.reset();
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
            <Dialog.Title>{factor.data?.is_on === true ? words.codeTitle : words.title}</Dialog.Title>
            <Dialog.Description className="muted">{words.lead}</Dialog.Description>
            <form
              className="form-grid"
              onSubmit={(event) => {
                event.preventDefault();
                const data = new FormData(event.currentTarget);
                const [code, password] = [data.get("code"), data.get("password")];
                reauthenticate.mutate(
                  code === null ? { password: String(password) } : { code: String(code) },
                );
              }}
            >
              <Loaded query={factor} height={60}>
                {({ is_on }) =>
                  is_on ? (
                    <CodeField />
                  ) : (
                    <PasswordField
                      name="password"
                      label={texts.account.signIn.password}
                      autoComplete="current-password"
                    />
                  )
                }
              </Loaded>
              <FormError error={reauthenticate.error} />
              <div className="actions">
                <SubmitButton isSending={reauthenticate.isPending}>{words.submit}</SubmitButton>
                <Dialog.Close className="button">{words.cancel}</Dialog.Close>
              </div>
              {passkeys.data?.items.length ? (
                <PasskeyButton label={texts.passkeys.instead} state={show} onAsk={show.mutate} />
              ) : null}
            </form>
            <SignInByProvider />
          </Dialog.Popup>
        </Dialog.Portal>
      </Dialog.Root>
    </Context>
  );
}

/** An account may have no password: a new sign-in by an identity that is linked does, too, and comes back to this page. */
function SignInByProvider() {
  const next = useRouterState({ select: ({ location }) => location.href });
  const { data } = useQuery(queries.auth.identities.queryOptions({ limit: 100 }));
  const only = data?.items.map(({ provider }) => provider) ?? [];
  return <ProviderButtons purpose="login" next={next} lead={texts.identities.again} only={only} />;
}
