import type { ErrorCode, ErrorDetails } from "@obsqra/contract";

/** What the page of an error says beside its message. */
export interface ErrorGuidance<TCode extends ErrorCode = ErrorCode> {
  /** When it is answered. */
  readonly cause: string;
  /** What the caller does about it. */
  readonly remedy: string;
  /** Details as they might come. */
  readonly details: ErrorDetails<TCode>;
}

const logInAgain = "Log in again, or exchange your refresh token at POST /api/v1/auth/refresh.";
const retryLater =
  "Send the same request again after the seconds in Retry-After, with the same Idempotency-Key if it changes something.";
const reportIt =
  "Send the same request once more, with the same Idempotency-Key if it changes something. If it fails again, tell the operator the request_id.";

/** One entry per code: the compiler asks for it. */
export const errorGuidance: { readonly [TCode in ErrorCode]: ErrorGuidance<TCode> } = {
  MALFORMED_JSON: {
    cause: "The body was announced as JSON and cannot be parsed as such.",
    remedy: "Print the body that you send. Make it with a JSON library, not by joining strings.",
    details: undefined,
  },
  VALIDATION_FAILED: {
    cause:
      "The input could be read, but a field is missing, of another type or outside of its limits. Nothing was done.",
    remedy:
      "Correct the fields that details.issues names: path is the field, dotted, and message says what it should be.",
    details: {
      issues: [{ path: "amount", message: 'write amounts as strings, such as "1250.5"' }],
    },
  },
  UNAUTHENTICATED: {
    cause: "The operation is for signed-in users, and no token came along.",
    remedy: "Send `Authorization: Bearer <token>`, with an access token or an API key.",
    details: undefined,
  },
  TOKEN_EXPIRED: {
    cause: "The access token is older than the expires_in seconds that it was given for.",
    remedy:
      "Exchange your refresh token at POST /api/v1/auth/refresh and repeat the request with the new access token.",
    details: undefined,
  },
  TOKEN_INVALID: {
    cause: "The access token was not made by this server, or its session has ended, or its user is gone.",
    remedy: logInAgain,
    details: undefined,
  },
  API_KEY_INVALID: {
    cause: "No API key that works begins and ends like this one: it may have expired or been revoked.",
    remedy: "Make a new key at POST /api/v1/auth/api-keys and put it in the place of the old one.",
    details: undefined,
  },
  SCOPE_MISSING: {
    cause: "The request came with an API key that may do other things, but not this.",
    remedy: "Make a key with the scope that details.scope names. A key's scopes never change.",
    details: { scope: "transactions:write" },
  },
  SESSION_REQUIRED: {
    cause: "The request came with an API key, and the operation concerns the account itself.",
    remedy: "Sign in with email and password and send the access token.",
    details: undefined,
  },
  REAUTHENTICATION_NEEDED: {
    cause: "The operation protects the account and the password was given too long ago.",
    remedy:
      "Ask the user for the password, send it to POST /api/v1/auth/reauthenticate, and repeat the request with the new access token.",
    details: undefined,
  },
  ROUTE_NOT_FOUND: {
    cause: "No operation has this path. Paths are case-sensitive and begin with /api/v1.",
    remedy: "Compare the path with the one in /docs.",
    details: undefined,
  },
  METHOD_NOT_ALLOWED: {
    cause: "The path exists, but not with this method.",
    remedy: "Use one of the methods in details.allowed, which the Allow header names, too.",
    details: { allowed: ["GET", "POST"] },
  },
  PAYLOAD_TOO_LARGE: {
    cause: "The body has more than 65,536 bytes.",
    remedy: "Send less at once: one transaction per request, and details of at most 16 KiB.",
    details: undefined,
  },
  UNSUPPORTED_MEDIA_TYPE: {
    cause: "The body came with another content type than application/json.",
    remedy: "Set `Content-Type: application/json`. curl sends forms unless it is told otherwise.",
    details: undefined,
  },
  MALFORMED_REQUEST: {
    cause:
      "The bytes could not be read as a request: a broken URL or header, JSON with a __proto__ key or nested too deep. Headers above 16 KiB answer with status 431, and a request that took too long to arrive with 408.",
    remedy: "Send it with an HTTP library, and percent-encode what you put into the URL.",
    details: undefined,
  },
  IDEMPOTENCY_KEY_INVALID: {
    cause:
      "The Idempotency-Key is empty, longer than 255 characters, has others than visible ASCII, or came with several calls in one request.",
    remedy: "Send a UUID, a new one for each thing that you want done.",
    details: undefined,
  },
  IDEMPOTENCY_KEY_REUSED: {
    cause: "Within the last 24 hours the same key came with another operation or another input.",
    remedy:
      "If you want something else done, take a new key. If you want to repeat a request, send exactly the same input.",
    details: undefined,
  },
  RATE_LIMITED: {
    cause: "A limit of calls is used up: that of your address, your key, your account or your plan.",
    remedy:
      "Wait the seconds in Retry-After. To stay below the limit, read the RateLimit header of every answer and slow down before r reaches 0.",
    details: { policy: "user", retry_after_seconds: 12 },
  },
  SERVER_OVERLOADED: {
    cause: "The service sheds load, so that what it has begun is finished in time. Nothing was done.",
    remedy: retryLater,
    details: undefined,
  },
  DATABASE_UNAVAILABLE: {
    cause: "The service has lost its database for the moment. Nothing was done, as far as it knows.",
    remedy: retryLater,
    details: undefined,
  },
  INTERNAL_ERROR: {
    cause: "A bug in the service. Its cause is in the service's log, under the request_id.",
    remedy: reportIt,
    details: undefined,
  },
  EMAIL_TAKEN: {
    cause: "Somebody has registered with this address before.",
    remedy: "Log in, or ask for a new password at POST /api/v1/auth/request-password-reset.",
    details: undefined,
  },
  CREDENTIALS_INVALID: {
    cause:
      "There is no account with this address, or its password is another one. Which of them, is not told.",
    remedy: "Ask the user again. After several attempts each has to wait.",
    details: undefined,
  },
  REFRESH_TOKEN_INVALID: {
    cause: "The refresh token was exchanged before, has expired, or its session has ended. Each works once.",
    remedy:
      "Log in again. Store the new refresh token of every exchange before you use it, and exchange from one place only.",
    details: undefined,
  },
  PASSWORD_WRONG: {
    cause: "A signed-in user gave a password that is not the account's.",
    remedy: "Ask the user again. The session goes on.",
    details: undefined,
  },
  PASSWORD_REJECTED: {
    cause:
      "The new password is one of the most common ones, or made of the user's name, the address or the name of this service; details.reason says which.",
    remedy: "Ask the user for another one.",
    details: { reason: "common" },
  },
  TOO_MANY_ATTEMPTS: {
    cause: "Passwords were tried, or mails asked for, too often from this address for the same account.",
    remedy: "Wait the seconds in Retry-After. Earlier attempts are refused, right or wrong.",
    details: { retry_after_seconds: 4 },
  },
  SERVER_BUSY: {
    cause:
      "Checking a password takes time on purpose, and too many wait for it. Other operations still answer.",
    remedy: retryLater,
    details: undefined,
  },
  ONE_TIME_TOKEN_INVALID: {
    cause: "The token of an emailed link was used, has expired, or a newer link has replaced it.",
    remedy: "Have a new link sent. Only the newest one works, and once.",
    details: undefined,
  },
  SESSION_NOT_FOUND: {
    cause: "None of the user's sessions that go on has this id.",
    remedy: "Read the ids from GET /api/v1/auth/sessions. If it is gone, there is nothing left to end.",
    details: undefined,
  },
  API_KEY_NOT_FOUND: {
    cause: "None of the user's API keys has this id.",
    remedy: "Read the ids from GET /api/v1/auth/api-keys. The id is not the key itself.",
    details: undefined,
  },
  API_KEY_LIMIT_REACHED: {
    cause: "The user has as many keys that work as an account may have.",
    remedy: "Revoke one that is no longer used: GET /api/v1/auth/api-keys tells when each was used last.",
    details: { limit: 20 },
  },
  WALLET_ADDRESS_INVALID: {
    cause: "The address cannot be that of a Starknet account; details.reason says why.",
    remedy: "Pass the address as the wallet gives it.",
    details: { reason: "it is not below 2^251 - 256" },
  },
  WALLET_CHALLENGE_INVALID: {
    cause: "The challenge was used, is older than 10 minutes, or was made for another user or address.",
    remedy: "Ask for a new one at POST /api/v1/auth/wallet-challenge and have it signed.",
    details: undefined,
  },
  WALLET_SIGNATURE_INVALID: {
    cause: "The account contract does not accept the signature for the challenge's message.",
    remedy:
      "Pass typed_data to the wallet's signMessage as it came, with the same account, and send the signature untouched.",
    details: undefined,
  },
  WALLET_NOT_DEPLOYED: {
    cause: "No account contract is deployed at this address, so none can check the signature.",
    remedy: "Send the account's deployment along, as the wallet tells it, or deploy the account first.",
    details: undefined,
  },
  WALLET_TAKEN: {
    cause: "A wallet belongs to one account at a time, and another account has linked this one.",
    remedy: "Unlink it there, then link it here.",
    details: undefined,
  },
  CHAIN_NOT_CONFIGURED: {
    cause: "The operator has not connected this server to a Starknet node.",
    remedy: "Waiting does not help. The operator has to set STARKNET_RPC_URL.",
    details: undefined,
  },
  CHAIN_UNAVAILABLE: {
    cause: "The Starknet node does not answer, or answers with errors.",
    remedy: retryLater,
    details: undefined,
  },
  WALLET_DEPLOYMENT_INVALID: {
    cause:
      "The deployment does not prove that the signing key belongs to the address; details.reason says why.",
    remedy:
      "Pass the deployment as the wallet gives it (wallet_deploymentData), or deploy the account first.",
    details: { reason: "address_differs" },
  },
  WALLET_NOT_FOUND: {
    cause: "None of the user's linked wallets has this address.",
    remedy: "Read the addresses from GET /api/v1/auth/wallets.",
    details: undefined,
  },
  WALLET_LIMIT_REACHED: {
    cause: "The user has linked as many wallets as an account may have.",
    remedy: "Unlink one first.",
    details: { limit: 20 },
  },
  DELETION_NOT_SCHEDULED: {
    cause: "Nobody has asked for this account to be deleted, or it was cancelled before.",
    remedy: "Nothing: the account stays.",
    details: undefined,
  },
  PROTOCOL_UNKNOWN: {
    cause: "A protocol in the request is none of those that the service knows.",
    remedy: "Take one of details.known. Names are in lower case.",
    details: { protocols: ["zklender"], known: ["ekubo", "nostra", "vesu", "zklend"] },
  },
  CURSOR_INVALID: {
    cause: "The cursor was not made by this list, or not with these filters, or was changed on the way.",
    remedy:
      "Pass next_cursor untouched, with the same filters and order as the page before. If it was stored, start again without it.",
    details: undefined,
  },
  FORECASTS_NOT_READY: {
    cause: "The market history is too short or too old, or the models are being trained.",
    remedy: "Try again in a minute. If it stays, /ready tells the operator what is missing.",
    details: undefined,
  },
  ALLOCATION_INFEASIBLE: {
    cause:
      "No mix of protocols keeps all limits at once; details.conflicting_limits names those that collide.",
    remedy: "Loosen one of them: a higher risk tolerance, or more preferred protocols.",
    details: {
      conflicting_limits: ["max_single", "preferred_protocols"],
      reason: "One protocol may hold at most 40 %, and only two may hold anything.",
    },
  },
  ALLOCATION_INVALID: {
    cause: "The shares of the allocation do not sum to 100, or it does not go with the rest of the request.",
    remedy: "Correct what details.reason says.",
    details: { reason: "the shares sum to 90 %, not to 100 %" },
  },
  SUGGESTION_NOT_FOUND: {
    cause: "None of the user's suggestions has this id.",
    remedy: "Read the ids from GET /api/v1/predictions/rebalance-suggestions.",
    details: undefined,
  },
  TRANSACTION_NOT_FOUND: {
    cause: "The user has logged no transaction with this hash.",
    remedy: "Log it first at POST /api/v1/transactions. Leading zeros and case of the hash do not matter.",
    details: undefined,
  },
  TRANSACTION_ALREADY_LOGGED: {
    cause: "The user has logged this transaction before. The log is append-only.",
    remedy:
      "If you repeated a request, it has been done. To have the first answer repeated, send an Idempotency-Key with the first request.",
    details: { tx_hash: "0x0000000000000000000000000000000000000000000000000000000000005a1d" },
  },
  TX_HASH_INVALID: {
    cause: "The hash has the form of a field element, but is 0 or above the largest one.",
    remedy: "Pass the hash as the wallet or the node gives it.",
    details: undefined,
  },
};
