export const errorTexts = {
  title: "This could not be read.",
  again: "Try again",
  requestId: (id: string) => `Request ${id}`,
  advice: {
    CONNECTION_FAILED: "The server cannot be reached. Check your connection; this is tried again by itself.",
    RATE_LIMITED: "Too much was asked for at once. Wait a moment, then try again.",
    SERVER_BUSY: "The server is busy. Try again in a few seconds.",
    SERVER_OVERLOADED: "The server is busy. Try again in a few seconds.",
    DATABASE_UNAVAILABLE: "The server's database is away. Try again in a few seconds.",
    FORECASTS_NOT_READY: "Forecasts are being made. Come back in a minute.",
    UNAUTHENTICATED: "Sign in to read this: the operator of this server shows it to users only.",
    TOKEN_EXPIRED: "Your session has ended. Sign in again.",
    TOKEN_INVALID: "Your session has ended. Sign in again.",
  },
  otherwise: "If it goes on, tell the operator of this server, with the number of the request.",
} as const;
