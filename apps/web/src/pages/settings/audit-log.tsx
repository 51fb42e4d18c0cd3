import { type AuditEvent, paginate } from "@obsqra/client";
import { itemsOf } from "@obsqra/client/react-query";
import { useInfiniteQuery } from "@tanstack/react-query";
import { obsqra, queries } from "../../api/client.ts";
import { ChainCheck } from "../../chains/chain-check.tsx";
import { Loaded } from "../../components/loaded.tsx";
import { MoreButton } from "../../components/more-button.tsx";
import { ScrollTable } from "../../components/scroll-table.tsx";
import { moment, unknown } from "../../format/figures.ts";
import { texts } from "../../texts/index.ts";

const { audit: words } = texts.settings;

/** All that happened to the security of an account. */
export function AuditLog() {
  const pages = useInfiniteQuery(queries.users.audit_log.infiniteQueryOptions({ limit: 20 }));
  return (
    <section className="card">
      <div className="card-head">
        <h2>{words.title}</h2>
      </div>
      <ChainCheck
        check={async (onProgress) => {
          const { followAuditLog } = await import("../../chains/follow-chain.ts");
          return followAuditLog(paginate(obsqra.users.audit_log, { sort: "oldest", limit: 100 }), onProgress);
        }}
      />
      <Loaded query={pages} height={320}>
        {(data) => <EventTable events={itemsOf(data)} />}
      </Loaded>
      <MoreButton pages={pages} />
    </section>
  );
}

function EventTable({ events }: { readonly events: readonly AuditEvent[] }) {
  const { columns } = words;
  return (
    <ScrollTable>
      <thead>
        <tr>
          <th scope="col">{columns.what}</th>
          <th scope="col">{columns.when}</th>
          <th scope="col">{columns.from}</th>
          <th scope="col">{columns.device}</th>
          <th scope="col" className="number">
            {columns.entry}
          </th>
        </tr>
      </thead>
      <tbody>
        {events.map(({ id, type, occurred_at, ip, user_agent, position }) => (
          <tr key={id}>
            <th scope="row">{words.types[type]}</th>
            <td>{moment(occurred_at)}</td>
            <td>{ip ?? unknown}</td>
            <td>
              <div className="device small">{user_agent ?? unknown}</div>
            </td>
            <td className="number">{position}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}
