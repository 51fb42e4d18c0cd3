import { agentTexts } from "./agent.texts.ts";

export const accountTexts = {
  agent: agentTexts,
  signIn: {
    title: "Sign in",
    email: "Email",
    password: "Password",
    keep: "Stay signed in on this device",
    submit: "Sign in",
    noAccount: "No account yet?",
    forgot: "Forgot your password?",
  },
  signUp: {
    title: "Create an account",
    lead: "An account holds your allocation and preferences. You need no wallet.",
    name: "Full name",
    advice:
      "At least 8 characters; 15 or more are better, such as a few words that nobody else would put together.",
    submit: "Create account",
    hasAccount: "Already have an account?",
  },
  forgot: {
    title: "Set a new password",
    lead: "We mail you a link to set a new one, if the address has an account.",
    submit: "Send the link",
    sent: "If this address has an account, a link is on its way.",
  },
  links: {
    verifyEmail: {
      title: "Confirm your address",
      lead: "Confirm that this address is yours.",
      submit: "Confirm address",
      done: "Your address is confirmed.",
    },
    resetPassword: {
      title: "Set a new password",
      lead: "Setting a new password ends all your sessions. Your passkeys are removed and your identities unlinked, too. Sign in again with the new one afterwards.",
      password: "New password",
      submit: "Set password",
      done: "Your new password is set, and all your sessions have ended.",
    },
    confirmEmailChange: {
      title: "Confirm the change of address",
      lead: "Confirm that the account is to move to its new address.",
      submit: "Confirm the change",
      done: "The address of the account is changed.",
      waiting:
        "This address has confirmed. The change happens once the link sent to the other address is opened, too.",
    },
  },
  incompleteLink: "This link is not complete. Open it from the mail again, or copy all of it.",
  preferences: {
    title: "Choose what you are told",
    lead: "Mail about the security of your account comes in any case.",
  },
  again: {
    title: "Your session has ended",
    lead: "Sign in again to go on. What you have typed is still there.",
  },
  showPassword: "Show password",
  sending: "One moment …",
  verifyEmail: "Your address is not confirmed yet. Open the link that was mailed to you.",
  sendAgain: "Send the mail again",
  sent: "The mail is on its way.",
} as const;
