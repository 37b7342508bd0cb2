import type { Device } from '../device.ts';
import type { MinerState, PoolState } from '../miner-state.ts';
import type { Web } from '../web.ts';

const GHS = 1e3;

/** Rows without names, at one address; nothing of the maker at `/`. */
export const multminerWeb: Web = {
  contentType: 'text/plain',
  pages: (device, state, path, query) => {
    if (path === '/') return '<html><head><title>Login</title></head><body></body></html>\n';
    return path === '/gst.csp' && query === 'a=a' ? JSON.stringify(status(device, state)) : null;
  },
  // Its own page asks by POST.
  posts: (device, state, path, body) => multminerWeb.pages(device, state, path, body),
};

function status(device: Device, state: MinerState) {
  return {
    err: 0,
    mt: `trb 2020/06/17 01:04:04 Hr:${(state.rateThs[5] * GHS).toFixed(3)} Pw:${state.powerW}`,
    bd: state.boards.map((board) => ({
      ol: board.found ? 1 : 0,
      cn: board.chips,
      tphr: [0, 0, 0, 0],
      cs: chips(device, state, board),
    })),
    ms: state.pools.map((pool) => miner(state, pool)),
    isalarm: 0,
  };
}

/** On, °C, two noughts, three counts, and the rate with the frequency behind it. */
function chips(device: Device, state: MinerState, board: MinerState['boards'][number]) {
  const [inlet, outlet] = board.chipTempsC;
  const each = board.chipsGood === 0 ? 0 : (state.rateThs[5] * board.share * GHS) / board.chipsGood;
  return Array.from({ length: device.model.chipsPerBoard }, (_, chip) => {
    const share = device.model.chipsPerBoard > 1 ? chip / (device.model.chipsPerBoard - 1) : 1;
    const isOn = chip < board.chipsGood;
    const rate = isOn ? each : 0;
    return board.found
      ? [
          isOn ? 1 : 0,
          Number((inlet + (outlet - inlet) * share).toFixed(2)),
          0,
          0,
          '1316/1365',
          '3/0',
          '743/782',
          `${rate.toFixed(4)}GH/s | ${board.frequencyMhz}`,
        ]
      : [0, 0, 0, 0, '0/0', '0/0', '0/0', ''];
  });
}

const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');

/** State, since when, worker, accepted, rejected, stale as text, and how the miner was started. */
function miner(state: MinerState, pool: PoolState): string[] {
  const { uptimeS } = state;
  return [
    pool.active ? 'working' : pool.alive ? 'connected' : 'disconnected',
    `${two(uptimeS / 3600)}:${two((uptimeS / 60) % 60)}:${two(uptimeS % 60)}`,
    pool.user,
    String(pool.accepted),
    String(pool.rejected),
    String(pool.stale),
    `-o${pool.priority === 0 ? '' : pool.priority} ${pool.url.replace('stratum+tcp://', '')}`,
  ];
}
