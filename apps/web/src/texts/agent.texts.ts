const scopes: Readonly<Record<string, string>> = {
  "users:read": "see your profile and preferences",
  "analytics:read": "read markets and your dashboard",
  "predictions:read": "read forecasts and your suggestions",
  "predictions:write": "have suggestions made",
  "transactions:read": "see your transactions",
};

/** What the page says on which an agent asks. */
export const agentTexts = {
  title: "Let an agent in?",
  signInFirst: "An agent asks to act for you. Sign in to answer.",
  unknown: "This is no request of an agent. Start again from the agent.",
  lead: "An agent asks to act for you. Go on only if you have just asked it to.",
  name: "It calls itself",
  host: "Vouched for by",
  nobody: "nobody: anyone can take this name",
  goesTo: "You go back to",
  may: "It may (leave ticked what you want)",
  limits:
    "It can neither move money nor log any, nor change how you sign in. It has to ask again after 90 days; until then you end it under Settings, Developers.",
  allow: "Let it in",
  refuse: "Refuse",
  scopes,
} as const;
