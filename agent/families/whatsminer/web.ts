import type { Replies } from '../family.ts';
import { text } from '../values.ts';

export const OVERVIEW = '/cgi-bin/luci/admin/status/overview';

/**
 * A field of the LuCI overview page ("Model", "Hostname", "Firmware Version"): all that a machine tells
 * whose miner process, and with it 4028, is down.
 */
export function overview(field: string): (replies: Replies) => string | null {
  const cell = new RegExp(
    `>${field}</td>(?:\\\\[nt]|\\s)*<td[^>]*>(?:\\\\[nt]|\\s)*([^<\\\\]+)`,
    'i',
  );
  return (replies) => {
    const page = replies.get(OVERVIEW);
    return typeof page === 'string' ? text(cell.exec(page)?.[1]) : null;
  };
}
