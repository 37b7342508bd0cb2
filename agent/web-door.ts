import { portOf } from './families/ask.ts';
import type { Ask } from './families/ask.ts';
import type { Family, Step } from './families/family.ts';

/** Where a miner's web server may be, best first. A plan's port 80 stands for whichever it is. */
export const WEB_DOORS = [80, 8080, 443, 4433] as const;

export const isDoor = (port: number): boolean => WEB_DOORS.some((door) => door === port);

/** Behind these a web server speaks TLS, with a certificate it signed itself. */
export const isTls = (port: number): boolean => port === 443 || port === 4433;

/** Where a port of a family's plan really is. An API on 8080 is behind TLS only where 8080 is shut: else that would be the door. */
export const behind = (port: number, door: number): number =>
  port === 80 || (port === 8080 && isTls(door)) ? door : port;

/** The port a request really goes to, where the device's web server is behind `door`. */
export const realPort = (ask: Ask, door: number): number =>
  ask.via === 'http' ? behind(portOf(ask), door) : portOf(ask);

/** The steps for a device known by `port`. */
export function planOf(family: Family, port: number): readonly Step[] | undefined {
  return (
    family.plans.get(port) ??
    (isDoor(port) ? (family.plans.get(80) ?? family.plans.get(8080)) : undefined)
  );
}
