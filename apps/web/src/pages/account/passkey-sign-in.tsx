import { isObsqraError, type PasskeyAssertion, type PasskeyNeeded, signInWithPasskey } from "@obsqra/client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { obsqra, queryClient } from "../../api/client.ts";
import {
  askPasskey,
  canSuggestPasskeys,
  forgetPasskey,
  stopSuggesting,
  suggestPasskeys,
} from "../../api/passkeys.ts";
import { PasskeyButton } from "../../components/passkey-button.tsx";
import { texts } from "../../texts/index.ts";

interface PasskeySignInProps {
  /** Is called before a session begins. */
  readonly prepare: () => void;
  readonly onSignedIn: () => Promise<void> | void;
}

const suggested = ["suggested passkeys"];

/** A passkey that was chosen among suggestions. */
interface Chosen {
  readonly step: PasskeyNeeded;
  readonly passkey: PasskeyAssertion;
}

/** Signs in by a passkey alone: by a button, and among what the browser suggests for the address. */
export function PasskeySignIn({ prepare, onSignedIn }: PasskeySignInProps) {
  const signIn = useMutation({
    mutationFn: async (chosen: Chosen | undefined) => {
      const step = chosen?.step ?? (await signInWithPasskey(obsqra));
      const passkey = chosen?.passkey ?? (await askPasskey(step.passkey));
      prepare();
      const done = await step.answer(passkey);
      if (done.state !== "refused") return;
      if (isObsqraError(done.refused, "PASSKEY_UNKNOWN")) forgetPasskey(step.passkey, passkey.id);
      throw done.refused;
    },
    onSuccess: onSignedIn,
    // What was refused is used up.
    onError: () => queryClient.invalidateQueries({ queryKey: suggested }),
  });
  useSuggestions({ isPaused: signIn.isPending || signIn.isSuccess, onChosen: signIn.mutate });
  return (
    <PasskeyButton label={texts.passkeys.signIn} state={signIn} onAsk={() => signIn.mutate(undefined)} />
  );
}

interface SuggestionsOptions {
  /** One thing at a time can be asked of a browser. */
  readonly isPaused: boolean;
  readonly onChosen: (chosen: Chosen) => void;
}

function useSuggestions({ isPaused, onChosen }: SuggestionsOptions): void {
  const { data: step } = useQuery({
    queryKey: suggested,
    queryFn: async () => ((await canSuggestPasskeys()) ? signInWithPasskey(obsqra) : null),
    enabled: !isPaused,
    // A challenge is renewed before it ends, while somebody looks at the page, and used once.
    staleTime: ({ state }) => usefulMs(state.data),
    refetchInterval: ({ state }) => usefulMs(state.data),
    gcTime: 0,
    structuralSharing: false,
    retry: false,
  });
  useEffect(() => {
    if (isPaused || !step) return;
    let isSuggested = true;
    suggestPasskeys(step.passkey)
      .then((passkey) => {
        if (isSuggested) onChosen({ step, passkey });
      })
      // The button and the password are there in any case.
      .catch(() => undefined)
      .finally(() => {
        isSuggested = false;
      });
    return () => {
      if (isSuggested) stopSuggesting();
      isSuggested = false;
    };
  }, [step, isPaused, onChosen]);
}

const hourMs = 3_600_000;

function usefulMs(step: PasskeyNeeded | null | undefined): number {
  return step ? step.passkey.timeout * 0.9 : hourMs;
}
