export const identityTexts = {
  title: "Identities",
  lead: "Accounts elsewhere that sign in to this one. Their address has to be verified there, and the same as yours here.",
  none: "None is linked.",
  columns: { provider: "Provider", email: "Address", used: "Last used" },
  link: (provider: string) => `Link ${provider}`,
  unlink: "Unlink",
  unlinkTitle: "Unlink this identity?",
  unlinkLead: "It no longer signs in to your account. You can link it again.",
  signInWith: (provider: string) => `Sign in with ${provider}`,
  or: "Or",
  again: "Or sign in again:",
  arrival: {
    title: "Signing in",
    wait: "One moment …",
    unknown: "This sign-in was not begun in this tab, or it is over. Begin again.",
    linkNeeded: "Your account is not linked yet",
    linkNeededLead:
      "There is an account with your address. Sign in to it, then link the provider under Settings, Security. Without a password, have a link for a new one sent.",
    retry: "Try again",
    back: "Back to signing in",
    backToSettings: "Back to the settings",
  },
} as const;
