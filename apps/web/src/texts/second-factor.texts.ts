export const secondFactorTexts = {
  code: {
    label: "Code",
    advice: "Six digits of your app, or a recovery code.",
    lead: "Your account has a second factor: give the code that your app shows.",
    back: "Back",
    remember: "Do not ask for codes on this device for 30 days",
  },
  title: "Second factor",
  off: "Off: your password alone signs you in. With an app that shows codes, somebody who knows it gets no further.",
  on: (day: string) => `On since ${day}: signing in takes a code of your app besides the password.`,
  left: (count: number) =>
    count === 1 ? "One recovery code is left." : `${count === 0 ? "No" : count} recovery codes are left.`,
  setUp: {
    begin: "Set up an app",
    lead: "Scan the picture with an app for codes, such as Aegis, 2FAS or a password manager; or type the secret into it. Then give the code that it shows.",
    picture: "QR code with the secret below",
    secret: "Secret",
    code: "Code of the app",
    advice: "Six digits.",
    submit: "Turn on",
  },
  codes: {
    title: "Your recovery codes",
    lead: "Each signs you in once without the app. Keep them where the app is not: they are shown this once.",
    save: "Save as a file",
    kept: "I have kept them",
  },
  renew: {
    title: "New recovery codes",
    lead: "The old ones stop working.",
    submit: "Make new codes",
  },
  turnOff: {
    title: "Turn it off",
    lead: "Then your password alone signs you in again.",
    submit: "Turn off",
  },
  devices: {
    title: "Remembered devices",
    lead: "Your password alone signs you in there. What protects the account still takes a code.",
    forget: "Forget",
    columns: { device: "Device", used: "Last used", ends: "Ends" },
  },
} as const;
