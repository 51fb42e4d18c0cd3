import { useQuery } from "@tanstack/react-query";
import { queries } from "../../api/client.ts";
import { Loaded } from "../../components/loaded.tsx";
import { whole } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { usage: words } = texts.settings;

/** How far the limits of an account are used. */
export function UsageCard() {
  const usage = useQuery(queries.users.usage.queryOptions());
  return (
    <section className="card">
      <div className="card-head">
        <h2>{words.title}</h2>
      </div>
      <div className="card-body">
        <Loaded query={usage} height={96}>
          {({ plan, limits }) => (
            <dl className="facts">
              <div>
                <dt>{words.plan}</dt>
                <dd>{plan}</dd>
              </div>
              {limits.map(({ policy, quota, remaining, window_seconds }) => (
                <div key={policy}>
                  <dt>{words.per(policy, window_seconds)}</dt>
                  <dd>{words.left(whole(remaining), whole(quota))}</dd>
                </div>
              ))}
            </dl>
          )}
        </Loaded>
      </div>
    </section>
  );
}
