import type { Alert, AlertFigures, AlertRecord } from "./alert.ts";
import type { Email } from "./email.ts";
import type { EmailContent } from "./email-content.ts";

type Of<TTemplate extends Email["template"]> = Extract<Email, { template: TTemplate }>;

/** With fewer outcomes than this, how often alerts were right says nothing yet. */
const outcomesMin = 10;

export function alerts({ alerts: told, organisation }: Of<"alerts">): EmailContent {
  const [first] = told;
  return {
    subject: told.length === 1 && first !== undefined ? subjectOf(first) : "What concerns your holdings",
    paragraphs: [...ofOrganisation(organisation), ...told.flatMap(describe)],
    otherwise: noAdvice,
  };
}

export function alertDigest({ day, alerts: told, organisation }: Of<"alert_digest">): EmailContent {
  return {
    subject: "What happened since the last digest",
    paragraphs: [
      `Alerts up to ${day}, the oldest first.`,
      ...ofOrganisation(organisation),
      ...told.flatMap(describe),
    ],
    otherwise: noAdvice,
  };
}

function ofOrganisation(name: string | undefined): string[] {
  return name === undefined ? [] : [`This is about your organisation ${name}, as one of its owners.`];
}

const noAdvice = "Nothing was moved, and nothing moves by itself: what to do is up to you.";

function subjectOf(alert: Alert): string {
  switch (alert.kind) {
    case "risk_above_threshold":
      return "A risk has risen above your threshold";
    case "risk_forecast_above_threshold":
      return "A risk is forecast to rise above your threshold";
    case "yield_forecast_below_threshold":
      return "A yield is forecast below your threshold";
    case "illiquidity_above_threshold":
      return "A market of yours may become illiquid";
    case "protocol_status":
      return alert.status === "exploited"
        ? "A protocol of yours was exploited"
        : "A protocol of yours was paused";
    case "suggestion":
      return "A move is suggested to you";
    case "transaction_failed":
      return "A transaction of yours has failed";
    case "webhook_disabled":
      return "A webhook of yours was disabled";
    default:
      return alert satisfies never;
  }
}

function describe(alert: Alert): string[] {
  switch (alert.kind) {
    case "risk_above_threshold":
      return [
        `The risk score of ${alert.protocol} is ${score(alert.risk_score)} on ${day(alert.as_of)}, above your threshold of ${alert.threshold}. You are told again once it was well below and rises anew.`,
        ...describeFigures(alert.figures),
      ];
    case "risk_forecast_above_threshold":
      return [
        `The risk score of ${alert.protocol} is ${score(alert.current_risk_score)}, and forecast to be ${score(alert.risk_score)} on ${day(alert.target_at)}, above your threshold of ${alert.threshold}.`,
        thresholdRecord(alert.record, `forecasts that a risk would rise above ${alert.threshold}`),
        ...describeFigures(alert.figures),
      ];
    case "yield_forecast_below_threshold":
      return [
        `The APY of ${alert.protocol} is ${alert.current_apy.toFixed(2)} %, and forecast to be ${alert.apy.toFixed(2)} % on average until ${day(alert.target_at)}, below your threshold of ${alert.threshold} %. You are told again once it was well above and falls anew.`,
        thresholdRecord(alert.record, `forecasts of an APY below ${alert.threshold} %`),
        ...describeFigures(alert.figures),
      ];
    case "illiquidity_above_threshold":
      return [
        `The market ${alert.symbol} of ${alert.protocol} may become illiquid until ${day(alert.until)}: by the forecast with a probability of ${alert.probability_percent.toFixed(0)} %, above your threshold of ${alert.threshold} %. It would be frozen, or nearly all of it lent, so that money in it could not be withdrawn for a time.`,
        thresholdRecord(alert.record, `forecasts of more than ${alert.threshold} %`),
        ...describeFigures(alert.figures),
      ];
    case "protocol_status":
      return [
        alert.status === "exploited"
          ? `${alert.protocol} was exploited. Money in it may be lost, and nobody is advised to hold it any more.`
          : `${alert.protocol} is paused. Money in it may not be withdrawable for now, and nobody is advised to move there.`,
        ...(alert.evidence_url === null ? [] : [`To check: ${alert.evidence_url}`]),
      ];
    case "suggestion":
      return [
        `Forecasts advise another allocation: ${alert.moves.map(describeMove).join(", ")}. You have asked to be told, and it stands among your suggestions with its reasons.`,
        intervalRecord(alert.record),
        ...describeFigures(alert.figures),
      ];
    case "transaction_failed":
      return [
        alert.status === "failed"
          ? `Your ${alert.tx_type} ${alert.tx_hash} has failed on the chain: it has changed nothing there.`
          : `Your ${alert.tx_type} ${alert.tx_hash} was not found on the chain for seven days, and counts as not sent.`,
      ];
    case "webhook_disabled":
      return [
        alert.reason === "gone"
          ? `Your webhook ${alert.webhook_id} was disabled: its receiver has said that it is gone (410).`
          : `Your webhook ${alert.webhook_id} was disabled: its receiver has taken nothing for 24 hours.`,
        "Mend the receiver, then enable the webhook again and have what it missed sent once more.",
      ];
    default:
      return alert satisfies never;
  }
}

function describeMove({
  protocol,
  from_percent,
  to_percent,
}: {
  readonly protocol: string;
  readonly from_percent: number;
  readonly to_percent: number;
}): string {
  return `${protocol} from ${from_percent} % to ${to_percent} %`;
}

/** @param forecasts those that have said the same */
function thresholdRecord({ matured, right }: AlertRecord, forecasts: string): string {
  if (matured < outcomesMin) {
    return `How often such alerts are right is not known yet: ${matured} ${forecasts} have an outcome so far, and ${right} of them came true.`;
  }
  return `How often such alerts were right so far: of ${matured} ${forecasts}, ${right} came true (${percent(right, matured)} %).`;
}

function intervalRecord({ matured, right }: AlertRecord): string {
  const what = "outcomes of the forecasts of risk and yield that suggestions rest on";
  if (matured < outcomesMin) {
    return `How often such forecasts are right is not known yet: ${matured} ${what} are known so far, and ${right} of them were within the interval that was stated.`;
  }
  return `How often such forecasts were right so far: of ${matured} ${what}, ${right} were within the interval that was stated (${percent(right, matured)} %; 90 % would be as stated).`;
}

function describeFigures({ simulated, replay }: AlertFigures): string[] {
  return [
    ...(simulated ? ["These figures are simulated: never invest on them."] : []),
    ...(replay ? ["These figures are replayed from a file, as of its last day, which may be long ago."] : []),
  ];
}

function score(value: number): string {
  return value.toFixed(1);
}

function percent(part: number, whole: number): string {
  return ((100 * part) / whole).toFixed(0);
}

/** The day of a moment in UTC. */
function day(moment: string): string {
  return moment.slice(0, 10);
}
