import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { queries, queryClient } from "../../../api/client.ts";
import { Loaded } from "../../../components/loaded.tsx";
import { TitledCard } from "../../../components/titled-card.tsx";
import { fullDay } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";
import { RecoveryCodes } from "./recovery-codes.tsx";
import { RememberedDevices } from "./remembered-devices.tsx";
import { RenewCodes, TurnOff } from "./second-factor-changes.tsx";
import { TotpSetUp } from "./totp-set-up.tsx";

const words = texts.secondFactor;

/** Whether signing in takes a code, and what can be done about it. */
export function SecondFactor() {
  const factor = useQuery(queries.auth.second_factor.queryOptions());
  const [codes, setCodes] = useState<readonly string[]>();
  const show = async (made: readonly string[] | undefined) => {
    setCodes(made);
    await queryClient.invalidateQueries({ queryKey: queries.auth.pathKey() });
    await queryClient.invalidateQueries({ queryKey: queries.users.audit_log.pathKey() });
  };
  return (
    <TitledCard title={words.title}>
      {codes === undefined ? null : <RecoveryCodes codes={codes} onKept={() => setCodes(undefined)} />}
      <Loaded query={factor} height={120}>
        {({ totp_confirmed_at: since, recovery_codes_left: left }) =>
          since === null ? (
            <>
              <p className="muted">{words.off}</p>
              <TotpSetUp onTurnedOn={show} />
            </>
          ) : (
            <>
              <p className="muted">
                {words.on(fullDay(since))} {words.left(left)}
              </p>
              <RememberedDevices />
              <RenewCodes onMade={show} />
              <TurnOff onDone={() => show(undefined)} />
            </>
          )
        }
      </Loaded>
    </TitledCard>
  );
}
