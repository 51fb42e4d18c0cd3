export const walletTexts = {
  title: "Linked wallets",
  none: "No wallet is linked yet.",
  noneLong: "Link the one that you move money with: its transactions are then confirmed as yours.",
  link: "Link a wallet",
  linkLong:
    "Your wallet signs a message that proves the account is yours. No transaction is sent, and nothing is paid.",
  noWallet:
    "This browser has no Starknet wallet. Install one, such as Ready or Braavos; it shows up here by itself.",
  linkWith: (name: string) => `Link with ${name}`,
  waiting: "Go on in your wallet: it asks you to sign.",
  refused: (reason: string) => `The wallet did not sign: ${reason}`,
  done: "Linked.",
  primary: "primary",
  states: {
    deployed: "Deployed: its contract accepted the signature",
    counterfactual: "Not deployed yet: checked against the key that its address commits to",
  },
  linked: (when: string) => `linked ${when}`,
  makePrimary: "Make primary",
  unlink: "Unlink",
  unlinkTitle: "Unlink this wallet?",
  unlinkLong: "Transactions that it sends are no longer confirmed as yours.",
} as const;
