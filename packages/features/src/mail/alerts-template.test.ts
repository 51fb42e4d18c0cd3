import { expect, it } from "vitest";
import { exampleAlerts } from "../testing/example-emails.ts";
import type { Alert, AlertRecord } from "./alert.ts";
import { renderEmail } from "./render-email.ts";

const sites = { appUrl: "https://app.example.org", publicUrl: "https://api.example.org" };

function textOf(...alerts: Alert[]): string {
  const email = { template: "alerts", to: "ada@example.org", alerts, unsubscription: "token" } as const;
  return renderEmail(email, sites).text;
}

const forecast = exampleAlerts.filter((alert) => "record" in alert);

it("says of each alert on a forecast how often such alerts were right, or that this is not known yet", () => {
  expect(forecast.map(({ kind }) => kind)).toEqual([
    "risk_forecast_above_threshold",
    "yield_forecast_below_threshold",
    "illiquidity_above_threshold",
    "suggestion",
  ]);
  const withRecord = (alert: Alert, record: AlertRecord) => textOf({ ...alert, record } as Alert);
  for (const alert of forecast) {
    const known = withRecord(alert, { matured: 40, right: 26 });
    expect(known).toMatch(/^How often such \w+ were right so far: of 40 .*26 .*\(65 %/m);
    const unknown = withRecord(alert, { matured: 9, right: 9 });
    expect(unknown).toMatch(/^How often such \w+ are right is not known yet: 9 .*9 of them/m);
    expect(unknown).not.toMatch(/\(\d+ %/);
  }
});

it("says of simulated and of replayed figures that they are, and of others not", () => {
  for (const alert of exampleAlerts) {
    if (!("figures" in alert)) continue;
    const text = (simulated: boolean, replay: boolean) =>
      textOf({ ...alert, figures: { simulated, replay } });
    expect(text(true, false)).toContain("These figures are simulated: never invest on them.");
    expect(text(false, true)).toContain("These figures are replayed from a file");
    expect(text(false, false)).not.toMatch(/simulated|replayed/);
  }
});

it("names what happened, and where a status can be checked", () => {
  expect(textOf(...exampleAlerts)).toContain("ekubo");
  const evidence_url = "https://example.org/post-mortem";
  const text = textOf({ kind: "protocol_status", protocol: "vesu", status: "exploited", evidence_url });
  expect(text).toContain("vesu was exploited.");
  expect(text).toContain(`To check: ${evidence_url}`);
});
