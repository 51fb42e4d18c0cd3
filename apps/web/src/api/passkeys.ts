import type { PasskeyAssertion, PasskeyAttestation, PasskeyCreation, PasskeyRequest } from "@obsqra/client";
import {
  browserSupportsWebAuthn,
  type PublicKeyCredentialCreationOptionsJSON,
  sendSignal,
  startAuthentication,
  startRegistration,
  WebAuthnAbortService,
} from "@simplewebauthn/browser";

export { browserSupportsWebAuthnAutofill as canSuggestPasskeys } from "@simplewebauthn/browser";

/** Whether this browser can use passkeys at all; none does over plain HTTP, but on its own machine. */
export const hasPasskeys = browserSupportsWebAuthn();

/**
 * Asks the browser for a passkey, which its user chooses.
 *
 * @throws Error with the name that WebAuthn gives, such as `NotAllowedError` where nothing was chosen
 */
export function askPasskey(request: PasskeyRequest): Promise<PasskeyAssertion> {
  return startAuthentication({ optionsJSON: request });
}

/** Has passkeys among the suggestions for a field, until one is chosen, another is asked for, or it is stopped. */
export function suggestPasskeys(request: PasskeyRequest): Promise<PasskeyAssertion> {
  return startAuthentication({ optionsJSON: request, useBrowserAutofill: true });
}

/** Takes them from the suggestions again. */
export function stopSuggesting(): void {
  WebAuthnAbortService.cancelCeremony();
}

/**
 * Has the browser make a passkey.
 *
 * @throws Error with the name that WebAuthn gives, such as `InvalidStateError` where this device has one of the account already
 */
export function makePasskey(creation: PasskeyCreation): Promise<PasskeyAttestation> {
  // The same names of transports, which are none of ours to know one by one.
  return startRegistration({ optionsJSON: creation as PublicKeyCredentialCreationOptionsJSON });
}

/** Tells the browser that a passkey is nobody's here, so that it is not offered again. */
export function forgetPasskey({ rpId }: PasskeyRequest, credentialId: string): void {
  // Browsers that do not know of it go on offering it.
  sendSignal({ signalName: "unknownCredential", rpID: rpId, credentialID: credentialId }).catch(
    () => undefined,
  );
}
