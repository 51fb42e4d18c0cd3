/** A page that an emailed link opens. The texts are plain text. */
export interface AccountPage {
  /** The last part of its path. */
  readonly name: string;
  readonly title: string;
  readonly explanation: string;
  readonly button: string;
  /** Path of the endpoint that the button calls, under `/api/v1`. */
  readonly endpoint: string;
  readonly asksForPassword: boolean;
  /** Said when it has worked. */
  readonly done: string;
  /** Said instead when another confirmation is still waited for. */
  readonly waiting: string;
}

export const accountPages: readonly AccountPage[] = [
  {
    name: "verify-email",
    title: "Confirm your address",
    explanation: "Confirm that this address is yours.",
    button: "Confirm address",
    endpoint: "/auth/verify-email",
    asksForPassword: false,
    done: "Your address is confirmed. You can close this page.",
    waiting: "",
  },
  {
    name: "reset-password",
    title: "Set a new password",
    explanation: "Setting a new password ends all your sessions. Sign in again with the new one afterwards.",
    button: "Set password",
    endpoint: "/auth/reset-password",
    asksForPassword: true,
    done: "Your new password is set, and all your sessions have ended. You can close this page and sign in.",
    waiting: "",
  },
  {
    name: "confirm-email-change",
    title: "Confirm the change of address",
    explanation: "Confirm that the account is to move to its new address.",
    button: "Confirm the change",
    endpoint: "/auth/confirm-email-change",
    asksForPassword: false,
    done: "The address of the account is changed. You can close this page.",
    waiting:
      "This address has confirmed. The change happens once the link sent to the other address is opened, too.",
  },
];
