import { saveFile } from "../../../format/save-file.ts";
import { texts } from "../../../texts/index.ts";

const { codes: words } = texts.secondFactor;

interface RecoveryCodesProps {
  readonly codes: readonly string[];
  readonly onKept: () => void;
}

/** Codes that were just made. */
export function RecoveryCodes({ codes, onKept }: RecoveryCodesProps) {
  return (
    <div role="status" className="new-key">
      <h3>{words.title}</h3>
      <p>{words.lead}</p>
      <ul className="codes">
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="actions">
        <button
          type="button"
          className="button"
          onClick={() => saveFile("obsqra-recovery-codes.txt", `${codes.join("\n")}\n`, "text/plain")}
        >
          {words.save}
        </button>
        <button type="button" className="button" onClick={onKept}>
          {words.kept}
        </button>
      </div>
    </div>
  );
}
