import { describe, expect, it } from 'vitest';
import { wayTo } from './routes.ts';

// Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT; addresses are little-endian hex.
const TABLE = [
  'Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT',
  'eth0\t00000000\t0100000A\t0003\t0\t0\t100\t00000000\t0\t0\t0',
  'eth0\t0000000A\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0',
  'lan1\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0',
  '*\t0002A8C0\t00000000\t0201\t0\t0\t0\t00FFFFFF\t0\t0\t0',
  '',
].join('\n');

describe('way to a range', () => {
  it('takes the most specific route', () => {
    expect(wayTo('192.168.1.0/24', TABLE)).toEqual({ interface: 'lan1', gateway: null });
    expect(wayTo('10.0.0.5', TABLE)).toEqual({ interface: 'eth0', gateway: null });
    expect(wayTo('172.16.0.0/24', TABLE)).toEqual({ interface: 'eth0', gateway: '10.0.0.1' });
  });

  it('knows when there is none', () => {
    const withoutDefault = TABLE.split('\n').filter((_, index) => index !== 1);
    expect(wayTo('172.16.0.0/24', withoutDefault.join('\n'))).toBeNull();
    expect(wayTo('192.168.2.0/24', TABLE)).toBeNull();
    expect(wayTo('127.20.0.0/24', 'Iface')).toEqual({ interface: 'lo', gateway: null });
  });
});
