import { f6 } from '../c-format.ts';
import { POOL_PASSWORD } from '../device.ts';
import type { Device } from '../device.ts';
import type { MinerState } from '../miner-state.ts';
import { cookie, formLogin } from '../web.ts';
import type { Web } from '../web.ts';
import { found } from './cgminer-fork.ts';

const LOGIN_PAGE =
  '<html><head><title>Login</title></head><body><form method="post" action="/user/login">' +
  '<input name="username"><input name="word" type="password"><select name="yuyan"></select></form></body></html>\n';

/** Pages of an OpenWrt with `feedback` around everything; without a session the form of the login. */
export const ebangWeb: Web = {
  contentType: 'text/html',
  session: {
    user: 'admin',
    password: 'admin',
    credentials: formLogin('/user/login', 'username', 'word'),
    granted: (token) => ({
      body: '<html></html>',
      headers: { 'Set-Cookie': `ci_session=${token}; path=/; HttpOnly` },
    }),
    refused: { body: LOGIN_PAGE },
    wanted: { body: LOGIN_PAGE },
    token: ({ headers }) => cookie(headers, 'ci_session'),
    isOpen: () => false,
  },
  pages: (device, state, path) => {
    const feedback = feedbackOf(device, state, path);
    return feedback === null ? null : JSON.stringify({ status: 1, feedback });
  },
};

const terahashes = (ths: number): string => `${ths.toFixed(2)}T`;

/** Hours, minutes, seconds, none of them padded. */
const clock = (seconds: number): string =>
  `${Math.floor(seconds / 3600)}:${Math.floor(seconds / 60) % 60}:${seconds % 60}`;

function feedbackOf(
  device: Device,
  state: MinerState,
  path: string,
): Record<string, unknown> | null {
  const pool = state.pools.find(({ active }) => active);
  switch (path) {
    case '/Cgminer/CgminerStatus':
      return {
        currentpooltime: clock(state.uptimeS),
        rejected: state.rejected,
        findblock: 0,
        accepted: state.accepted,
        averfigure: terahashes(state.averageThs),
        currentaccident: `${device.shareDifficulty}.00000000`,
        getworks: Math.floor(state.uptimeS / 30),
        fiveavg: terahashes(state.rateThs[300]),
        harderrornumber: 0.0002,
        worktime: clock(state.uptimeS),
        fivesecfigure: terahashes(state.rateThs[5]),
        cgminerstatus: pool?.url ?? '',
      };
    case '/Cgminer/CgminerGetVal':
      return Object.fromEntries(
        state.pools.flatMap(({ url, user }, index) => [
          [`Mip${index + 1}`, url],
          [`Mwork${index + 1}`, user],
          [`Mpassword${index + 1}`, POOL_PASSWORD],
        ]),
      );
    case '/alarm/GetAlarmLoop':
      return {
        calValue: Number(f6(state.rateThs[5] * 1000)),
        pllValue: device.model.frequencyMhz,
        tmpValue: Math.round(Math.max(0, ...found(state).map(({ boardTempsC }) => boardTempsC[1]))),
        calAlarm: found(state).length < state.boards.length ? 1 : 0,
        poolAlarm: state.pools.some(({ alive }) => alive) ? 0 : 1,
        tempAlarm: state.activity === 'overheated' ? 1 : 0,
        eth1Alarm: 0,
      };
    case '/Status/getsystemstatus':
      return {
        memoryfree: 71,
        CPUavailability: 99,
        systemsoftwareversion: 'soft_v9.1.0.32',
        productname: device.model.type,
        hardwareversion: 'EBAZ4303-13-1.1.1.1',
        Productdescription: 'The Miner Control Device',
        ...Object.fromEntries(
          state.fansRpm.map((rpm, fan) => [fan === 0 ? 'devicefan' : `devicefan${fan + 1}`, rpm]),
        ),
        // Nought where no board sits.
        ...Object.fromEntries(
          state.boards.map((board) => [`device${board.index + 1}temp`, sensors(board)]),
        ),
      };
    default:
      return null;
  }
}

/** Two rows of two sensors. */
function sensors({ found: isThere, boardTempsC }: MinerState['boards'][number]): string | number {
  if (!isThere) return 0;
  const [inlet, outlet] = boardTempsC.map(Math.round);
  return `${outlet},${inlet}|${outlet},${inlet}`;
}
