export { codeOf, createTestClock, errorOf, recordStatements, type TestClock } from "@obsqra/platform/testing";
export { recordActuals } from "../predictions/forecasts/actuals.service.ts";
export { scoreSuggestions } from "../predictions/track-record/suggestion-scores.service.ts";
export { logSuggestionOutcomes } from "../receipts/suggestion-outcomes/suggestion-outcomes.service.ts";
export {
  askForReset,
  askForVerification,
  confirmChange,
  eventTypes,
  opens,
  removePasswords,
  signUpVerified,
} from "./account-steps.ts";
export { addRememberedDevice } from "./add-remembered-device.ts";
export { addWebhookAttempt } from "./add-webhook-attempt.ts";
export {
  agentCallback,
  agentParameters,
  agentVerifier,
  askAsAgent,
  letAgentIn,
  testAgent,
} from "./agent-steps.ts";
export { alertMailsTo, signUpHolder, writeAllAlerts } from "./alert-steps.ts";
export { callProcedure } from "./call-procedure.ts";
export { callerWith } from "./caller-with.ts";
export { countStatements } from "./count-statements.ts";
export {
  type ChainTestApi,
  createChainTestApi,
  link,
  linkCounterfactual,
  signChallenge,
} from "./create-chain-test-api.ts";
export { createStrangers, type Stranger } from "./create-strangers.ts";
export { createTestApi, type TestApi, type TestApiOptions } from "./create-test-api.ts";
export { createTestWitness } from "./create-test-witness.ts";
export { exampleEmails, exampleToken } from "./example-emails.ts";
export { forecastHere } from "./forecast-here.ts";
export {
  addIdentityRow,
  linkTestIdentity,
  loginWithTestIdentity,
  openTestIdentity,
} from "./identity-steps.ts";
export { importCsv, loadCsv } from "./import-csv.ts";
export { importLater } from "./import-later.ts";
export { logIn } from "./log-in.ts";
export { openTestWork } from "./open-test-work.ts";
export { addJobRuns, makeOperator } from "./operators.ts";
export {
  addInvitationRow,
  addOrganisationRow,
  addTestMember,
  foundOrganisation,
  inviteTo,
  isForOrganisationsOnly,
  type TestMember,
} from "./organisation-steps.ts";
export { addPasskeyRow, addTestPasskey } from "./passkey-steps.ts";
export { addPastSuggestions } from "./past-suggestions.ts";
export { promoteAlways } from "./promote-always.ts";
export { readAllPages } from "./read-all-pages.ts";
export { readEvents } from "./read-events.ts";
export { readMails, readNewestToken } from "./read-mails.ts";
export { createRememberingHasher } from "./remembering-hasher.ts";
export { codeAt, signUpWithTotp, startLogin, type TestApp, turnOnTotp } from "./second-factor-steps.ts";
export { answerOf, createTestIdentityProvider, type TestIdentity } from "./test-identity-provider.ts";
export { createTestPasskey, type PasskeyTwist, type TestPasskey } from "./test-passkey.ts";
export { trainOnce, trainOnceWith } from "./train-once.ts";
export { writeWholeLog } from "./write-whole-log.ts";
