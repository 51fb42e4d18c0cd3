import type { RiskExplanation, YieldExplanation } from "@obsqra/client";
import { CsvButton } from "../../components/csv-button.tsx";
import { Explained } from "../../components/explained.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { change } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { contributions: words } = texts.market;

interface ContributionsProps {
  readonly title: string;
  readonly explanation: RiskExplanation | YieldExplanation;
  /** What the parts sum to. */
  readonly total: number;
  /** Writes a figure with its unit. */
  readonly format: (value: number | null | undefined) => string;
}

interface Part {
  readonly name: string;
  readonly meaning: string;
  readonly value: number;
}

/** What a forecast is made up of: the parts sum to it. */
export function Contributions({ title, explanation, total, format }: ContributionsProps) {
  const { naive, start, features, others, sentence } = explanation;
  const moved: readonly Part[] = [
    ...features.map(({ name, meaning, contribution }) => ({ name, meaning, value: contribution })),
    { name: words.others, meaning: words.othersLong, value: others },
  ];
  const largest = Math.max(...moved.map(({ value }) => Math.abs(value)));
  const base = [
    { name: words.naive, meaning: words.naiveLong, value: naive },
    { name: words.start, meaning: words.startLong, value: start },
  ];
  return (
    <section className="card">
      <div className="card-head">
        <h2>{title}</h2>
        <CsvButton
          name={title}
          header={["part", "meaning", "contribution"]}
          rows={() => [...base, ...moved].map(({ name, meaning, value }) => [name, meaning, value])}
        />
      </div>
      <p className="card-body muted small">{sentence}</p>
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{words.part}</th>
            <td />
            <th scope="col" className="number">
              {words.moves}
            </th>
          </tr>
        </thead>
        <tbody>
          {base.map((part) => (
            <Line key={part.name} part={part} shown={format(part.value)} share={0} />
          ))}
          {moved.map((part) => (
            <Line
              key={part.name}
              part={part}
              shown={change(part.value, format)}
              share={largest === 0 ? 0 : part.value / largest}
            />
          ))}
          <tr>
            <th scope="row">{words.total}</th>
            <td />
            <td className="number">
              <b>{format(total)}</b>
            </td>
          </tr>
        </tbody>
      </ScrollTable>
    </section>
  );
}

interface LineProps {
  readonly part: Part;
  readonly shown: string;
  /** How long its bar is, -1 to 1; 0 for none. */
  readonly share: number;
}

function Line({ part, shown, share }: LineProps) {
  return (
    <tr>
      <th scope="row">
        <Explained lines={[part.meaning]}>{part.name.replaceAll("_", " ")}</Explained>
      </th>
      <td>
        <svg className="moved" aria-hidden="true" viewBox="-100 0 200 8" preserveAspectRatio="none">
          <rect x={Math.min(0, 100 * share)} width={Math.abs(100 * share)} height="8" data-down={share < 0} />
        </svg>
      </td>
      <td className="number">{shown}</td>
    </tr>
  );
}
