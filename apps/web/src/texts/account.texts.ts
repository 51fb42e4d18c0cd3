export const accountTexts = {
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
  showPassword: "Show password",
  sending: "One moment …",
  verifyEmail: "Your address is not confirmed yet. Open the link that was mailed to you.",
  sendAgain: "Send the mail again",
  sent: "The mail is on its way.",
} as const;
