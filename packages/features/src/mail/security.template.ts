import { describeDevice } from "./describe-device.ts";
import type { Email } from "./email.ts";
import type { EmailContent, LinkTo } from "./email-content.ts";
import { formatTime } from "./format-time.ts";

type Of<TTemplate extends Email["template"]> = Extract<Email, { template: TTemplate }>;

export function passwordReset({ token }: Of<"password_reset">, linkTo: LinkTo): EmailContent {
  return {
    subject: "Set a new password",
    paragraphs: [
      "Somebody asked for a new password for your Obsqra account. Setting one ends all your sessions, removes your passkeys, unlinks your identities and ends, unless you keep them, your API keys; webhooks are paused with them.",
    ],
    action: { label: "Set a new password", url: linkTo("reset-password", token) },
    otherwise: "If it was not you, do nothing: your password stays as it is.",
  };
}

export function passwordChanged({
  at,
  api_keys,
  passkeys,
  identities,
  second_factor,
}: Of<"password_changed">): EmailContent {
  const ofKeys = {
    revoked: [
      "API keys that were made before no longer work, and webhooks are paused until you resume them.",
    ],
    kept: ["API keys and webhooks that were made before go on working, as was asked for."],
  };
  return {
    subject: "Your password was changed",
    paragraphs: [
      "The password of your Obsqra account was changed.",
      ...(passkeys === undefined
        ? []
        : ["All passkeys were removed: they no longer sign in, though devices may still offer them."]),
      ...(identities === undefined
        ? []
        : ["All identities at providers were unlinked: they no longer sign in until you link them again."]),
      ...(second_factor === undefined
        ? []
        : [
            "The second factor was turned off: it was set up before anybody had shown that this address is theirs. Turn it on again with an app of your own.",
          ]),
      ...(api_keys === undefined ? [] : ofKeys[api_keys]),
    ],
    facts: [["Time", formatTime(at)]],
    otherwise:
      "If it was not you, ask for a new password at once, where you sign in: that ends all sessions. Then read your audit log.",
  };
}

// A key's name is not repeated: whoever made the key chose it, and could write to the account's owner through it.
export function apiKeyCreated(key: Of<"api_key_created">): EmailContent {
  const { agent_host } = key;
  const isOfAgent = agent_host !== undefined;
  return {
    subject: isOfAgent ? "An agent was let into your account" : "An API key was made for your account",
    paragraphs: [
      isOfAgent
        ? "Somebody who is signed in to your Obsqra account let an agent ask for you. It renews its key by itself; you end it where your API keys are."
        : "Somebody who is signed in to your Obsqra account made an API key, which acts for you.",
      ...endOfNotices(key),
    ],
    facts: [
      ["Time", formatTime(key.at)],
      ...(isOfAgent ? ([["The agent is at", agent_host]] as const) : []),
      ["The key begins with", key.prefix],
      ["It may", key.scopes.join(", ")],
      ["It ends", formatTime(key.expires_at)],
    ],
    otherwise:
      "If it was not you, ask for a new password at once, where you sign in: that ends all sessions and API keys. Then read your audit log.",
  };
}

export function walletLinked({ at, wallet_address, ...notice }: Of<"wallet_linked">): EmailContent {
  return {
    subject: "A wallet was linked to your account",
    paragraphs: [
      "Somebody who is signed in to your Obsqra account linked a Starknet wallet to it.",
      ...endOfNotices(notice),
    ],
    facts: [
      ["Time", formatTime(at)],
      ["Wallet", wallet_address],
    ],
    otherwise:
      "If it was not you, ask for a new password at once, where you sign in: that ends all sessions. Then unlink the wallet and read your audit log.",
  };
}

// Its URL is not repeated, as the name of a key is not: whoever made it chose it.
export function webhookCreated({ at, topics, ...notice }: Of<"webhook_created">): EmailContent {
  return {
    subject: "A webhook was made for your account",
    paragraphs: [
      "Somebody who acts for your Obsqra account made a webhook: what happens in the account is sent to a URL.",
      ...endOfNotices(notice),
    ],
    facts: [
      ["Time", formatTime(at)],
      ["It is told of", topics.join(", ")],
    ],
    otherwise:
      "If it was not you, ask for a new password at once, where you sign in: that ends all sessions and API keys. Then delete the webhook and read your audit log.",
  };
}

export function newDevice({ at, ip, user_agent, method }: Of<"new_device">): EmailContent {
  const means = { passkey: "a passkey", identity: "an identity at a provider" } as const;
  return {
    subject: "A new device has signed in",
    paragraphs: [
      `Somebody signed in to your Obsqra account with ${method === undefined ? "your password" : means[method]}, on a device that is new.`,
    ],
    facts: [
      ["Time", formatTime(at)],
      ["IP address", ip ?? "unknown"],
      ["Device", describeDevice(user_agent)],
    ],
    // A change of the password would leave passkeys and identities.
    otherwise:
      method === undefined
        ? "If it was not you, change your password at once, which ends all other sessions. Then read your audit log."
        : "If it was not you, ask for a new password at once, where you sign in: that ends all sessions, removes all passkeys and unlinks all identities. Then read your audit log.",
  };
}

export function deletionScheduled({ erase_after }: Of<"deletion_scheduled">): EmailContent {
  return {
    subject: "Your account will be deleted",
    paragraphs: [
      "Your Obsqra account is going to be deleted, with everything personal in it. Until then you can sign in and keep it.",
    ],
    facts: [["Deleted after", formatTime(erase_after)]],
    otherwise:
      "If it was not you, sign in before then, keep the account, and change your password: somebody knows it.",
  };
}

/** Who makes many, so that one is overlooked, has the owner told that there may be more. */
export function endOfNotices({ is_last }: Pick<Of<"api_key_created">, "is_last">): string[] {
  if (is_last !== true) return [];
  return [
    "There were many such changes today. You get no more mails about new API keys, wallets and webhooks until tomorrow: your audit log has all of them.",
  ];
}
