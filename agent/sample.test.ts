import { describe, expect, it } from 'vitest';
import { discoveredMiner, minerSample } from '#contract/miner.ts';
import { board } from './families/capabilities.ts';
import type { KnownMiner, ReadResult } from './miner.ts';
import { emptyReading } from './reading.ts';
import type { Reading } from './reading.ts';
import { isDetailed, toDiscovered, toSample } from './sample.ts';

const SLOT = new Date('2026-03-01T10:00:00Z');

function miner(identity: Partial<KnownMiner['identity']> = {}): KnownMiner {
  return {
    host: '10.0.0.5',
    port: 4028,
    family: 'antminer-stock',
    identity: { ...emptyReading().identity, make: 'AntMiner', model: 'S19', ...identity },
    memory: new Map(),
  };
}

function read(change: (reading: Reading) => void): ReadResult {
  const reading = emptyReading();
  change(reading);
  return { reachable: true, reading, durationMs: 12.4, exchanges: [] };
}

/** Seconds of the hour at which the samples are detailed. */
const inAnHour = (intervalS: number) =>
  Array.from({ length: 3600 / intervalS }, (_, i) => i * intervalS).filter((slotS) =>
    isDetailed(new Date(slotS * 1000), intervalS * 1000),
  );

const healthy = (reading: Reading) => {
  reading.hashrate.nowThs = 100;
  reading.thermal.chipMaxC = 80;
  reading.pools = [
    {
      url: 'stratum+tcp://pool.example:3333',
      user: 'worker.001',
      priority: 0,
      alive: true,
      active: true,
      accepted: 5,
      rejected: 0,
      stale: 0,
      isDevFee: false,
    },
  ];
};

describe('sample', () => {
  it('says of an unreachable miner that it is, why, and no measure', () => {
    const sample = toSample(miner({ mac: '020000000001' }), SLOT, {
      reachable: false,
      reason: 'refused',
      detail: 'nobody listens',
      durationMs: 3,
      exchanges: [],
    });
    expect(sample).toEqual({
      ip_address: '10.0.0.5',
      port: 4028,
      timestamp: '2026-03-01T10:00:00.000Z',
      mac: '020000000001',
      manufacturer: 'AntMiner',
      model: 'S19',
      duration_ms: 3,
      reachable: false,
      reason: 'refused',
    });
  });

  it('keeps zero, leaves out what was not reported', () => {
    const sample = toSample(
      miner(),
      SLOT,
      read((reading) => {
        reading.hashrate.nowThs = 0;
        reading.shares.rejected = 0;
        reading.state.mining = false;
      }),
    );
    expect(sample).toMatchObject({ hash_rate: 0, rejected_shares: 0, mining: false });
    expect(sample).not.toHaveProperty('power_consumption');
    expect(sample).not.toHaveProperty('temperature');
    expect(sample).not.toHaveProperty('boards');
  });

  it('does not report what no miner can reach', () => {
    const sample = toSample(
      miner(),
      SLOT,
      read((reading) => {
        reading.hashrate.nowThs = 4.3e9;
        reading.hashrate.avgThs = Number.NaN;
        reading.power.watts = -1;
        reading.fans = [
          { slot: 1, rpm: 65_535, percent: null },
          { slot: 0, rpm: 5400, percent: null },
        ];
        Object.assign(reading.thermal, { chipMaxC: 255, boardMaxC: 61, envC: -273 });
        reading.shares.accepted = -5;
      }),
    );
    for (const absent of [
      'hash_rate',
      'hash_rate_avg',
      'power_consumption',
      'temp_chip',
      'temp_env',
    ]) {
      expect(sample).not.toHaveProperty(absent);
    }
    expect(sample).not.toHaveProperty('accepted_shares');
    expect(sample).toMatchObject({ fan_speed: 5400, fans: [5400, null], temperature: 61 });
  });

  it('takes the hottest of chip and board, from the boards when the miner gives no maximum', () => {
    const sample = toSample(
      miner(),
      SLOT,
      read((reading) => {
        reading.boards = [
          {
            slot: 0,
            hashrateThs: 31.5,
            expectedThs: null,
            chips: 76,
            chipsGood: null,
            chipsExpected: null,
            boardTempsC: [58, 60],
            chipTempsC: [71, 74, 255],
            frequencyMhz: 545,
            voltageV: 13.8,
            powerW: null,
            hwErrors: 3,
            serial: null,
          },
        ];
        reading.thermal.envC = 80;
      }),
    );
    expect(sample).toMatchObject({ temperature: 74, temp_chip: 74, temp_board: 60, temp_env: 80 });
    expect(sample.boards).toEqual([
      {
        slot: 0,
        hash_rate: 31.5,
        temp_chip: 74,
        temp_board: 60,
        chips: 76,
        frequency_mhz: 545,
        voltage_v: 13.8,
        hw_errors: 3,
      },
    ]);
  });

  it('puts the pool rejected percentage where the old agent put it', () => {
    const sample = toSample(
      miner(),
      SLOT,
      read((reading) => {
        reading.shares.poolRejectedPercent = 0.0275;
      }),
    );
    expect(sample.pool_switches).toBe(0.0275);
  });

  it('goes by the MAC the miner says now: another miner may have taken the address', () => {
    const known = miner({ mac: '020000000001', serial: 'A', model: 'S19' });
    const other = toSample(
      known,
      SLOT,
      read((reading) => {
        reading.identity.mac = '020000000002';
        reading.identity.model = 'S21';
      }),
    );
    expect(other).toMatchObject({ mac: '020000000002', model: 'S21' });
    expect(other).not.toHaveProperty('serial');
    expect(
      toSample(
        known,
        SLOT,
        read(() => undefined),
      ),
    ).toMatchObject({
      mac: '020000000001',
      serial: 'A',
    });
  });

  it('cleans text and hides passwords in pool addresses', () => {
    const sample = toSample(
      miner(),
      SLOT,
      read((reading) => {
        reading.state.text = 'x';
        reading.pools = [
          {
            url: 'stratum+tcp://worker.001:secret@pool.example:3333',
            user: `worker.001\u0000\n${'x'.repeat(400)}`,
            priority: 0,
            alive: true,
            active: true,
            accepted: null,
            rejected: null,
            stale: null,
            isDevFee: false,
          },
        ];
      }),
    );
    expect(JSON.stringify(sample)).not.toContain('secret');
    expect(sample.pools?.[0]?.url).toBe('stratum+tcp://pool.example:3333');
    expect(sample.pools?.[0]?.user).toHaveLength(255);
    expect(sample.pools?.[0]?.user).toMatch(/^worker\.001 {2}x/);
  });

  it('leaves no half character where it cuts', () => {
    const sample = toSample(
      miner({ serial: `${'x'.repeat(254)}\u{1f600}` }),
      SLOT,
      read(() => undefined),
    );
    expect(sample.serial).toHaveLength(255);
    expect(sample.serial?.isWellFormed()).toBe(true);
  });

  it('fits the contract', () => {
    const sample = toSample(
      miner(),
      SLOT,
      read((reading) => {
        reading.shares.accepted = 12.7;
        reading.fans = [{ slot: 0, rpm: 5400.4, percent: null }];
        reading.errors = [{ code: '', text: null, severity: null }];
      }),
    );
    expect(minerSample.parse(sample)).toMatchObject({ accepted_shares: 12, fan_speed: 5400 });
    const found = discoveredMiner.parse(toDiscovered(miner({ make: null })));
    expect(found).toMatchObject({ name: 'Unknown-10.0.0.5', family: 'antminer-stock', port: 4028 });
  });

  it('is detailed in the first slot of each five minutes, whatever the interval', () => {
    expect(inAnHour(60)).toEqual(Array.from({ length: 12 }, (_, i) => i * 300));
    // Multiples of 90 s seldom are multiples of five minutes.
    expect(inAnHour(90)).toEqual([
      0, 360, 630, 900, 1260, 1530, 1800, 2160, 2430, 2700, 3060, 3330,
    ]);
    expect(inAnHour(600)).toHaveLength(6);
  });

  it('gives every board a slot of its own that the server takes, whatever the miner numbers them', () => {
    const numbered = [1, 1, -1, 2.5, 4000, Number.NaN];
    const sample = toSample(
      miner(),
      SLOT,
      read((reading) => {
        reading.boards = numbered.map((slot) => board(slot));
      }),
    );
    expect(sample.boards?.map(({ slot }) => slot)).toEqual([1, 2, 0, 3, 4, 5]);
    expect(minerSample.safeParse(sample).error).toBeUndefined();
  });

  it('leaves boards and pools out between these, unless the miner names a fault', () => {
    const brief = toSample(miner(), SLOT, read(healthy), false);
    expect(brief).toMatchObject({ hash_rate: 100, temp_chip: 80 });
    expect(brief).not.toHaveProperty('pools');
    const faulty = read((reading) => {
      healthy(reading);
      reading.errors = [{ code: '530', text: 'board 0 missing', severity: 'error' }];
    });
    expect(toSample(miner(), SLOT, faulty, false).pools).toHaveLength(1);
  });
});
