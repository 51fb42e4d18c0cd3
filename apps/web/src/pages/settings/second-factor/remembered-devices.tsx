import { useMutation, useQuery } from "@tanstack/react-query";
import { queries, queryClient } from "../../../api/client.ts";
import { FormError } from "../../../components/form.tsx";
import { ScrollTable } from "../../../components/scroll-table.tsx";
import { fullDay, moment } from "../../../format/figures.ts";
import { texts } from "../../../texts/index.ts";

const { devices: words } = texts.secondFactor;

/** Where the second factor is not asked for. */
export function RememberedDevices() {
  const { data, error } = useQuery(queries.auth.remembered_devices.queryOptions({ limit: 100 }));
  const forget = useMutation({
    ...queries.auth.forget_device.mutationOptions(),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.auth.remembered_devices.pathKey() }),
  });
  const items = data?.items ?? [];
  if (items.length === 0) return <FormError error={error} />;
  return (
    <div>
      <h3>{words.title}</h3>
      <p className="muted small">{words.lead}</p>
      <FormError error={forget.error} />
      <ScrollTable>
        <thead>
          <tr>
            <th scope="col">{words.columns.device}</th>
            <th scope="col">{words.columns.used}</th>
            <th scope="col">{words.columns.ends}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {items.map(({ id, user_agent, last_used_at, expires_at }) => (
            <tr key={id}>
              <th scope="row" className="device">
                {user_agent ?? texts.settings.sessions.unknownDevice}
              </th>
              <td>{moment(last_used_at)}</td>
              <td>{fullDay(expires_at)}</td>
              <td className="number">
                <button
                  type="button"
                  className="button"
                  data-size="small"
                  onClick={() => forget.mutate({ device_id: id })}
                >
                  {words.forget}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
    </div>
  );
}
